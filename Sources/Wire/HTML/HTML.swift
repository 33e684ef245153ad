/// Escaping for HTML (WHATWG HTML §13.1), one function per place a text may stand; the place is in the name.
package enum HTML {
  /// For the text of an element, other than `script` and `style`.
  package static func text(_ text: String) -> String {
    escape(text) { byte in
      switch byte {
      case UInt8(ascii: "&"): "&amp;"
      case UInt8(ascii: "<"): "&lt;"
      case UInt8(ascii: ">"): "&gt;"
      default: nil
      }
    }
  }

  /// For an attribute's value, which must stand between double or single quotes.
  package static func attribute(_ text: String) -> String {
    escape(text) { byte in
      switch byte {
      case UInt8(ascii: "&"): "&amp;"
      case UInt8(ascii: "<"): "&lt;"
      case UInt8(ascii: ">"): "&gt;"
      case UInt8(ascii: "\""): "&quot;"
      case UInt8(ascii: "'"): "&#39;"
      default: nil
      }
    }
  }

  /// JSON for the inside of a `script` element: the same value, spelled so that no text in it can end the element or
  /// start a comment.
  package static func scriptJSON(_ value: JSONValue) -> String {
    escape(value.encoded) { byte in
      switch byte {
      case UInt8(ascii: "<"): "\\u003C"
      case UInt8(ascii: ">"): "\\u003E"
      case UInt8(ascii: "&"): "\\u0026"
      default: nil
      }
    }
  }

  private static func escape(_ text: String, _ replacement: (UInt8) -> StaticString?) -> String {
    var output: [UInt8] = []
    output.reserveCapacity(text.utf8.count)
    for byte in text.utf8 {
      if let replacement = replacement(byte) {
        replacement.withUTF8Buffer { output.append(contentsOf: $0) }
      } else {
        output.append(byte)
      }
    }
    return String(decoding: output, as: UTF8.self)
  }
}
