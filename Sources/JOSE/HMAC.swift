import COpenSSL

/// Keyed hashing (RFC 2104) over the digests below EVP.
package enum HMAC {
  /// HMAC-SHA256: 32 bytes.
  package static func sha256(key: [UInt8], _ message: [UInt8]) -> [UInt8] {
    hmac(key: key, message, SHA256.hash)
  }

  /// HMAC-SHA1: 20 bytes. Only for OAuth 1.0 (RFC 5849 §3.4.2), where it is not known to be weak.
  package static func sha1(key: [UInt8], _ message: [UInt8]) -> [UInt8] {
    hmac(key: key, message, SHA1.hash)
  }

  /// Both digests work on blocks of 64 bytes.
  private static let blockLength = 64

  private static func hmac(key: [UInt8], _ message: [UInt8], _ hash: ([UInt8]) -> [UInt8]) -> [UInt8] {
    var block = key.count > blockLength ? hash(key) : key
    block.append(contentsOf: repeatElement(0, count: blockLength - block.count))
    let inner = hash(block.map { $0 ^ 0x36 } + message)
    return hash(block.map { $0 ^ 0x5C } + inner)
  }
}

/// Whether two byte strings are equal, in a time that depends on their lengths only.
package func constantTimeEqual(_ a: [UInt8], _ b: [UInt8]) -> Bool {
  a.count == b.count && CRYPTO_memcmp(a, b, a.count) == 0
}
