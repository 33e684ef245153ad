import Wire

/// A connection's two directions, in clear or inside TLS. Each call waits at most until the deadline.
protocol ByteStream: AnyObject {
  /// Whether the network took a byte of what was written, so that the server may have seen some of the request.
  var hasSent: Bool { get }

  /// Writes all of `bytes`.
  func write(_ bytes: [UInt8], until deadline: Deadline) throws(StreamFailure)

  /// Reads what has arrived, waiting for at least one byte; 0 is an orderly end, which over TLS is a close_notify.
  func read(into buffer: UnsafeMutableRawBufferPointer, until deadline: Deadline) throws(StreamFailure) -> Int
}

/// Why a stream stopped.
enum StreamFailure: Error {
  /// The deadline passed.
  case timedOut
  /// The connection was reset, or ended without the close_notify that tells an end from a truncation.
  case broken
}

/// A connection in clear.
final class PlainStream: ByteStream {
  private let socket: Socket
  private(set) var hasSent = false

  /// A stream over a connected socket.
  init(socket: Socket) {
    self.socket = socket
  }

  func write(_ bytes: [UInt8], until deadline: Deadline) throws(StreamFailure) {
    var sent = 0
    while sent < bytes.count {
      if deadline.hasPassed { throw .timedOut }
      switch bytes.withUnsafeBytes({ socket.send(UnsafeRawBufferPointer(rebasing: $0[sent...])) }) {
      case .bytes(let count):
        sent += count
        hasSent = hasSent || count > 0
      case .wouldBlock: guard socket.wait(for: .writing, until: deadline) else { throw .timedOut }
      case .failed: throw .broken
      }
    }
  }

  func read(into buffer: UnsafeMutableRawBufferPointer, until deadline: Deadline) throws(StreamFailure) -> Int {
    while true {
      // Checked on every turn, so that bytes that never stop coming do not outlast the deadline either.
      if deadline.hasPassed { throw .timedOut }
      switch socket.receive(into: buffer) {
      case .bytes(let count): return count
      case .wouldBlock: guard socket.wait(for: .reading, until: deadline) else { throw .timedOut }
      case .failed: throw .broken
      }
    }
  }
}
