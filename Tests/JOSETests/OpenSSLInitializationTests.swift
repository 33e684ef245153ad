import COpenSSL
import Testing

@Suite("OpenSSL without openssl.cnf and the legacy names of ciphers")
struct OpenSSLInitializationTests {
  @Test("still signs, verifies and weighs certificates, as TLS must")
  func certificates() throws {
    try #require(COpenSSL_initialize() == 1)
    #expect(COpenSSL_initialize() == 1)
    let pkey = COpenSSL_EVP_RSA_gen(2048)
    defer { EVP_PKEY_free(pkey) }
    for (digest, strength) in [(EVP_sha256(), 128), (EVP_sha384(), 192), (EVP_sha512(), 256)] {
      let certificate = X509_new()
      defer { X509_free(certificate) }
      try #require(X509_set_pubkey(certificate, pkey) == 1)
      try #require(X509_sign(certificate, pkey, digest) > 0)
      #expect(X509_verify(certificate, pkey) == 1)
      // What TLS compares with its security level; it is not there when OpenSSL does not know the digests by name.
      var securityBits: Int32 = 0
      var flags: UInt32 = 0
      #expect(X509_get_signature_info(certificate, nil, nil, &securityBits, &flags) == 1)
      #expect(securityBits == strength)
      #expect(flags & UInt32(X509_SIG_INFO_TLS) != 0)
    }
  }

  @Test("still sets up a TLS client")
  func client() throws {
    try #require(COpenSSL_initialize() == 1)
    let context = try #require(SSL_CTX_new(TLS_client_method()))
    defer { SSL_CTX_free(context) }
    #expect(COpenSSL_SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1)
    #expect(SSL_CTX_set_cipher_list(context, "ECDHE-RSA-AES256-GCM-SHA384") == 1)
    let connection = try #require(SSL_new(context))
    defer { SSL_free(connection) }
    #expect(COpenSSL_SSL_set_tlsext_host_name(connection, "moodle.example.org") == 1)
  }
}
