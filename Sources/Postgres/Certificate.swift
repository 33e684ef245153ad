import CLibPQ
import COpenSSL
import Glibc

/// An X.509 certificate, as far as whoever watches its end needs it (RFC 5280).
package struct Certificate: Hashable, Sendable {
  /// The subject's distinguished name, in OpenSSL's short form: `/CN=db.example.org`.
  package let subject: String
  /// `notAfter`, in seconds since 1970.
  package let ends: Int64

  /// Reads OpenSSL's certificate, which stays the caller's.
  init?(_ certificate: OpaquePointer) {
    var time = tm()
    guard let notAfter = X509_get0_notAfter(certificate), ASN1_TIME_to_tm(notAfter, &time) == 1 else { return nil }
    ends = Int64(timegm(&time))
    // The buffer that OpenSSL would otherwise make must be freed by it.
    var name = [CChar](repeating: 0, count: 256)
    guard X509_NAME_oneline(X509_get_subject_name(certificate), &name, Int32(name.count)) != nil else { return nil }
    subject = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

extension Connection {
  /// The certificates of a session over TLS: the server's, then those up to the authority where libpq has verified them.
  /// Empty without TLS.
  package var serverCertificates: [Certificate] {
    guard let handle = openHandle, let session = PQsslStruct(handle, "OpenSSL") else { return [] }
    let ssl = OpaquePointer(session)
    if let chain = SSL_get0_verified_chain(ssl) {
      return (0..<OPENSSL_sk_num(chain)).compactMap { number in
        OPENSSL_sk_value(chain, number).flatMap { Certificate(OpaquePointer($0)) }
      }
    }
    return SSL_get0_peer_certificate(ssl).flatMap { Certificate($0) }.map { [$0] } ?? []
  }
}

/// A file of certificates in PEM.
package struct CertificateFile {
  /// Where it is.
  package let path: String
  /// Those in it that can be read.
  package let certificates: [Certificate]

  /// The file of trusted authorities that a connection string names (`sslrootcert`), or `PGSSLROOTCERT`; nil when none is
  /// named, or the system's own.
  package static func ofAuthorities(conninfo: String) -> CertificateFile? {
    guard let options = try? ConnectionOptions(parsing: conninfo),
      let path = options.string("sslrootcert") ?? getenv("PGSSLROOTCERT").map({ String(cString: $0) }),
      !path.isEmpty, path != "system"
    else { return nil }
    return CertificateFile(path: path)
  }

  /// Reads a file; none are in one that cannot be read.
  package init(path: String) {
    self.path = path
    var certificates: [Certificate] = []
    if let file = BIO_new_file(path, "r") {
      defer { BIO_free(file) }
      while let certificate = PEM_read_bio_X509(file, nil, nil, nil) {
        if let read = Certificate(certificate) { certificates.append(read) }
        X509_free(certificate)
      }
    }
    ERR_clear_error()
    self.certificates = certificates
  }
}
