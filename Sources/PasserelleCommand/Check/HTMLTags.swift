/// The start tags of an HTML page, as far as looking for attributes needs them: comments and what scripts and styles hold are
/// passed over, and nothing is an error (HTML Living Standard, section 13.2.5).
struct HTMLTags {
  /// A start tag.
  struct Tag {
    /// In lower case.
    let name: String
    /// Names in lower case; of several of one name the first.
    let attributes: [String: String]

    subscript(_ name: String) -> String? { attributes[name] }
  }

  private let bytes: [UInt8]
  private var offset = 0
  private(set) var tags: [Tag] = []

  /// Reads a page.
  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    while let start = bytes[offset...].firstIndex(of: UInt8(ascii: "<")) {
      offset = start + 1
      if skip(past: "!--", to: "-->") { continue }
      guard let first = byte, Self.isLetter(first) else { continue }
      let name = word { !Self.isSpace($0) && $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: ">") }.lowercased()
      tags.append(Tag(name: name, attributes: attributes()))
      if ["script", "style", "textarea", "title"].contains(name) { skipText(of: name) }
    }
  }

  private var byte: UInt8? { offset < bytes.count ? bytes[offset] : nil }

  private static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7A }
  private static func isSpace(_ byte: UInt8) -> Bool { [0x20, 0x09, 0x0A, 0x0C, 0x0D].contains(byte) }

  private mutating func word(while holds: (UInt8) -> Bool) -> String {
    let start = offset
    while let byte, holds(byte) { offset += 1 }
    return String(decoding: bytes[start..<offset], as: UTF8.self)
  }

  /// Whether `beginning` stands here; what ends with `end` is passed over then.
  private mutating func skip(past beginning: String, to end: String) -> Bool {
    guard bytes[offset...].starts(with: beginning.utf8) else { return false }
    offset += beginning.utf8.count
    seek(Array(end.utf8))
    return true
  }

  private mutating func seek(_ end: [UInt8]) {
    while offset < bytes.count {
      if bytes[offset...].prefix(end.count).elementsEqual(
        end, by: { $0 == $1 || ($0 | 0x20) == $1 && Self.isLetter($0) })
      {
        offset += end.count
        return
      }
      offset += 1
    }
  }

  private mutating func skipText(of name: String) { seek(Array("</\(name)".utf8)) }

  private mutating func attributes() -> [String: String] {
    var attributes: [String: String] = [:]
    while true {
      while let byte, Self.isSpace(byte) || byte == UInt8(ascii: "/") { offset += 1 }
      guard let byte, byte != UInt8(ascii: ">") else { break }
      let start = offset
      let name = word { !Self.isSpace($0) && ![UInt8(ascii: "/"), UInt8(ascii: ">"), UInt8(ascii: "=")].contains($0) }
      // A stray equals sign is a name's beginning.
      if offset == start { offset += 1 }
      while let byte = self.byte, Self.isSpace(byte) { offset += 1 }
      var value = ""
      if self.byte == UInt8(ascii: "=") {
        offset += 1
        while let byte = self.byte, Self.isSpace(byte) { offset += 1 }
        value = text()
      }
      let key = name.lowercased()
      if attributes[key] == nil { attributes[key] = value }
    }
    if byte != nil { offset += 1 }
    return attributes
  }

  private mutating func text() -> String {
    guard let quote = byte, quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else {
      return Self.plain(word { !Self.isSpace($0) && $0 != UInt8(ascii: ">") })
    }
    offset += 1
    let text = word { $0 != quote }
    if byte != nil { offset += 1 }
    return Self.plain(text)
  }

  /// With the references that addresses need.
  private static func plain(_ text: String) -> String {
    text.contains("&")
      ? text.replacing("&quot;", with: "\"").replacing("&#39;", with: "'").replacing("&lt;", with: "<")
        .replacing("&gt;", with: ">").replacing("&amp;", with: "&") : text
  }
}
