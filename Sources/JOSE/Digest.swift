import COpenSSL

/// SHA-256 (FIPS 180-4), below EVP: no provider is loaded, which in a fresh process is most of the cost of a digest.
package enum SHA256 {
  /// The 32 bytes of the digest.
  package static func hash(_ bytes: [UInt8]) -> [UInt8] {
    hash(bytes[...])
  }

  /// The 32 bytes of the digest of a text's UTF-8.
  package static func hash(_ text: String) -> [UInt8] { hash(Array(text.utf8)) }

  /// The 32 bytes of the digest of part of an array, which is not copied.
  package static func hash(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    digest(bytes, length: Int(SHA256_DIGEST_LENGTH), COpenSSL_SHA256)
  }
}

/// SHA-1 (FIPS 180-4). Only for what OAuth 1.0 prescribes: HMAC-SHA1 (RFC 5849 §3.4.2) and the body hash.
package enum SHA1 {
  /// The 20 bytes of the digest.
  package static func hash(_ bytes: [UInt8]) -> [UInt8] {
    digest(bytes[...], length: Int(SHA_DIGEST_LENGTH), COpenSSL_SHA1)
  }
}

/// The low-level digests compute in the caller's memory and return 1 always: they have no way to fail.
private func digest(
  _ bytes: ArraySlice<UInt8>, length: Int,
  _ compute: (UnsafeRawPointer?, Int, UnsafeMutablePointer<UInt8>?) -> Int32
) -> [UInt8] {
  [UInt8](unsafeUninitializedCapacity: length) { output, filled in
    _ = bytes.withUnsafeBytes { compute($0.baseAddress, $0.count, output.baseAddress) }
    filled = length
  }
}
