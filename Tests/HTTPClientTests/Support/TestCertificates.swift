import COpenSSL
import Foundation

/// A throwaway authority with its trust store, and the certificates it issues, made anew for each test run.
final class TestCertificates: Sendable {
  private static let made = Result {
    let made = try TestCertificates()
    atexit {
      if let directory = try? TestCertificates.shared().directory {
        try? FileManager.default.removeItem(atPath: directory)
      }
    }
    return made
  }

  /// The ones of this test run.
  static func shared() throws -> TestCertificates { try made.get() }

  /// A directory with the authority's certificate under its hash, as `openssl rehash` would name it.
  let directory: String
  /// The PEM file of the key of every certificate but the authority's.
  let keyFile: String

  /// What OpenSSL refused to do.
  struct Refused: Error { var call: String }

  private nonisolated(unsafe) let authorityKey: OpaquePointer
  private nonisolated(unsafe) let authority: OpaquePointer
  private nonisolated(unsafe) let key: OpaquePointer

  private init() throws {
    directory = NSTemporaryDirectory() + "http-client-tests-\(UUID().uuidString)"
    keyFile = directory + "/key.pem"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    authorityKey = try unwrap("EVP_RSA_gen", COpenSSL_EVP_RSA_gen(2048))
    key = try unwrap("EVP_RSA_gen", COpenSSL_EVP_RSA_gen(2048))
    authority = try Self.certificate(
      for: "Test Authority", key: authorityKey, issuer: nil, issuerKey: authorityKey,
      extensions: [(NID_basic_constraints, "critical,CA:TRUE")], validity: -3600...86400)
    let hash = String(X509_subject_name_hash(authority), radix: 16)
    let name = String(repeating: "0", count: 8 - hash.count) + hash + ".0"
    try Self.write(authority, to: directory + "/" + name)
    let bio = try unwrap("BIO_new_file", BIO_new_file(keyFile, "w"))
    defer { BIO_free(bio) }
    guard PEM_write_bio_PrivateKey(bio, key, nil, nil, 0, nil, nil) == 1 else { throw Refused(call: "PEM_write") }
  }

  /// The PEM file of a certificate issued by the authority.
  ///
  /// - Parameters:
  ///   - commonName: The subject's only attribute.
  ///   - alternativeNames: As in openssl.cnf: `DNS:localhost,IP:127.0.0.1`; `nil` for no such extension.
  ///   - validity: From when to when, in seconds from now.
  ///   - selfSigned: Signed by its own key instead.
  func issue(
    commonName: String = "test", alternativeNames: String?, validity: ClosedRange<Int> = -3600...86400,
    selfSigned: Bool = false
  ) throws -> String {
    let certificate = try Self.certificate(
      for: commonName, key: key, issuer: selfSigned ? nil : authority, issuerKey: selfSigned ? key : authorityKey,
      extensions: alternativeNames.map { [(NID_subject_alt_name, $0)] } ?? [], validity: validity)
    defer { X509_free(certificate) }
    let path = directory + "/\(UUID().uuidString).pem"
    try Self.write(certificate, to: path)
    return path
  }

  private static func certificate(
    for commonName: String, key: OpaquePointer, issuer: OpaquePointer?, issuerKey: OpaquePointer,
    extensions: [(Int32, String)], validity: ClosedRange<Int>
  ) throws -> OpaquePointer {
    let certificate = try unwrap("X509_new", X509_new())
    X509_set_version(certificate, 2)
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), Int.random(in: 1...Int(Int32.max)))
    X509_gmtime_adj(X509_getm_notBefore(certificate), validity.lowerBound)
    X509_gmtime_adj(X509_getm_notAfter(certificate), validity.upperBound)
    let subject = X509_get_subject_name(certificate)
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, commonName, -1, -1, 0)
    X509_set_issuer_name(certificate, X509_get_subject_name(issuer ?? certificate))
    X509_set_pubkey(certificate, key)
    for (identifier, value) in extensions {
      let made = try unwrap("X509V3_EXT_conf_nid", X509V3_EXT_conf_nid(nil, nil, identifier, value))
      X509_add_ext(certificate, made, -1)
      X509_EXTENSION_free(made)
    }
    guard X509_sign(certificate, issuerKey, EVP_sha256()) > 0 else { throw Refused(call: "X509_sign") }
    return certificate
  }

  private static func write(_ certificate: OpaquePointer, to path: String) throws {
    let bio = try unwrap("BIO_new_file", BIO_new_file(path, "w"))
    defer { BIO_free(bio) }
    guard PEM_write_bio_X509(bio, certificate) == 1 else { throw Refused(call: "PEM_write_bio_X509") }
  }
}

/// The value, or the name of the call that did not give one.
func unwrap<Value>(_ call: String, _ value: Value?) throws -> Value {
  guard let value else { throw TestCertificates.Refused(call: call) }
  return value
}
