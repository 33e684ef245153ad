import COpenSSL
import Foundation
import Synchronization

/// A server on loopback that does to each connection what a test wants done.
final class TestServer: Sendable {
  /// The port that the system gave it.
  let port: Int
  private let listener: Int32
  private let accepted = Mutex(0)

  /// How many connections were accepted so far.
  var connections: Int { accepted.withLock { $0 } }

  /// Starts accepting. The connection is closed when the behaviour returns.
  init(behaviour: @escaping @Sendable (any Peer) throws -> Void) throws {
    (listener, port) = try TestServer.listen(backlog: 16)
    start { try behaviour(PlainPeer(descriptor: $0)) }
  }

  /// The same behind TLS. Handshakes that fail are the client's to explain.
  ///
  /// - Parameters:
  ///   - certificate: A PEM file made by ``TestCertificates``.
  ///   - configure: Last changes to the SSL_CTX.
  init(
    certificate: String, configure: @Sendable (OpaquePointer) -> Void = { _ in },
    behaviour: @escaping @Sendable (TLSPeer) throws -> Void
  ) throws {
    (listener, port) = try TestServer.listen(backlog: 16)
    let context = try unwrap("SSL_CTX_new", SSL_CTX_new(TLS_server_method()))
    SSL_CTX_use_certificate_file(context, certificate, SSL_FILETYPE_PEM)
    SSL_CTX_use_PrivateKey_file(context, try TestCertificates.shared().keyFile, SSL_FILETYPE_PEM)
    configure(context)
    nonisolated(unsafe) let shared = context
    start { try behaviour(TLSPeer(context: shared, descriptor: $0)) }
  }

  deinit {
    // Wakes the thread up, which then closes the descriptor.
    shutdown(listener, Int32(SHUT_RDWR))
  }

  private func start(_ serve: @escaping @Sendable (Int32) throws -> Void) {
    let listener = listener
    Thread { [weak self] in
      // A peer that goes away is the test's intention here; only the client's own thread shows whether it minds.
      var signals = sigset_t()
      sigemptyset(&signals)
      sigaddset(&signals, SIGPIPE)
      pthread_sigmask(SIG_BLOCK, &signals, nil)
      while true {
        let descriptor = accept(listener, nil, nil)
        guard descriptor >= 0 else { break }
        self?.accepted.withLock { $0 += 1 }
        // As web servers do: what was written is on its way before a reset can discard it.
        var enabled: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &enabled, socklen_t(MemoryLayout<Int32>.size))
        var limit = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        // A behaviour that fails because the client has gone has nothing more to say.
        try? serve(descriptor)
        close(descriptor)
      }
      close(listener)
    }.start()
  }

  /// A socket that listens on a port of the system's choice.
  static func listen(backlog: Int32) throws -> (descriptor: Int32, port: Int) {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
      }
    }
    guard bound, Glibc.listen(descriptor, backlog) == 0 else { throw POSIXError(.EADDRNOTAVAIL) }
    return (descriptor, Int(UInt16(bigEndian: address.sin_port)))
  }
}

/// A port on which nothing listens.
func unusedPort() throws -> Int {
  let (descriptor, port) = try TestServer.listen(backlog: 1)
  close(descriptor)
  return port
}
