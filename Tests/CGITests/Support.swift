import CGI

/// A request as a server would set it up: these variables, this body, given out in pieces of that size.
func request(_ variables: [String: String] = [:], body: [UInt8] = [], pieces: Int = .max) -> Request {
  Request(environment: { variables[$0] }, read: BodySource(body, pieces: pieces).read)
}

/// A body that counts how it is read.
final class BodySource {
  private var rest: ArraySlice<UInt8>
  private let pieces: Int
  private(set) var calls = 0
  private(set) var given = 0
  private(set) var largestBuffer = 0
  /// When set, the read after that many bytes fails.
  var failsAfter: Int?

  init(_ bytes: [UInt8], pieces: Int = .max) {
    rest = bytes[...]
    self.pieces = pieces
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    calls += 1
    largestBuffer = max(largestBuffer, buffer.count)
    if let failsAfter, given >= failsAfter { return -1 }
    let count = min(buffer.count, pieces, rest.count)
    buffer.copyBytes(from: rest.prefix(count))
    rest = rest.dropFirst(count)
    given += count
    return count
  }

  /// A request whose body this is.
  func request(_ variables: [String: String]) -> Request {
    Request(environment: { variables[$0] }, read: read)
  }
}
