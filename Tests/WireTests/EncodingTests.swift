import Testing
import Wire

@Suite("Base64, base64url and hexadecimal (RFC 4648)")
struct EncodingTests {
  /// RFC 4648 §10.
  static let vectors: [(String, String, String)] = [
    ("", "", ""), ("f", "Zg==", "66"), ("fo", "Zm8=", "666f"), ("foo", "Zm9v", "666f6f"),
    ("foob", "Zm9vYg==", "666f6f62"), ("fooba", "Zm9vYmE=", "666f6f6261"), ("foobar", "Zm9vYmFy", "666f6f626172"),
  ]

  @Test("the RFC's own vectors hold in both directions", arguments: vectors)
  func rfcVectors(text: String, base64: String, hex: String) {
    let bytes = Array(text.utf8)
    let unpadded = String(base64.prefix { $0 != "=" })
    #expect(Base64.encode(bytes) == base64)
    #expect(Base64.decode(base64) == bytes)
    #expect(Base64URL.encode(bytes) == unpadded)
    #expect(Base64URL.decode(unpadded) == bytes)
    #expect(Hex.encode(bytes) == hex)
    #expect(Hex.decode(hex) == bytes)
    #expect(Hex.decode(hex.uppercased()) == bytes)
  }

  @Test("the alphabets differ in their last two characters")
  func alphabets() {
    #expect(Base64URL.encode([0xFB, 0xEF, 0xFF]) == "--__")
    #expect(Base64.encode([0xFB, 0xEF, 0xFF]) == "++//")
    #expect(Base64URL.decode("--__") == [0xFB, 0xEF, 0xFF])
    #expect(Base64URL.decode("++//") == nil)
    #expect(Base64.decode("--__") == nil)
  }

  @Test("every byte survives, from arrays, slices and collections without storage")
  func everyByte() {
    for length in 0..<260 {
      let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 7) }
      #expect(Base64URL.decode(Base64URL.encode(bytes)) == bytes)
      #expect(Base64.decode(Base64.encode(bytes[...])) == bytes)
      #expect(Base64URL.encode(bytes.reversed() as ReversedCollection) == Base64URL.encode(Array(bytes.reversed())))
      #expect(Hex.decode(Hex.encode(bytes)) == bytes)
    }
  }

  @Test(
    "base64url has one spelling per value",
    arguments: [
      "Zg==", "Zg=", "Z", "Zm9vY", "Zh", "Zm9", "Zm 9v", "Zm9v\n", " Zm9v", "Zm9v\0", "Zm9é", "====", "=", "Zm9v.Zm9v",
    ])
  func base64URLIsStrict(text: String) {
    #expect(Base64URL.decode(text) == nil)
    #expect(Base64URL.decode(Array(text.utf8)) == nil)
  }

  @Test(
    "base64 has one spelling per value",
    arguments: ["Zg", "Zg=", "Zh==", "Zm9=", "Z===", "====", "=", "Zg==Zg==", "Zm9v\n", "Zm=v", "Zg== "])
  func base64IsStrict(text: String) {
    #expect(Base64.decode(text) == nil)
  }

  @Test("a last character with bits to spare is accepted only when those are zero")
  func unusedBits() {
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    #expect(alphabet.filter { Base64URL.decode("A" + String($0)) != nil } == "AQgw")
    #expect(alphabet.filter { Base64URL.decode("AA" + String($0)) != nil } == "AEIMQUYcgkosw048")
    #expect(alphabet.filter { Base64URL.decode("AAA" + String($0)) != nil } == alphabet)
  }

  @Test("each place refuses each byte that is of no alphabet")
  func otherBytes() {
    let alphabet = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    for byte in UInt8.min...UInt8.max where !alphabet.contains(byte) {
      for length in [2, 3, 4, 8] {
        for place in 0..<length {
          var text = [UInt8](repeating: UInt8(ascii: "A"), count: length)
          text[place] = byte
          #expect(Base64URL.decode(text) == nil)
        }
      }
    }
  }

  @Test("a part of a compact token decodes without a copy of the whole")
  func decodesSubstrings() {
    let token = "eyJhIjoxfQ.Zm9v.xx"
    let parts = token.split(separator: ".")
    #expect(Base64URL.decode(parts[0]) == Array("{\"a\":1}".utf8))
    #expect(Base64URL.decode(parts[1].utf8) == Array("foo".utf8))
  }

  @Test("hexadecimal refuses half bytes and other characters", arguments: ["a", "abc", "0g", "0x", " 00", "00 ", "é"])
  func hexIsStrict(text: String) {
    #expect(Hex.decode(text) == nil)
  }
}
