import COpenSSL
import Testing

/// OpenSSL's own RSA, to hold ours against: verification by EVP, and the private operation without padding, with which
/// any encoding can be given a "signature".
final class EVPOracle {
  private let pkey: OpaquePointer

  /// Takes a private key in PKCS#8 DER.
  init(der: [UInt8]) throws {
    pkey = try der.withUnsafeBufferPointer { buffer in
      var position = buffer.baseAddress
      let info = try #require(d2i_PKCS8_PRIV_KEY_INFO(nil, &position, buffer.count))
      defer { PKCS8_PRIV_KEY_INFO_free(info) }
      return try #require(EVP_PKCS82PKEY(info))
    }
  }

  deinit {
    EVP_PKEY_free(pkey)
  }

  /// Whether EVP accepts the signature as RS256.
  func verifies(_ message: [UInt8], _ signature: [UInt8]) -> Bool {
    let context = EVP_MD_CTX_new()
    defer {
      EVP_MD_CTX_free(context)
      ERR_clear_error()
    }
    return EVP_DigestVerifyInit(context, nil, EVP_sha256(), nil, pkey) == 1
      && EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
  }

  /// encoded^d mod n.
  func rawSignature(of encoded: [UInt8]) throws -> [UInt8] {
    let context = try #require(EVP_PKEY_CTX_new(pkey, nil))
    defer { EVP_PKEY_CTX_free(context) }
    var length = encoded.count
    var signature = encoded
    try #require(EVP_PKEY_sign_init(context) == 1)
    try #require(EVP_PKEY_CTX_set_rsa_padding(context, RSA_NO_PADDING) == 1)
    try #require(EVP_PKEY_sign(context, &signature, &length, encoded, encoded.count) == 1)
    return signature
  }
}
