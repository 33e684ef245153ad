/// Why bytes are not the JSON this program accepts. Offsets count bytes from 0; no case carries a value.
package enum JSONError: Error, Equatable, Sendable {
  /// An object names a member twice, also when one spelling is escaped (RFC 8259 §4, RFC 7519 §4).
  case duplicateKey(String)
  /// A string is not well-formed UTF-8 (RFC 8259 §8.1, RFC 3629).
  case invalidUTF8
  /// Arrays and objects are nested deeper than asked for.
  case tooDeep
  /// The text is longer than asked for.
  case tooLarge
  /// A number too large for binary64, such as `1e400` (RFC 8259 §6).
  case numberOutOfRange(offset: Int)
  /// The grammar of RFC 8259 is broken at this byte; also a lone surrogate escape (§8.2).
  case syntax(offset: Int)

  /// A stable name for logs and answers.
  package var code: String {
    switch self {
    case .duplicateKey: "json_duplicate_key"
    case .invalidUTF8: "json_invalid_utf8"
    case .tooDeep: "json_too_deep"
    case .tooLarge: "json_too_large"
    case .numberOutOfRange: "json_number_out_of_range"
    case .syntax: "json_syntax"
    }
  }
}
