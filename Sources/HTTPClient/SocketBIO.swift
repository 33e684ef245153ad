import COpenSSL
import Glibc
import Wire

/// What OpenSSL reads from and writes to: a socket, without signals and within a deadline.
///
/// OpenSSL's own socket BIO calls write(2), whose SIGPIPE would end the process when the peer has gone. Besides, a peer
/// that sends an endless run of records without application data would keep `SSL_read` inside OpenSSL: the deadline is
/// therefore looked at here, on every read and write.
final class SocketBIO {
  private let socket: Socket
  /// The deadline of the call under way.
  var deadline: Deadline
  /// Whether a read or write was refused because the deadline had passed.
  private(set) var timedOut = false
  /// Bytes handed to the network so far, TLS's own included.
  private(set) var bytesSent = 0
  private var reachedEnd = false

  /// A BIO's other half. It must outlive every BIO made from it.
  init(socket: Socket, deadline: Deadline) {
    self.socket = socket
    self.deadline = deadline
  }

  /// A new BIO over this socket, owned by the caller, with one reference; `nil` when memory ran out.
  func makeBIO() -> OpaquePointer? {
    guard let method = SocketBIO.method, let bio = BIO_new(method) else { return nil }
    BIO_set_data(bio, Unmanaged.passUnretained(self).toOpaque())
    BIO_set_init(bio, 1)
    return bio
  }

  // Never written after its first use, and OpenSSL only reads it.
  private nonisolated(unsafe) static let method: OpaquePointer? = {
    guard let method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket with a deadline") else {
      return nil
    }
    BIO_meth_set_read(method) { bio, buffer, count in
      guard let bio, let buffer, count > 0, let socket = SocketBIO.behind(bio) else { return -1 }
      return socket.transfer(bio, retryFlag: BIO_FLAGS_READ) {
        $0.receive(into: UnsafeMutableRawBufferPointer(start: buffer, count: Int(count)))
      }
    }
    BIO_meth_set_write(method) { bio, buffer, count in
      guard let bio, let buffer, count > 0, let socket = SocketBIO.behind(bio) else { return -1 }
      let sent = socket.transfer(bio, retryFlag: BIO_FLAGS_WRITE) {
        $0.send(UnsafeRawBufferPointer(start: buffer, count: Int(count)))
      }
      if sent > 0 { socket.bytesSent += Int(sent) }
      return sent
    }
    BIO_meth_set_ctrl(method) { bio, command, _, _ in
      switch command {
      case BIO_CTRL_FLUSH: 1
      case BIO_CTRL_EOF: bio.flatMap(SocketBIO.behind)?.reachedEnd == true ? 1 : 0
      default: 0
      }
    }
    return method
  }()

  private static func behind(_ bio: OpaquePointer) -> SocketBIO? {
    BIO_get_data(bio).map { Unmanaged<SocketBIO>.fromOpaque($0).takeUnretainedValue() }
  }

  private func transfer(_ bio: OpaquePointer, retryFlag: Int32, _ call: (Socket) -> Socket.Transfer) -> Int32 {
    BIO_clear_flags(bio, BIO_FLAGS_READ | BIO_FLAGS_WRITE | BIO_FLAGS_SHOULD_RETRY)
    if deadline.hasPassed {
      timedOut = true
      return -1
    }
    switch call(socket) {
    case .bytes(let count):
      if count == 0 { reachedEnd = true }
      return Int32(clamping: count)
    case .wouldBlock:
      BIO_set_flags(bio, retryFlag | BIO_FLAGS_SHOULD_RETRY)
      return -1
    case .failed:
      return -1
    }
  }
}
