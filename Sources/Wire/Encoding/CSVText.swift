/// Comma-separated values (RFC 4180): records end in CRLF, fields are quoted where they must be.
package enum CSVText {
  /// The records as one text; spreadsheets of regions with a decimal comma split at semicolons.
  package static func encode(_ records: [[String]], separator: Character = ",") -> String {
    var text = ""
    for record in records {
      text += record.map { field($0, separator) }.joined(separator: String(separator))
      text += "\r\n"
    }
    return text
  }

  /// A text that people wrote, made harmless for spreadsheets, which run a cell that begins like a formula: an
  /// apostrophe before it says that it is text. East Asian ones take full-width signs for the narrow ones.
  package static func harmless(_ text: String) -> String {
    switch text.unicodeScalars.first {
    case "=", "+", "-", "@", "\t", "\n", "\r", "\u{FF1D}", "\u{FF0B}", "\u{FF0D}", "\u{FF20}": "'" + text
    default: text
    }
  }

  /// RFC 4180 §2.5 to §2.7. Looks at bytes: a carriage return and a line feed are one character, and
  /// neither of them.
  private static func field(_ text: String, _ separator: Character) -> String {
    let isPlain = text.utf8.allSatisfy { $0 != 0x22 && $0 != separator.asciiValue && $0 != 0x0D && $0 != 0x0A }
    guard !isPlain else { return text }
    var quoted: [UInt8] = [0x22]
    for byte in text.utf8 {
      if byte == 0x22 { quoted.append(0x22) }
      quoted.append(byte)
    }
    quoted.append(0x22)
    return String(decoding: quoted, as: UTF8.self)
  }
}
