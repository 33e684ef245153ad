import Wire

@testable import HTTPClient

/// A stream whose every call does what the test wrote down.
final class ScriptedStream: ByteStream {
  private(set) var hasSent: Bool
  private let writeFailure: StreamFailure?
  private var pieces: [[UInt8]]
  private let endFailure: StreamFailure?

  /// - Parameters:
  ///   - sends: Whether a first part of the request reaches the network.
  ///   - writeFailure: What then becomes of the write.
  ///   - pieces: What the reads deliver.
  ///   - endFailure: What comes after the last piece; an orderly end when `nil`.
  init(
    sends: Bool = true, writeFailure: StreamFailure? = nil, pieces: [[UInt8]] = [], endFailure: StreamFailure? = nil
  ) {
    hasSent = sends
    self.writeFailure = writeFailure
    self.pieces = pieces
    self.endFailure = endFailure
  }

  func write(_ bytes: [UInt8], until deadline: Deadline) throws(StreamFailure) {
    if let writeFailure { throw writeFailure }
  }

  func read(into buffer: UnsafeMutableRawBufferPointer, until deadline: Deadline) throws(StreamFailure) -> Int {
    guard !pieces.isEmpty else {
      if let endFailure { throw endFailure }
      return 0
    }
    let piece = pieces.removeFirst()
    let taken = piece.prefix(buffer.count)
    if taken.count < piece.count { pieces.insert(Array(piece[taken.endIndex...]), at: 0) }
    buffer.copyBytes(from: taken)
    return taken.count
  }
}
