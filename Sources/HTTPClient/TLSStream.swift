import COpenSSL
import Glibc
import Wire

/// A connection inside TLS 1.2 or 1.3, to a server that proved to be the host it was taken for.
final class TLSStream: ByteStream {
  private let ssl: OpaquePointer
  private let socket: Socket
  private let transport: SocketBIO
  /// What was sent when the handshake was over: anything beyond it belongs to the request.
  private var handshakeBytes = 0
  private var isUsable = false

  /// Performs the handshake (RFC 8446) and the verification of the server (RFC 9110 §4.3.4, RFC 9525).
  ///
  /// - Parameter host: The host of the URL, an address literal without brackets.
  /// - Throws: `.tls` with the reason, `.timedOut(.handshake)`, `.closedEarly(afterSending: false)`.
  init(context: TLSContext, socket: Socket, host: String, until deadline: Deadline) throws(TransportFailure) {
    ssl = try context.makeSSL()
    self.socket = socket
    transport = SocketBIO(socket: socket, deadline: deadline)
    guard let bio = transport.makeBIO() else { throw .unavailable }
    SSL_set_bio(ssl, bio, bio)
    guard expect(host) else { throw .unavailable }
    try handshake(until: deadline)
  }

  deinit {
    if isUsable {
      // Says close_notify and leaves: nothing is awaited, and a full send buffer keeps nobody.
      ERR_clear_error()
      transport.deadline = Deadline(milliseconds: 1000)
      SSL_shutdown(ssl)
    }
    SSL_free(ssl)
  }

  var hasSent: Bool { transport.bytesSent > handshakeBytes }

  /// `notAfter` of the server's certificate (RFC 5280 §4.1.2.5), in seconds since 1970.
  var certificateEnd: Int64? {
    var time = tm()
    guard let certificate = SSL_get0_peer_certificate(ssl), let end = X509_get0_notAfter(certificate),
      ASN1_TIME_to_tm(end, &time) == 1
    else { return nil }
    return Int64(timegm(&time))
  }

  /// Names the server: for SNI (RFC 6066 §3, names only) and for the certificate's subjectAltName.
  private func expect(_ host: String) -> Bool {
    let parameters = SSL_get0_param(ssl)
    if IPAddress(host) != nil { return X509_VERIFY_PARAM_set1_ip_asc(parameters, host) == 1 }
    // The dot of a fully qualified name is no part of the name that certificates carry (RFC 6066 §3).
    let name = host.utf8.last == UInt8(ascii: ".") ? String(host.dropLast()) : host
    // A subject's common name is not looked at (RFC 9525 §2), nor a wildcard that is only part of a label (§6.3).
    let flags = UInt32(X509_CHECK_FLAG_NEVER_CHECK_SUBJECT) | UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS)
    X509_VERIFY_PARAM_set_hostflags(parameters, flags)
    // A length of 0 means strlen(3), and an empty name would match every certificate.
    return !name.isEmpty && X509_VERIFY_PARAM_set1_host(parameters, name, name.utf8.count) == 1
      && COpenSSL_SSL_set_tlsext_host_name(ssl, name) == 1
  }

  private func handshake(until deadline: Deadline) throws(TransportFailure) {
    while true {
      ERR_clear_error()
      let result = SSL_connect(ssl)
      if result == 1 { break }
      switch SSL_get_error(ssl, result) {
      case SSL_ERROR_WANT_READ: guard socket.wait(for: .reading, until: deadline) else { throw .timedOut(.handshake) }
      case SSL_ERROR_WANT_WRITE: guard socket.wait(for: .writing, until: deadline) else { throw .timedOut(.handshake) }
      case SSL_ERROR_SSL: throw handshakeFailure()
      default: throw transport.timedOut ? .timedOut(.handshake) : .closedEarly(afterSending: false)
      }
    }
    handshakeBytes = transport.bytesSent
    isUsable = true
  }

  private func handshakeFailure() -> TransportFailure {
    if let problem = TransportFailure.TLSProblem(verifyResult: SSL_get_verify_result(ssl)) { return .tls(problem) }
    let error = ERR_peek_error()
    if ERR_GET_REASON(error) == SSL_R_UNEXPECTED_EOF_WHILE_READING { return .closedEarly(afterSending: false) }
    return .tls(TransportFailure.TLSProblem(error: error))
  }

  func write(_ bytes: [UInt8], until deadline: Deadline) throws(StreamFailure) {
    transport.deadline = deadline
    var written = 0
    while written < bytes.count {
      var count = 0
      ERR_clear_error()
      let result = bytes.withUnsafeBytes { buffer in
        SSL_write_ex(ssl, buffer.baseAddress.map { $0 + written }, buffer.count - written, &count)
      }
      if result == 1 { written += count } else { try recover(from: result, until: deadline) }
    }
    socket.acknowledgeAtOnce()
  }

  func read(into buffer: UnsafeMutableRawBufferPointer, until deadline: Deadline) throws(StreamFailure) -> Int {
    transport.deadline = deadline
    while true {
      if deadline.hasPassed { throw .timedOut }
      var count = 0
      ERR_clear_error()
      let result = SSL_read_ex(ssl, buffer.baseAddress, buffer.count, &count)
      if result == 1 { return count }
      if SSL_get_error(ssl, result) == SSL_ERROR_ZERO_RETURN { return 0 }
      try recover(from: result, until: deadline)
    }
  }

  /// Waits for what OpenSSL wants, or says why there is nothing to wait for.
  private func recover(from result: Int32, until deadline: Deadline) throws(StreamFailure) {
    switch SSL_get_error(ssl, result) {
    case SSL_ERROR_WANT_READ: guard socket.wait(for: .reading, until: deadline) else { throw .timedOut }
    case SSL_ERROR_WANT_WRITE: guard socket.wait(for: .writing, until: deadline) else { throw .timedOut }
    default:
      // After a fatal error, SSL_shutdown must not be called.
      isUsable = false
      throw transport.timedOut ? .timedOut : .broken
    }
  }
}
