import JOSE
import Testing
import Wire

@Suite("RS256 verification answers as OpenSSL's EVP does")
struct RSAPublicKeyTests {
  let key: RSAPrivateKey
  let oracle: EVPOracle
  let message = Array("header.payload".utf8)

  init() throws {
    key = try generatedKey.get()
    oracle = try EVPOracle(der: key.der)
  }

  static let sha256Info: [UInt8] = [
    0x30, 0x31, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20,
  ]
  static let sha256InfoWithoutNull: [UInt8] = [
    0x30, 0x2F, 0x30, 0x0B, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x04, 0x20,
  ]
  static let sha256InfoWithLongLength: [UInt8] = [
    0x30, 0x81, 0x31, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04,
    0x20,
  ]
  static let sha512Info: [UInt8] = [
    0x30, 0x51, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03, 0x05, 0x00, 0x04, 0x40,
  ]
  static let sha1Info: [UInt8] = [
    0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2B, 0x0E, 0x03, 0x02, 0x1A, 0x05, 0x00, 0x04, 0x14,
  ]

  @Test("on its own signatures: both accept")
  func accepts() throws {
    for length in [0, 1, 55, 56, 64, 4096] {
      let bytes = randomBytes(length)
      let signature = try key.signRS256(bytes)
      #expect(oracle.verifies(bytes, signature))
      try key.publicKey.verifyRS256(bytes[...], signature: signature)
      #expect(try oracle.rawSignature(of: encoding(info: Self.sha256Info, digest: SHA256.hash(bytes))) == signature)
    }
  }

  @Test("on encodings that are not the one of RFC 8017 §9.2: both refuse")
  func forgedEncodings() throws {
    let digest = SHA256.hash(message)
    let good = encoding(info: Self.sha256Info, digest: digest)
    var forgeries: [String: [UInt8]] = [
      "short padding, rubbish behind (Bleichenbacher 2006)":
        joined([0, 1], bytes(0xFF, 8), [0], Self.sha256Info, digest, bytes(0x5A, 256 - 11 - 51)),
      "one byte of padding less, a zero behind": joined([0, 1], bytes(0xFF, 201), [0], Self.sha256Info, digest, [0]),
      "parameters absent instead of NULL": encoding(info: Self.sha256InfoWithoutNull, digest: digest),
      "a length in the long form": encoding(info: Self.sha256InfoWithLongLength, digest: digest),
      "no DigestInfo": encoding(info: [], digest: digest),
      "DigestInfo of SHA-512": encoding(info: Self.sha512Info, digest: digest + digest),
      "DigestInfo of SHA-1": encoding(info: Self.sha1Info, digest: SHA1.hash(message)),
      "digest of another message": encoding(info: Self.sha256Info, digest: SHA256.hash([0])),
      "digest cut": encoding(info: Self.sha256Info, digest: Array(digest.dropLast())),
      "padding of block type 0": joined([0, 0], bytes(0, 202), [0], Self.sha256Info, digest),
      "nothing": bytes(0, 256),
    ]
    for index in [0, 1, 2, 100, 203, 204, 205, 223, 224, 255] {
      var changed = good
      changed[index] ^= index == 0 ? 0x01 : 0x03
      forgeries["byte \(index) changed"] = changed
    }
    for (name, encoded) in forgeries {
      try #require(encoded.count == 256, "\(name)")
      // 01 at the front can be more than the modulus: then it has no signature at all.
      if encoded.lexicographicallyPrecedes(key.publicKey.modulus) {
        let signature = try oracle.rawSignature(of: encoded)
        #expect(!oracle.verifies(message, signature), "\(name)")
        #expect(throws: JOSEError.signatureInvalid, "\(name)") {
          try key.publicKey.verifyRS256(message[...], signature: signature)
        }
      }
    }
  }

  @Test("on a signature of another length, or that is no signature: both refuse")
  func malleability() throws {
    let signature = try key.signRS256(message)
    var others = [[], [0] + signature, signature + [0], Array(signature.dropLast()), Array(signature.dropFirst())]
    others += [bytes(0, 256), bytes(0xFF, 256), key.publicKey.modulus, [UInt8](repeating: 0, count: 255) + [1]]
    for other in others {
      #expect(!oracle.verifies(message, other))
      #expect(throws: JOSEError.signatureInvalid) {
        try key.publicKey.verifyRS256(message[...], signature: other)
      }
    }
  }

  @Test("on a signature with the modulus added, which is the same number modulo n: both refuse")
  func modulusAdded() throws {
    var tried = 0
    // The sum has as many bytes as the modulus for one message in a few.
    for number in 0..<2000 where tried < 3 {
      let message = Array("message \(number)".utf8)
      guard let sum = sum(try key.signRS256(message), key.publicKey.modulus) else { continue }
      tried += 1
      #expect(!oracle.verifies(message, sum))
      #expect(throws: JOSEError.signatureInvalid) {
        try key.publicKey.verifyRS256(message[...], signature: sum)
      }
    }
    #expect(tried == 3)
  }

  @Test("on signatures and messages with one bit flipped: both refuse")
  func flippedBits() throws {
    let signature = try key.signRS256(message)
    for index in stride(from: 0, to: 2048, by: 31) {
      var flipped = signature
      flipped[index / 8] ^= 1 << UInt8(index % 8)
      #expect(!oracle.verifies(message, flipped))
      #expect(throws: JOSEError.signatureInvalid) {
        try key.publicKey.verifyRS256(message[...], signature: flipped)
      }
    }
    for index in message.indices {
      var flipped = message
      flipped[index] ^= 0x10
      #expect(throws: JOSEError.signatureInvalid) {
        try key.publicKey.verifyRS256(flipped[...], signature: signature)
      }
    }
  }

  @Test("with keys of 3072 bits and of lengths that are no multiple of 8: both accept", arguments: [2049, 3072])
  func otherLengths(bits: Int) throws {
    let key = try RSAPrivateKey.generate(bits: bits)
    let signature = try key.signRS256(message)
    #expect(try EVPOracle(der: key.der).verifies(message, signature))
    try key.publicKey.verifyRS256(message[...], signature: signature)
    #expect(throws: JOSEError.signatureInvalid) {
      try key.publicKey.verifyRS256(message[...], signature: [1] + signature.dropFirst())
    }
  }

  private func encoding(info: [UInt8], digest: [UInt8]) -> [UInt8] {
    [0, 1] + bytes(0xFF, 256 - 3 - info.count - digest.count) + [0] + info + digest
  }

  private func joined(_ parts: [UInt8]...) -> [UInt8] { parts.flatMap { $0 } }

  private func bytes(_ byte: UInt8, _ count: Int) -> [UInt8] { Array(repeating: byte, count: count) }

  /// The sum of two big-endian numbers of one length; nil when it needs a byte more.
  private func sum(_ a: [UInt8], _ b: [UInt8]) -> [UInt8]? {
    var result = a
    var carry = 0
    for index in a.indices.reversed() {
      let digit = Int(a[index]) + Int(b[index]) + carry
      result[index] = UInt8(digit & 0xFF)
      carry = digit >> 8
    }
    return carry == 0 ? result : nil
  }
}
