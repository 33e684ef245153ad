/// The `Cookie` field (RFC 6265 §4.2 and §5.4).
enum Cookies {
  /// The first value of that name, verbatim, or nil. Names are compared with case.
  static func value(of name: String, in field: String) -> String? {
    for pair in field.utf8.split(separator: UInt8(ascii: ";")) {
      guard let equals = pair.firstIndex(of: UInt8(ascii: "=")) else { continue }
      guard trimmed(pair[..<equals]).elementsEqual(name.utf8) else { continue }
      return String(decoding: trimmed(pair[pair.index(after: equals)...]), as: UTF8.self)
    }
    return nil
  }

  /// The names, in the order of the field: of equal paths the cookie that was made first stands first.
  static func names(in field: String) -> [String] {
    field.utf8.split(separator: UInt8(ascii: ";")).compactMap { pair in
      pair.firstIndex(of: UInt8(ascii: "=")).map { String(decoding: trimmed(pair[..<$0]), as: UTF8.self) }
    }
  }

  private static func trimmed(_ text: Substring.UTF8View) -> Substring.UTF8View {
    let isBlank: (UInt8) -> Bool = { $0 == UInt8(ascii: " ") || $0 == 0x09 }
    var text = text.drop(while: isBlank)
    while let last = text.last, isBlank(last) { text = text.dropLast() }
    return text
  }
}
