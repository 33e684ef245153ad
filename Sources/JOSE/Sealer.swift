import COpenSSL

/// Seals private keys, shared secrets and access tokens for storage: AES-256-GCM (NIST SP 800-38D) under keys derived
/// from the configured secret, one per purpose.
///
/// A sealed value is a version byte (1), a random 96-bit nonce, the ciphertext and the 128-bit tag. The version and the
/// purpose are authenticated too, so a value moved to another purpose does not open. A purpose may name the row
/// ("platform secret 7"), which binds the value to it. One purpose is good for 2^32 values, the limit for random nonces.
package struct Sealer: Sendable {
  /// The longest plaintext, in bytes.
  package static let maximumLength = 1 << 20

  private static let version: UInt8 = 1
  private static let nonceLength = 12
  private static let tagLength = 16

  /// The pseudorandom key of HKDF (RFC 5869 §2.2).
  private let pseudorandomKey: [UInt8]

  /// A sealer under this secret; nil when it is shorter than 32 bytes.
  package init?(secret: [UInt8]) {
    guard secret.count >= 32 else { return nil }
    pseudorandomKey = HMAC.sha256(key: Array("passerelle sealed value".utf8), secret)
  }

  /// The plaintext, sealed for this purpose: 29 bytes longer, and different each time.
  ///
  /// Throws `.tooLarge`, `.openSSL`.
  package func seal(_ plaintext: [UInt8], purpose: String) throws(JOSEError) -> [UInt8] {
    guard plaintext.count <= Self.maximumLength else { throw .tooLarge }
    let nonce = randomBytes(Self.nonceLength)
    let context = try cipherContext()
    defer { EVP_CIPHER_CTX_free(context) }
    let associated = associatedData(purpose)
    var count: Int32 = 0
    var ciphertext = [UInt8](repeating: 0, count: plaintext.count)
    var tag = [UInt8](repeating: 0, count: Self.tagLength)
    guard EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), nil, key(purpose), nonce) == 1,
      EVP_EncryptUpdate(context, nil, &count, associated, Int32(associated.count)) == 1,
      EVP_EncryptUpdate(context, &ciphertext, &count, plaintext, Int32(plaintext.count)) == 1,
      EVP_EncryptFinal_ex(context, nil, &count) == 1,
      EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, Int32(Self.tagLength), &tag) == 1
    else { throw openSSLFailure() }
    return [Self.version] + nonce + ciphertext + tag
  }

  /// The plaintext of a value sealed under the same secret for the same purpose.
  ///
  /// Throws `.sealBroken`, `.openSSL`.
  package func open(_ sealed: [UInt8], purpose: String) throws(JOSEError) -> [UInt8] {
    let overhead = 1 + Self.nonceLength + Self.tagLength
    guard sealed.count >= overhead, sealed.count - overhead <= Self.maximumLength, sealed[0] == Self.version else {
      throw .sealBroken
    }
    let nonce = Array(sealed[1..<1 + Self.nonceLength])
    let ciphertext = Array(sealed[(1 + Self.nonceLength)..<(sealed.count - Self.tagLength)])
    var tag = Array(sealed.suffix(Self.tagLength))
    let context = try cipherContext()
    defer { EVP_CIPHER_CTX_free(context) }
    let associated = associatedData(purpose)
    var count: Int32 = 0
    var plaintext = [UInt8](repeating: 0, count: ciphertext.count)
    guard EVP_DecryptInit_ex(context, EVP_aes_256_gcm(), nil, key(purpose), nonce) == 1,
      EVP_DecryptUpdate(context, nil, &count, associated, Int32(associated.count)) == 1,
      EVP_DecryptUpdate(context, &plaintext, &count, ciphertext, Int32(ciphertext.count)) == 1,
      EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, Int32(Self.tagLength), &tag) == 1
    else { throw openSSLFailure() }
    guard EVP_DecryptFinal_ex(context, nil, &count) == 1 else {
      ERR_clear_error()
      throw .sealBroken
    }
    return plaintext
  }

  private func cipherContext() throws(JOSEError) -> OpaquePointer {
    try prepareEVP()
    guard let context = EVP_CIPHER_CTX_new() else { throw openSSLFailure() }
    return context
  }

  /// HKDF-Expand (RFC 5869 §2.3) to one block: the key of this purpose.
  private func key(_ purpose: String) -> [UInt8] {
    HMAC.sha256(key: pseudorandomKey, Array(purpose.utf8) + [1])
  }

  private func associatedData(_ purpose: String) -> [UInt8] {
    [Self.version] + Array(purpose.utf8)
  }
}

extension Sealer: CustomStringConvertible, CustomReflectable {
  /// Shows nothing of the secret.
  package var description: String { "Sealer" }

  /// Shows nothing of the secret.
  package var customMirror: Mirror { Mirror(self, children: []) }
}
