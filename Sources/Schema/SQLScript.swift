/// Cuts an SQL file of this module into its statements.
///
/// Knows comments to the end of a line, `'text'`, `"name"` and bodies between `$$`, which is all that these files use.
package enum SQLScript {
  /// The statements in order, without their semicolons and without the comments in front of them.
  package static func statements(of file: String) -> [String] {
    let bytes = Array(file.utf8)
    var statements: [String] = []
    /// Where the statement begins that is being read; nil between two.
    var begin: Int?
    var place = 0
    func starts(_ text: StaticString) -> Bool {
      text.withUTF8Buffer { bytes[place...].starts(with: $0) }
    }
    func end(statementAt begin: Int) {
      statements.append(String(decoding: trimmed(bytes[begin..<place]), as: UTF8.self))
    }
    while place < bytes.count {
      if starts("--") {
        place = bytes[place...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
        continue
      }
      switch bytes[place] {
      case UInt8(ascii: ";"):
        if let first = begin { end(statementAt: first) }
        begin = nil
        place += 1
      case UInt8(ascii: " "), UInt8(ascii: "\n"): place += 1
      default:
        begin = begin ?? place
        place = past(place, in: bytes)
      }
    }
    if let first = begin { end(statementAt: first) }
    return statements
  }

  /// The place after what begins here: a quoted text whole, otherwise one byte.
  private static func past(_ place: Int, in bytes: [UInt8]) -> Int {
    let quote = bytes[place]
    switch quote {
    case UInt8(ascii: "'"), UInt8(ascii: "\""):
      return (bytes[(place + 1)...].firstIndex(of: quote) ?? bytes.count - 1) + 1
    case UInt8(ascii: "$") where place + 1 < bytes.count && bytes[place + 1] == quote:
      var end = place + 2
      while end + 1 < bytes.count, bytes[end] != quote || bytes[end + 1] != quote { end += 1 }
      return min(end + 2, bytes.count)
    default: return place + 1
    }
  }

  private static func trimmed(_ statement: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var statement = statement
    while let last = statement.last, last == UInt8(ascii: " ") || last == UInt8(ascii: "\n") { statement.removeLast() }
    return statement
  }
}
