import Wire

/// How the end of a response's body is known (RFC 9112 §6.3).
enum BodyLength: Equatable {
  /// There is none.
  case none
  /// So many octets.
  case fixed(Int)
  /// Chunks, the last one empty.
  case chunked
  /// Everything up to the end of the connection.
  case untilClose

  /// Applies the rules in the RFC's order, refusing where it permits guessing.
  ///
  /// - Throws: `.malformed` for a transfer coding other than `chunked` alone, for `Transfer-Encoding` together with
  ///   `Content-Length`, for a length that is no number, and for lengths that contradict each other.
  init(status: Int, method: String, fields: HTTPFields) throws(TransportFailure) {
    let codings = fields.values("Transfer-Encoding")
    let lengths = fields.values("Content-Length")
    // Rule 1.
    if method == "HEAD" || status == 204 || status == 304 {
      self = .none
      return
    }
    // Rules 3 and 4.
    if !codings.isEmpty {
      guard lengths.isEmpty else { throw .malformed("Transfer-Encoding with Content-Length") }
      guard codings.count == 1, codings[0].asciiLowercased == "chunked" else {
        throw .malformed("Transfer-Encoding")
      }
      self = .chunked
      return
    }
    // Rules 5 to 8. The same length said twice is still one length.
    var length: Int?
    for element in lengths.flatMap({ $0.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) }) {
      let value = try BodyLength.decimal(Octets.trimmed(Array(element)[...]))
      guard length == nil || length == value else { throw .malformed("contradicting Content-Length") }
      length = value
    }
    self = length.map { .fixed($0) } ?? .untilClose
  }

  private static func decimal(_ digits: ArraySlice<UInt8>) throws(TransportFailure) -> Int {
    guard !digits.isEmpty, digits.allSatisfy(Octets.isDigit) else {
      throw .malformed("Content-Length")
    }
    guard let value = Int(String(decoding: digits, as: UTF8.self)) else { throw .tooLarge }
    return value
  }
}
