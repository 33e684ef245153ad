import COpenSSL

/// An RSA private key of 2048 bits or more, for RS256. Its description shows nothing of it.
package final class RSAPrivateKey {
  private let pkey: OpaquePointer
  /// The public half.
  package let publicKey: RSAPublicKey
  /// The key as unencrypted PKCS#8 DER (RFC 5208 §5), to be sealed before it is stored.
  package let der: [UInt8]

  /// The public half as a key to publish: RS256, for signatures, named by its thumbprint (RFC 7638).
  package var publicJWK: JWK { JWK(publicKey) }

  /// A new key of 2048 to 8192 bits with the exponent 65537; takes from a tenth of a second to seconds.
  ///
  /// Throws `.keyUnusable` for another length, `.openSSL`.
  package static func generate(bits: Int = 2048) throws(JOSEError) -> RSAPrivateKey {
    guard (2048...8192).contains(bits) else { throw .keyUnusable }
    try prepareEVP()
    guard let pkey = COpenSSL_EVP_RSA_gen(UInt32(bits)) else { throw openSSLFailure() }
    return try RSAPrivateKey(owning: pkey)
  }

  /// A key in unencrypted PKCS#8 DER (RFC 5208 §5), nothing before or after it.
  ///
  /// Throws `.keyUnusable`.
  package convenience init(der: [UInt8]) throws(JOSEError) {
    try prepareEVP()
    let pkey: OpaquePointer? = der.withUnsafeBufferPointer { buffer in
      var position = buffer.baseAddress
      guard let info = d2i_PKCS8_PRIV_KEY_INFO(nil, &position, buffer.count) else { return nil }
      defer { PKCS8_PRIV_KEY_INFO_free(info) }
      guard position == buffer.baseAddress.map({ $0 + buffer.count }) else { return nil }
      return EVP_PKCS82PKEY(info)
    }
    try self.init(unchecked: pkey, der: der)
  }

  /// A key in PEM, PKCS#8 or PKCS#1 (RFC 7468 §10), unencrypted.
  ///
  /// Throws `.keyUnusable`.
  package convenience init(pem: String) throws(JOSEError) {
    try prepareEVP()
    let pkey = withPEMReader(pem) { bio in
      // Without this callback OpenSSL would ask the terminal for the passphrase of an encrypted key.
      PEM_read_bio_PrivateKey(bio, nil, { _, _, _, _ in 0 }, nil)
    }
    try self.init(unchecked: pkey)
  }

  private convenience init(unchecked pkey: OpaquePointer?, der: [UInt8]? = nil) throws(JOSEError) {
    guard let pkey else {
      ERR_clear_error()
      throw .keyUnusable
    }
    try self.init(owning: pkey, der: der)
  }

  /// Takes over the reference, also when it throws.
  private init(owning pkey: OpaquePointer, der: [UInt8]? = nil) throws(JOSEError) {
    do throws(JOSEError) {
      publicKey = try RSAPublicKey(pkey)
      if let der { self.der = der } else { self.der = try Self.encode(pkey) }
    } catch {
      EVP_PKEY_free(pkey)
      throw error
    }
    self.pkey = pkey
  }

  deinit {
    EVP_PKEY_free(pkey)
  }

  /// The RSASSA-PKCS1-v1_5 signature with SHA-256 (RFC 7518 §3.3), as long as the modulus.
  ///
  /// Throws `.openSSL`.
  package func signRS256(_ bytes: [UInt8]) throws(JOSEError) -> [UInt8] {
    guard let context = EVP_MD_CTX_new() else { throw openSSLFailure() }
    defer { EVP_MD_CTX_free(context) }
    var length = publicKey.modulus.count
    var signature = [UInt8](repeating: 0, count: length)
    guard EVP_DigestSignInit(context, nil, EVP_sha256(), nil, pkey) == 1,
      EVP_DigestSign(context, &signature, &length, bytes, bytes.count) == 1,
      length == signature.count
    else { throw openSSLFailure() }
    return signature
  }

  private static func encode(_ pkey: OpaquePointer) throws(JOSEError) -> [UInt8] {
    guard let info = EVP_PKEY2PKCS8(pkey) else { throw openSSLFailure() }
    defer { PKCS8_PRIV_KEY_INFO_free(info) }
    let length = i2d_PKCS8_PRIV_KEY_INFO(info, nil)
    guard length > 0 else { throw openSSLFailure() }
    return [UInt8](unsafeUninitializedCapacity: Int(length)) { buffer, filled in
      var position = buffer.baseAddress
      filled = Int(max(0, i2d_PKCS8_PRIV_KEY_INFO(info, &position)))
    }
  }
}

extension RSAPrivateKey: CustomReflectable {
  /// Shows nothing of the key.
  package var customMirror: Mirror { Mirror(self, children: []) }
}

/// OpenSSL counts references to an EVP_PKEY and locks what signing caches in it; nothing here changes after `init`.
extension RSAPrivateKey: @unchecked Sendable {}
