import Wire

/// JSON as PHP's `json_encode` writes it: non-ASCII characters as `\u` escapes, slashes escaped unless told otherwise.
///
/// Moodle's tokens and service answers come in this form, so a tool must read it; our own encoder writes UTF-8.
enum PHPJSON {
  /// One line; `escapingSlashes` is PHP's default, false stands for `JSON_UNESCAPED_SLASHES`.
  static func encode(_ value: JSONValue, escapingSlashes: Bool = true) -> String {
    var output = ""
    write(value, into: &output, escapingSlashes: escapingSlashes, indentation: nil)
    return output
  }

  /// `JSON_UNESCAPED_SLASHES | JSON_PRETTY_PRINT`: 4 spaces per level.
  static func pretty(_ value: JSONValue) -> String {
    var output = ""
    write(value, into: &output, escapingSlashes: false, indentation: 0)
    return output
  }

  private static func write(
    _ value: JSONValue, into output: inout String, escapingSlashes: Bool, indentation: Int?
  ) {
    switch value {
    case .string(let text): write(text, into: &output, escapingSlashes: escapingSlashes)
    case .array(let elements):
      writeList(elements, opening: "[", closing: "]", into: &output, indentation: indentation) {
        element, output, inner in
        write(element, into: &output, escapingSlashes: escapingSlashes, indentation: inner)
      }
    case .object(let object):
      writeList(object.members, opening: "{", closing: "}", into: &output, indentation: indentation) {
        member, output, inner in
        write(member.key, into: &output, escapingSlashes: escapingSlashes)
        output += inner == nil ? ":" : ": "
        write(member.value, into: &output, escapingSlashes: escapingSlashes, indentation: inner)
      }
    case .null, .bool, .number: output += value.encoded
    }
  }

  private static func writeList<Element>(
    _ elements: [Element], opening: String, closing: String, into output: inout String, indentation: Int?,
    writeElement: (Element, inout String, Int?) -> Void
  ) {
    output += opening
    let inner = indentation.map { $0 + 1 }
    for (index, element) in elements.enumerated() {
      if index > 0 { output += "," }
      if let inner { output += "\n" + String(repeating: "    ", count: inner) }
      writeElement(element, &output, inner)
    }
    if let indentation, !elements.isEmpty { output += "\n" + String(repeating: "    ", count: indentation) }
    output += closing
  }

  private static func write(_ text: String, into output: inout String, escapingSlashes: Bool) {
    output += "\""
    for unit in text.utf16 {
      switch unit {
      case 0x22: output += "\\\""
      case 0x5C: output += "\\\\"
      case 0x2F: output += escapingSlashes ? "\\/" : "/"
      case 0x08: output += "\\b"
      case 0x0C: output += "\\f"
      case 0x0A: output += "\\n"
      case 0x0D: output += "\\r"
      case 0x09: output += "\\t"
      case 0x20..<0x7F: output.unicodeScalars.append(Unicode.Scalar(UInt8(unit)))
      default:
        let digits = String(unit, radix: 16)
        output += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      }
    }
    output += "\""
  }
}
