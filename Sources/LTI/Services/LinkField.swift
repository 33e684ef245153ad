import Wire

/// The `Link` field (RFC 8288 §3), read as its appendix B.2 says: what is broken is passed over.
enum LinkField {
  /// The target of the first link of that relation whose context is the resource itself, resolved; nil without one.
  ///
  /// - Throws: `ServiceFailure.malformed` when there is such a link but its target is no http or https URL.
  static func target(
    relation: String, in fields: HTTPFields, context: WebURL
  ) throws(ServiceFailure) -> WebURL? {
    for value in fields.values("Link") {
      var reader = Reader(bytes: Array(value.utf8))
      while let link = reader.next() {
        guard link.relations?.contains(relation) == true else { continue }
        if let anchor = link.anchor, context.resolving(anchor) != context.withFragment(nil) { continue }
        guard let target = context.resolving(link.target) else { throw .malformed }
        return target
      }
    }
    return nil
  }

  private struct Link {
    let target: String
    /// `rel`, lower-cased: relation types registered by name are compared without case (RFC 8288 §2.1.1).
    var relations: [String]?
    var anchor: String?
  }

  /// Links from left to right.
  private struct Reader {
    let bytes: [UInt8]
    var index = 0

    mutating func next() -> Link? {
      while skip(UInt8(ascii: ",")) || skipBlank() {}
      guard skip(UInt8(ascii: "<")), let end = bytes[index...].firstIndex(of: UInt8(ascii: ">")) else { return nil }
      var link = Link(target: text(index..<end))
      index = end + 1
      while skipBlanks(), skip(UInt8(ascii: ";")) {
        let (name, value) = parameter()
        // Only the first `rel` counts, and the first `anchor` (RFC 8288 §3.3, appendix B.2).
        if name == "rel", link.relations == nil { link.relations = value.split(separator: " ").map(\.asciiLowercased) }
        if name == "anchor", link.anchor == nil { link.anchor = value }
      }
      // Whatever stands between the parameters and the next comma is no link.
      while index < bytes.count, bytes[index] != UInt8(ascii: ",") { index += 1 }
      return link
    }

    private mutating func parameter() -> (name: String, value: String) {
      _ = skipBlanks()
      let start = index
      while index < bytes.count, !isBlank(bytes[index]), ![0x3D, 0x3B, 0x2C].contains(bytes[index]) { index += 1 }
      let name = text(start..<index).asciiLowercased
      _ = skipBlanks()
      guard skip(UInt8(ascii: "=")) else { return (name, "") }
      _ = skipBlanks()
      if skip(UInt8(ascii: "\"")) { return (name, quotedString()) }
      let valueStart = index
      while index < bytes.count, ![0x3B, 0x2C].contains(bytes[index]) { index += 1 }
      var end = index
      while end > valueStart, isBlank(bytes[end - 1]) { end -= 1 }
      return (name, text(valueStart..<end))
    }

    /// The rest of a `quoted-string` (RFC 9110 §5.6.4).
    private mutating func quotedString() -> String {
      var value: [UInt8] = []
      while index < bytes.count, bytes[index] != UInt8(ascii: "\"") {
        if bytes[index] == UInt8(ascii: "\\"), index + 1 < bytes.count { index += 1 }
        value.append(bytes[index])
        index += 1
      }
      index = min(index + 1, bytes.count)
      return String(decoding: value, as: UTF8.self)
    }

    private func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

    private func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

    private mutating func skip(_ byte: UInt8) -> Bool {
      guard index < bytes.count, bytes[index] == byte else { return false }
      index += 1
      return true
    }

    private mutating func skipBlank() -> Bool {
      guard index < bytes.count, isBlank(bytes[index]) else { return false }
      index += 1
      return true
    }

    /// Skips blanks; always true, to stand in a condition before what must follow them.
    private mutating func skipBlanks() -> Bool {
      while skipBlank() {}
      return true
    }
  }
}
