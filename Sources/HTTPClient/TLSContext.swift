import COpenSSL
import Glibc
import Wire

/// OpenSSL's settings for a client: protocol versions, trust, ALPN. Made for the first https exchange and kept.
final class TLSContext: @unchecked Sendable {
  // @unchecked: `context` is touched under `mutex` only, and an SSL_CTX, once set up, may be shared by threads.
  private let caDirectory: String
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private var context: OpaquePointer?

  /// Nothing of OpenSSL is touched before the first ``connection()``.
  init(caDirectory: String) {
    self.caDirectory = caDirectory
    mutex = .allocate(capacity: 1)
    pthread_mutex_init(mutex, nil)
  }

  deinit {
    SSL_CTX_free(context)
    pthread_mutex_destroy(mutex)
    mutex.deallocate()
  }

  /// Sets OpenSSL up where that has not happened yet. Callers use it to do this work while they wait for the network.
  ///
  /// - Throws: `.tls`, when the trust store is unreadable or OpenSSL refuses a setting.
  func prepare() throws(TransportFailure) {
    _ = try shared()
  }

  /// A new SSL object, owned by the caller.
  ///
  /// - Throws: as ``prepare()`` does.
  func makeSSL() throws(TransportFailure) -> OpaquePointer {
    guard let ssl = SSL_new(try shared()) else { throw .unavailable }
    return ssl
  }

  private func shared() throws(TransportFailure) -> OpaquePointer {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    if let context { return context }
    let made = try TLSContext.make(caDirectory: caDirectory)
    context = made
    return made
  }

  private static func make(caDirectory: String) throws(TransportFailure) -> OpaquePointer {
    // OpenSSL itself looks into the directory only when it meets a certificate, and then says "issuer unknown".
    guard access(caDirectory, R_OK | X_OK) == 0 else { throw .tls(.trustStoreUnreadable) }
    // openssl.cnf is not read: everything it could say about a client is said below.
    guard COpenSSL_initialize() == 1, let context = SSL_CTX_new(TLS_client_method()) else {
      throw .unavailable
    }
    guard configure(context, caDirectory: caDirectory) else {
      SSL_CTX_free(context)
      throw .unavailable
    }
    return context
  }

  private static func configure(_ context: OpaquePointer, caDirectory: String) -> Bool {
    // SSL_OP_IGNORE_UNEXPECTED_EOF stays off. With it, a connection cut by someone in between looks like the end of a
    // body that has no length of its own (a truncation attack); without it, such an end is an error, and bodies with a
    // length are complete before their end is ever asked for.
    SSL_CTX_set_options(context, COpenSSL_SSL_OP_NO_COMPRESSION() | COpenSSL_SSL_OP_NO_RENEGOTIATION())
    // One exchange, one connection: a session is never resumed.
    _ = COpenSSL_SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF)
    _ = COpenSSL_SSL_CTX_set_mode(
      context, UInt32(SSL_MODE_ENABLE_PARTIAL_WRITE) | UInt32(SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER))
    // A record's header and body in one recv(2).
    SSL_CTX_set_read_ahead(context)
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nil)
    // A length and a name (RFC 7301 §3.1).
    let protocols: [UInt8] = [8] + Array("http/1.1".utf8)
    // Not the one file of all certificates: parsing it costs 18 ms, looking up one hash in the directory 0.3 ms.
    return COpenSSL_SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1
      && SSL_CTX_set_alpn_protos(context, protocols, UInt32(protocols.count)) == 0
      && SSL_CTX_load_verify_dir(context, caDirectory) == 1
  }

  /// `SSL_CTX_set_read_ahead` is a macro, which Swift does not see.
  private static func SSL_CTX_set_read_ahead(_ context: OpaquePointer) {
    SSL_CTX_ctrl(context, SSL_CTRL_SET_READ_AHEAD, 1, nil)
  }
}
