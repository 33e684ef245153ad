import COpenSSL

extension RSAPublicKey {
  /// A public key in PEM, SubjectPublicKeyInfo (RFC 7468 §13).
  ///
  /// Throws `.keyUnusable`.
  public init(pem: String) throws(JOSEError) {
    try prepareEVP()
    guard let pkey = withPEMReader(pem, { PEM_read_bio_PUBKEY($0, nil, nil, nil) }) else {
      ERR_clear_error()
      throw .keyUnusable
    }
    defer { EVP_PKEY_free(pkey) }
    try self.init(pkey)
  }

  /// The key in PEM, SubjectPublicKeyInfo (RFC 7468 §13), the last line ended.
  ///
  /// Throws `.openSSL`.
  public func pem() throws(JOSEError) -> String {
    try prepareEVP()
    let pkey = try makePKEY()
    defer { EVP_PKEY_free(pkey) }
    guard let bio = BIO_new(BIO_s_mem()) else { throw openSSLFailure() }
    defer { BIO_free(bio) }
    var text: UnsafeMutablePointer<CChar>?
    guard PEM_write_bio_PUBKEY(bio, pkey) == 1 else { throw openSSLFailure() }
    let length = COpenSSL_BIO_get_mem_data(bio, &text)
    return String(decoding: UnsafeRawBufferPointer(start: text, count: length), as: UTF8.self)
  }

  /// The public numbers of an RSA key of OpenSSL's.
  ///
  /// Throws `.keyUnusable` when it is of another type or not fit for RS256.
  init(_ pkey: OpaquePointer) throws(JOSEError) {
    guard EVP_PKEY_get_base_id(pkey) == EVP_PKEY_RSA else { throw .keyUnusable }
    let modulus = try Self.number(OSSL_PKEY_PARAM_RSA_N, of: pkey)
    let exponent = try Self.number(OSSL_PKEY_PARAM_RSA_E, of: pkey)
    do throws(KeyProblem) {
      try self.init(modulus: modulus, exponent: exponent)
    } catch {
      throw .keyUnusable
    }
  }

  private static func number(_ name: String, of pkey: OpaquePointer) throws(JOSEError) -> [UInt8] {
    var number: OpaquePointer?
    guard EVP_PKEY_get_bn_param(pkey, name, &number) == 1 else { throw openSSLFailure() }
    defer { BN_free(number) }
    return [UInt8](unsafeUninitializedCapacity: Int(BN_num_bits(number) + 7) / 8) { buffer, filled in
      filled = Int(BN_bn2bin(number, buffer.baseAddress))
    }
  }

  /// The key as OpenSSL's EVP holds it; the caller frees it.
  private func makePKEY() throws(JOSEError) -> OpaquePointer {
    let n = BN_bin2bn(modulus, Int32(modulus.count), nil)
    let e = BN_bin2bn(exponent, Int32(exponent.count), nil)
    let builder = OSSL_PARAM_BLD_new()
    let context = EVP_PKEY_CTX_new_from_name(nil, "RSA", nil)
    defer {
      BN_free(n)
      BN_free(e)
      OSSL_PARAM_BLD_free(builder)
      EVP_PKEY_CTX_free(context)
    }
    guard OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, n) == 1,
      OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, e) == 1,
      let parameters = OSSL_PARAM_BLD_to_param(builder)
    else { throw openSSLFailure() }
    defer { OSSL_PARAM_free(parameters) }
    var pkey: OpaquePointer?
    guard EVP_PKEY_fromdata_init(context) == 1,
      EVP_PKEY_fromdata(context, &pkey, COpenSSL_EVP_PKEY_PUBLIC_KEY(), parameters) == 1, let pkey
    else { throw openSSLFailure() }
    return pkey
  }
}

/// Lets `read` take one object out of a PEM text; nil when it cannot.
func withPEMReader(_ pem: String, _ read: (OpaquePointer) -> OpaquePointer?) -> OpaquePointer? {
  let bytes = Array(pem.utf8)
  return bytes.withUnsafeBytes { buffer in
    guard let length = Int32(exactly: buffer.count), let bio = BIO_new_mem_buf(buffer.baseAddress, length) else {
      return nil
    }
    defer { BIO_free(bio) }
    return read(bio)
  }
}
