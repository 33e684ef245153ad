import Wire

/// Reads one response (RFC 9112), whatever the server sends.
struct ResponseReader {
  /// How many octets heads, chunk extensions and trailers may still take together.
  private var headBudget: Int
  /// How many octets the body may have.
  private let maximumBody: Int
  private var reader: ByteReader

  /// More fields than any server sends, and few enough for linear look-ups.
  private static let maximumFields = 256

  /// A reader for the response to a request that has just been written to `stream`.
  init(stream: any ByteStream, policy: HTTPClient.Policy, deadline: Deadline) {
    headBudget = policy.maximumHeaderBytes
    maximumBody = policy.maximumResponseBytes
    reader = ByteReader(stream: stream, deadline: deadline)
  }

  /// The final response to a request with that method.
  ///
  /// - Throws: `.timedOut(.receive)`, `.tooLarge`, `.malformed`, `.closedEarly(afterSending: true)`.
  mutating func response(to method: String) throws(TransportFailure) -> HTTPResponse {
    var (status, fields) = try head()
    // Any number of interim responses may come first (RFC 9110 §15.2); the budget bounds them.
    while status < 200 {
      // Switching protocols was not asked for.
      guard status != 101 else { throw .malformed("unexpected status 101") }
      (status, fields) = try head()
    }
    let length = try BodyLength(status: status, method: method, fields: fields)
    return HTTPResponse(status: status, fields: fields, body: try body(length))
  }

  /// The status of the answer to CONNECT; a body that comes with a refusal is not read.
  ///
  /// - Throws: as ``response(to:)`` does.
  mutating func tunnelStatus() throws(TransportFailure) -> Int {
    while true {
      let status = try head().status
      if status >= 200 || status == 101 { return status }
    }
  }

  /// Whether nothing was read beyond what was asked for.
  var isDrained: Bool { reader.isDrained }

  /// RFC 9112 §2.1: status line, field lines, empty line.
  private mutating func head() throws(TransportFailure) -> (status: Int, fields: HTTPFields) {
    let line = try reader.line(budget: &headBudget)
    let status = try ResponseReader.status(of: line)
    var fields = HTTPFields()
    var count = 0
    while true {
      let line = try reader.line(budget: &headBudget)
      if line.isEmpty { break }
      count += 1
      guard count <= ResponseReader.maximumFields else { throw .tooLarge }
      try ResponseReader.append(line, to: &fields)
    }
    // A server of that version does not know chunks: something on the way garbled the framing (RFC 9112 §6.1).
    guard line[7] != UInt8(ascii: "0") || fields["Transfer-Encoding"] == nil else {
      throw .malformed("Transfer-Encoding in HTTP/1.0")
    }
    return (status, fields)
  }

  /// RFC 9112 §4: `HTTP/1.1 200 reason`. The reason is ignored: Moodle echoes whole request bodies there.
  private static func status(of line: [UInt8]) throws(TransportFailure) -> Int {
    let prefix = Array("HTTP/1.".utf8)
    guard line.starts(with: prefix), line.count >= 12, Octets.isDigit(line[7]), line[8] == UInt8(ascii: " "),
      line[9...11].allSatisfy(Octets.isDigit), line.count == 12 || line[12] == UInt8(ascii: " ")
    else { throw .malformed("status line") }
    let status = line[9...11].reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    guard (100...599).contains(status) else { throw .malformed("status code") }
    return status
  }

  /// RFC 9112 §5: `name: value`, on one line.
  private static func append(_ line: [UInt8], to fields: inout HTTPFields) throws(TransportFailure) {
    // A line that goes on (obs-fold, §5.2) starts with white space; so does a first line smuggled in (§2.2).
    guard let first = line.first, !Octets.isBlank(first) else { throw .malformed("folded field line") }
    guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { throw .malformed("field line") }
    let name = String(decoding: line[..<colon], as: UTF8.self)
    guard HTTPFields.isToken(name) else { throw .malformed("field name") }
    let value = Octets.trimmed(line[(colon + 1)...])
    // Tabs and anything printable, and what is not ASCII (obs-text, RFC 9110 §5.5).
    guard value.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }),
      fields.append(name, String(decoding: value, as: UTF8.self))
    else { throw .malformed("field value") }
  }

  private mutating func body(_ length: BodyLength) throws(TransportFailure) -> [UInt8] {
    var body: [UInt8] = []
    switch length {
    case .none:
      break
    case .fixed(let count):
      guard count <= maximumBody else { throw .tooLarge }
      body.reserveCapacity(count)
      try reader.read(exactly: count, into: &body)
    case .chunked:
      try readChunks(into: &body)
    case .untilClose:
      // One octet beyond the limit tells a body that is too large from one that just fits.
      while try reader.read(upTo: maximumBody + 1 - body.count, into: &body) > 0 {
        guard body.count <= maximumBody else { throw .tooLarge }
      }
    }
    return body
  }

  /// RFC 9112 §7.1.
  private mutating func readChunks(into body: inout [UInt8]) throws(TransportFailure) {
    while true {
      // A size and its line end are free, up to 16 digits: no chunk is empty, so the body's limit bounds their number.
      var budget = headBudget + 18
      let size = try ResponseReader.chunkSize(try reader.line(budget: &budget))
      headBudget = min(headBudget, budget)
      if size == 0 { break }
      guard size <= maximumBody - body.count else { throw .tooLarge }
      try reader.read(exactly: size, into: &body)
      var lineEnd = 2
      let rest: [UInt8]
      do {
        rest = try reader.line(budget: &lineEnd)
      } catch .tooLarge {
        throw .malformed("chunk end")
      }
      guard rest.isEmpty else { throw .malformed("chunk end") }
    }
    // Trailer fields are read to their end and dropped (RFC 9110 §6.5.1).
    while !(try reader.line(budget: &headBudget)).isEmpty {}
  }

  /// A chunk's size, its extensions ignored (RFC 9112 §7.1.1); blanks before them are tolerated.
  private static func chunkSize(_ line: [UInt8]) throws(TransportFailure) -> Int {
    let digits = Octets.trimmed(line.prefix { $0 != UInt8(ascii: ";") })
    guard !digits.isEmpty, !Octets.isBlank(line[0]) else { throw .malformed("chunk size") }
    var size = 0
    for digit in digits {
      guard let value = Octets.hexValue(digit) else { throw .malformed("chunk size") }
      // No limit is anywhere near this; beyond it the sum could overflow.
      guard size < 1 << 40 else { throw .tooLarge }
      size = size << 4 | value
    }
    return size
  }
}
