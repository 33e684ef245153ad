/// Text from outside as one line of a log: nothing in it ends the line, moves a terminal's cursor or turns the reading direction.
enum LogText {
  /// The text with what is no letter, mark or sign written as `\\x1B` or `\\u2028`.
  static func escaped(_ text: String) -> String {
    // C1 begins with C2 in UTF-8, the separators and directions with E2, U+FEFF with EF; most lines have none of them.
    guard text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F || $0 == 0xC2 || $0 == 0xE2 || $0 == 0xEF }) else {
      return text
    }
    var escaped = ""
    for scalar in text.unicodeScalars {
      guard isUnsafe(scalar) else {
        escaped.unicodeScalars.append(scalar)
        continue
      }
      let digits = String(scalar.value, radix: 16, uppercase: true)
      let width = scalar.value < 0x80 ? 2 : 4
      escaped +=
        (width == 2 ? "\\x" : "\\u") + String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
    return escaped
  }

  private static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0...0x1F, 0x7F...0x9F: true  // C0, DEL, C1
    case 0x2028, 0x2029: true  // line and paragraph separators
    case 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069, 0xFEFF: true  // directions, byte order mark
    default: false
    }
  }
}
