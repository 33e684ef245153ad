/// What of a request's body has been read. A class, because standard input can be read once, whoever holds the request.
final class RequestBody {
  /// How the end of the body is known.
  enum Framing: Equatable {
    case none
    case length(Int)
    case untilEnd
    case invalidLength

    init(method: String, contentLength: String?, transferEncoding: String?) {
      guard let contentLength, !contentLength.isEmpty else {
        // A terminal never ends, so a GET started by hand must not wait for one.
        let announcesNone = transferEncoding == nil && ["GET", "HEAD", "OPTIONS"].contains(method)
        self = announcesNone ? .none : .untilEnd
        return
      }
      guard contentLength.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
        self = .invalidLength
        return
      }
      // More digits than an Int holds are still a length, one that no limit allows.
      self = .length(Int(contentLength) ?? .max)
    }
  }

  private static let chunkSize = 16 * 1024

  private let framing: Framing
  private let read: StandardInput.Read
  private var received = 0
  private var hasEnded = false
  private var outcome: Result<[UInt8], BodyError>?

  init(framing: Framing, read: @escaping StandardInput.Read) {
    self.framing = framing
    self.read = read
  }

  func bytes(limit: Int) throws(BodyError) -> [UInt8] {
    let result = outcome ?? load(limit: limit)
    outcome = result
    let bytes = try result.get()
    guard bytes.count <= limit else { throw .tooLarge }
    return bytes
  }

  func drain(upTo limit: Int) {
    let wanted: Int
    switch framing {
    case .none: return
    case .length(let length): wanted = min(length - received, limit)
    case .untilEnd, .invalidLength: wanted = limit
    }
    var chunk = [UInt8](repeating: 0, count: min(max(wanted, 0), Self.chunkSize))
    var rest = wanted
    while rest > 0, !hasEnded {
      rest -= fill(&chunk, upTo: rest)
    }
  }

  private func load(limit: Int) -> Result<[UInt8], BodyError> {
    switch framing {
    case .none: return .success([])
    case .invalidLength: return .failure(.invalidLength)
    case .length(let length):
      guard length <= limit else { return .failure(.tooLarge) }
      return load(upTo: length).flatMap { $0.count == length ? .success($0) : .failure(.truncated) }
    case .untilEnd:
      // One byte more than allowed tells a body of exactly the limit from a longer one.
      return load(upTo: limit + 1).flatMap { $0.count <= limit ? .success($0) : .failure(.tooLarge) }
    }
  }

  private func load(upTo count: Int) -> Result<[UInt8], BodyError> {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: min(count, Self.chunkSize))
    while bytes.count < count, !hasEnded {
      let filled = fill(&chunk, upTo: count - bytes.count)
      guard filled >= 0 else { return .failure(.unreadable) }
      bytes.append(contentsOf: chunk[..<filled])
    }
    return .success(bytes)
  }

  /// Reads once; 0 at the end, below 0 on failure, after either of which nothing more is read.
  private func fill(_ chunk: inout [UInt8], upTo count: Int) -> Int {
    let filled = chunk.withUnsafeMutableBytes { buffer in
      read(UnsafeMutableRawBufferPointer(rebasing: buffer[..<min(buffer.count, count)]))
    }
    if filled > 0 { received += filled } else { hasEnded = true }
    return filled
  }
}
