import JOSE
import Testing
import Wire

@Suite("Digests and keyed hashes give the published values")
struct DigestTests {
  @Test(
    "SHA-256 gives the values of FIPS 180-4's examples",
    arguments: [
      ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
      ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
      (
        "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
      ),
      (
        String(repeating: "a", count: 1_000_000),
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
      ),
    ])
  func sha256(message: String, expected: String) {
    #expect(Hex.encode(SHA256.hash(Array(message.utf8))) == expected)
  }

  @Test("SHA-256 of a slice reads the slice only")
  func slice() {
    let bytes = Array("xxabcyy".utf8)
    #expect(SHA256.hash(bytes[2..<5]) == SHA256.hash(Array("abc".utf8)))
  }

  @Test(
    "SHA-1 gives the values of FIPS 180-4's examples",
    arguments: [
      ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
      ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
      ("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "84983e441c3bd26ebaae4aa1f95129e5e54670f1"),
    ])
  func sha1(message: String, expected: String) {
    #expect(Hex.encode(SHA1.hash(Array(message.utf8))) == expected)
  }

  /// RFC 4231 §4.2–§4.8 (case 5 truncates), and keys of exactly one block and of no byte.
  static let rfc4231: [(key: [UInt8], message: [UInt8], expected: String)] = [
    (bytes(0x0B, 20), Array("Hi There".utf8), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
    (
      Array("Jefe".utf8), Array("what do ya want for nothing?".utf8),
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    ),
    (bytes(0xAA, 20), bytes(0xDD, 50), "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"),
    (Array(1...25), bytes(0xCD, 50), "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"),
    (
      bytes(0xAA, 131), Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
    ),
    (
      bytes(0xAA, 131),
      Array(
        ("This is a test using a larger than block-size key and a larger than block-size data. "
          + "The key needs to be hashed before being used by the HMAC algorithm.").utf8),
      "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"
    ),
    (bytes(0xAA, 64), Array("abc".utf8), "2f8cff867f2668ca93d3c5b03ba9f816746742eda349b3bc4bb35aa27816754c"),
    ([], [], "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"),
  ]

  @Test("HMAC-SHA256 gives the values of RFC 4231", arguments: 0..<8)
  func hmacSHA256(index: Int) {
    let vector = Self.rfc4231[index]
    #expect(Hex.encode(HMAC.sha256(key: vector.key, vector.message)) == vector.expected)
  }

  @Test("HMAC-SHA1 gives the values of RFC 2202")
  func hmacSHA1() {
    #expect(
      Hex.encode(HMAC.sha1(key: bytes(0x0B, 20), Array("Hi There".utf8))) == "b617318655057264e28bc0b6fb378c8ef146be00")
    #expect(
      Hex.encode(HMAC.sha1(key: Array("Jefe".utf8), Array("what do ya want for nothing?".utf8)))
        == "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79")
    #expect(
      Hex.encode(
        HMAC.sha1(key: bytes(0xAA, 80), Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8)))
        == "aa4ae5e15272d00e95705637ce8a3b55ed402112")
  }

  @Test("Equality in constant time is equality")
  func constantTime() {
    #expect(constantTimeEqual([], []))
    #expect(constantTimeEqual([1, 2, 3], [1, 2, 3]))
    #expect(!constantTimeEqual([1, 2, 3], [1, 2, 4]))
    #expect(!constantTimeEqual([1, 2, 3], [0, 2, 3]))
    #expect(!constantTimeEqual([1, 2, 3], [1, 2]))
    #expect(!constantTimeEqual([], [0]))
  }

  @Test("Random bytes are as many as asked for, also beyond one call to the kernel, and do not repeat")
  func random() {
    for count in [0, 1, 16, 256, 257, 1000] { #expect(randomBytes(count).count == count) }
    #expect(randomBytes(-1).isEmpty)
    #expect(randomBytes(16) != randomBytes(16))
    let tail = randomBytes(600).suffix(88)
    #expect(tail.contains { $0 != 0 })
  }
}

private func bytes(_ byte: UInt8, _ count: Int) -> [UInt8] { Array(repeating: byte, count: count) }
