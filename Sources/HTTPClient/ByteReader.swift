import Wire

/// Takes lines and runs of octets off a stream, through a buffer, within the deadline.
struct ByteReader {
  private let stream: any ByteStream
  private let deadline: Deadline
  private var buffer = [UInt8](repeating: 0, count: 16384)
  private var position = 0
  private var end = 0

  /// A reader at the start of the response.
  init(stream: any ByteStream, deadline: Deadline) {
    self.stream = stream
    self.deadline = deadline
  }

  /// Whether all that was read off the stream has been taken.
  var isDrained: Bool { position == end }

  /// Fills the empty buffer; false at the orderly end of the stream.
  private mutating func fill() throws(TransportFailure) -> Bool {
    position = 0
    end = 0
    do {
      // The closure form of withUnsafeMutableBytes loses the error's type, hence the Result.
      let stream = stream
      let deadline = deadline
      end = try buffer.withUnsafeMutableBytes { bytes in
        Result { () throws(StreamFailure) in try stream.read(into: bytes, until: deadline) }
      }.get()
    } catch {
      switch error {
      case .timedOut: throw .timedOut(.receive)
      case .broken: throw .closedEarly(afterSending: true)
      }
    }
    return end > 0
  }

  /// The next line without its end, CRLF or, as RFC 9112 §2.2 permits, LF alone.
  ///
  /// - Parameter budget: How many octets lines may still take; what this one took is subtracted.
  /// - Throws: `.tooLarge` when the budget ends before the line, `.closedEarly` when the stream does,
  ///   `.malformed` for a CR inside the line.
  mutating func line(budget: inout Int) throws(TransportFailure) -> [UInt8] {
    var line: [UInt8] = []
    while true {
      if position == end, !(try fill()) { throw .closedEarly(afterSending: true) }
      let available = buffer[position..<end]
      let lineFeed = available.firstIndex(of: UInt8(ascii: "\n"))
      let taken = lineFeed.map { $0 + 1 - position } ?? available.count
      budget -= taken
      guard budget >= 0 else { throw .tooLarge }
      line += available.prefix(taken)
      position += taken
      guard lineFeed != nil else { continue }
      line.removeLast()
      if line.last == UInt8(ascii: "\r") { line.removeLast() }
      guard !line.contains(UInt8(ascii: "\r")) else { throw .malformed("bare carriage return") }
      return line
    }
  }

  /// Moves at most `limit` octets to `body`: those that are there, or else those that come next.
  ///
  /// - Returns: How many; 0 at the end of the stream.
  mutating func read(upTo limit: Int, into body: inout [UInt8]) throws(TransportFailure) -> Int {
    if position == end, !(try fill()) { return 0 }
    let count = min(limit, end - position)
    body += buffer[position..<(position + count)]
    position += count
    return count
  }

  /// Moves exactly `count` octets to `body`.
  ///
  /// - Throws: `.closedEarly` when the stream ends before.
  mutating func read(exactly count: Int, into body: inout [UInt8]) throws(TransportFailure) {
    var missing = count
    while missing > 0 {
      let taken = try read(upTo: missing, into: &body)
      guard taken > 0 else { throw .closedEarly(afterSending: true) }
      missing -= taken
    }
  }
}
