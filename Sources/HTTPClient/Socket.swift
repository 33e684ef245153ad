import Glibc
import Wire

/// One non-blocking TCP connection, closed with the last reference to it.
final class Socket {
  private let descriptor: Int32

  private init(descriptor: Int32) {
    self.descriptor = descriptor
  }

  deinit {
    close(descriptor)
  }

  /// Connects to the first address that accepts.
  ///
  /// An address that does not answer gets an equal part of the time that is left, so that one blackholed IPv6 route
  /// does not use up what the IPv4 address behind it needs.
  ///
  /// - Throws: `.timedOut(.connect)`, or `.connectFailed` with the last address's errno.
  static func connect(to addresses: [SocketAddress], until deadline: Deadline) throws(TransportFailure) -> Socket {
    var lastError = EADDRNOTAVAIL
    for (index, address) in addresses.enumerated() {
      switch attempt(address, until: deadline.share(of: addresses.count - index)) {
      case .success(let socket): return socket
      case .failure(let error): lastError = error.errno
      }
      if deadline.hasPassed { throw .timedOut(.connect) }
    }
    throw .connectFailed(errno: lastError)
  }

  private struct ConnectError: Error { var errno: Int32 }

  private static func attempt(_ address: SocketAddress, until limit: Deadline) -> Result<Socket, ConnectError> {
    let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    let descriptor = Glibc.socket(address.family, type, 0)
    guard descriptor >= 0 else { return .failure(ConnectError(errno: errno)) }
    let socket = Socket(descriptor: descriptor)
    // The request follows the end of the TLS handshake in a write of its own; Nagle's algorithm would hold it back.
    var enabled: Int32 = 1
    setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &enabled, socklen_t(MemoryLayout<Int32>.size))
    if address.withPointer({ Glibc.connect(descriptor, $0, $1) }) == 0 { return .success(socket) }
    guard errno == EINPROGRESS || errno == EINTR else { return .failure(ConnectError(errno: errno)) }
    guard socket.wait(for: .writing, until: limit) else { return .failure(ConnectError(errno: ETIMEDOUT)) }
    var outcome: Int32 = 0
    var size = socklen_t(MemoryLayout<Int32>.size)
    guard getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &outcome, &size) == 0 else {
      return .failure(ConnectError(errno: errno))
    }
    return outcome == 0 ? .success(socket) : .failure(ConnectError(errno: outcome))
  }

  /// Acknowledges what arrives without delay, until the kernel decides otherwise.
  ///
  /// A server that leaves Nagle's algorithm on holds its response back until its session tickets (RFC 8446 §4.6.1) are
  /// acknowledged, and a delayed acknowledgement lets it wait 40 ms.
  func acknowledgeAtOnce() {
    var enabled: Int32 = 1
    setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_QUICKACK, &enabled, socklen_t(MemoryLayout<Int32>.size))
  }

  /// What a wait is for.
  enum Readiness {
    case reading, writing
  }

  /// Waits until the socket is ready or has something to report (an error, a hang-up); false when time ran out first.
  func wait(for readiness: Readiness, until deadline: Deadline) -> Bool {
    var entry = pollfd(fd: descriptor, events: Int16(readiness == .reading ? POLLIN : POLLOUT), revents: 0)
    while !deadline.hasPassed {
      let count = poll(&entry, 1, deadline.pollTimeout)
      if count > 0 { return true }
      // Anything but an interruption (ENOMEM) shows itself again in the read or write that follows.
      if count < 0, errno != EINTR { return true }
    }
    return false
  }

  /// The outcome of one read or write that did not wait.
  enum Transfer {
    /// So many bytes; for a read, 0 is the end of the stream.
    case bytes(Int)
    /// Nothing for now.
    case wouldBlock
    /// The connection is gone.
    case failed
  }

  /// One recv(2).
  func receive(into buffer: UnsafeMutableRawBufferPointer) -> Transfer {
    Socket.transfer { recv(descriptor, buffer.baseAddress, buffer.count, 0) }
  }

  /// One send(2). `MSG_NOSIGNAL`: a peer that went away is an error to handle, not a SIGPIPE that ends the process.
  func send(_ buffer: UnsafeRawBufferPointer) -> Transfer {
    Socket.transfer { Glibc.send(descriptor, buffer.baseAddress, buffer.count, Int32(MSG_NOSIGNAL)) }
  }

  private static func transfer(_ call: () -> Int) -> Transfer {
    while true {
      let count = call()
      if count >= 0 { return .bytes(count) }
      switch errno {
      case EINTR: continue
      case EAGAIN: return .wouldBlock
      default: return .failed
      }
    }
  }
}
