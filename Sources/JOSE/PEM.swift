import COpenSSL
import Wire

extension RSAPublicKey {
  /// A public key in PEM, SubjectPublicKeyInfo (RFC 7468 §13).
  ///
  /// Throws `.keyUnusable`.
  package init(pem: String) throws(JOSEError) {
    try prepareEVP()
    guard let pkey = withPEMReader(pem, { PEM_read_bio_PUBKEY($0, nil, nil, nil) }) else {
      ERR_clear_error()
      throw .keyUnusable
    }
    defer { EVP_PKEY_free(pkey) }
    try self.init(pkey)
  }

  /// The key in PEM, SubjectPublicKeyInfo (RFC 7468 §13), the last line ended.
  package var pem: String {
    var text = Base64.encode(subjectPublicKeyInfo)[...]
    var lines = ["-----BEGIN PUBLIC KEY-----"]
    while !text.isEmpty {
      lines.append(String(text.prefix(64)))
      text = text.dropFirst(64)
    }
    return (lines + ["-----END PUBLIC KEY-----", ""]).joined(separator: "\n")
  }

  /// The DER of SubjectPublicKeyInfo (RFC 5280 §4.1) with rsaEncryption (RFC 8017 §A.1). Written here because it is
  /// three nested sequences, and OpenSSL's way to them keeps pointers into the caller's strings.
  var subjectPublicKeyInfo: [UInt8] {
    let rsaEncryption: [UInt8] = [
      0x30, 0x0D, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01, 0x05, 0x00,
    ]
    let key = Self.der(0x30, Self.integer(modulus) + Self.integer(exponent))
    return Self.der(0x30, rsaEncryption + Self.der(0x03, [0] + key))
  }

  /// A positive INTEGER: a leading zero keeps the sign (X.690 §8.3).
  private static func integer(_ number: [UInt8]) -> [UInt8] {
    der(0x02, (number.first ?? 0) & 0x80 == 0 ? number : [0] + number)
  }

  /// A tag, the length in its shortest form (X.690 §10.1) and the content; at most 64 KiB, which no key here has.
  private static func der(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
    let (high, low) = (UInt8(truncatingIfNeeded: content.count >> 8), UInt8(truncatingIfNeeded: content.count))
    switch content.count {
    case 0..<0x80: return [tag, low] + content
    case 0x80..<0x100: return [tag, 0x81, low] + content
    default: return [tag, 0x82, high, low] + content
    }
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
