/// The header fields of a message (RFC 9110 §5), in order.
///
/// A field that could break a message apart is never in here: names are tokens (§5.1), values have no CR, LF or NUL
/// (§5.5).
package struct HTTPFields: Sendable, Equatable {
  /// Every field, repeated ones included.
  package private(set) var all: [(name: String, value: String)] = []

  /// The fields given; those with an unusable name or value are left out, see `append`.
  package init(_ fields: [(String, String)] = []) {
    all.reserveCapacity(fields.count)
    for (name, value) in fields { append(name, value) }
  }

  /// The first value of that name, compared without case, or nil.
  package subscript(name: String) -> String? {
    for field in all where Self.sameName(field.name, name) { return field.value }
    return nil
  }

  /// All values of that name, compared without case, in order.
  package func values(_ name: String) -> [String] {
    all.filter { Self.sameName($0.name, name) }.map(\.value)
  }

  /// Adds a field after the others.
  ///
  /// - Returns: false, and adds nothing, when the name is not a token or the value has a CR, an LF or a NUL. Look at
  ///   it whenever the value comes from outside.
  @discardableResult
  package mutating func append(_ name: String, _ value: String) -> Bool {
    guard Self.isToken(name), Self.isFieldValue(value) else { return false }
    all.append((name, value))
    return true
  }

  /// Puts one field in the place of all of that name.
  ///
  /// - Returns: false, and changes nothing, when the field is unusable, as for `append`.
  @discardableResult
  package mutating func set(_ name: String, _ value: String) -> Bool {
    guard Self.isToken(name), Self.isFieldValue(value) else { return false }
    remove(name)
    all.append((name, value))
    return true
  }

  /// Removes all fields of that name.
  package mutating func remove(_ name: String) {
    all.removeAll { Self.sameName($0.name, name) }
  }

  /// Whether two lists have the same fields in the same order, names without case.
  package static func == (left: HTTPFields, right: HTTPFields) -> Bool {
    left.all.count == right.all.count
      && zip(left.all, right.all).allSatisfy { sameName($0.name, $1.name) && sameBytes($0.value, $1.value) }
  }

  /// Whether the text is a `token` (RFC 9110 §5.6.2).
  package static func isToken(_ text: String) -> Bool {
    !text.utf8.isEmpty && text.utf8.allSatisfy(isTokenByte)
  }

  private static func isFieldValue(_ value: String) -> Bool {
    value.utf8.allSatisfy { $0 != 0x0D && $0 != 0x0A && $0 != 0 }
  }

  private static func isTokenByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "!"), UInt8(ascii: "#")...UInt8(ascii: "'"),
      UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "^"),
      UInt8(ascii: "_"), UInt8(ascii: "`"), UInt8(ascii: "|"), UInt8(ascii: "~"):
      true
    default: false
    }
  }

  /// Whether two names are one, compared without case (RFC 9110 §5.1).
  package static func sameName(_ left: String, _ right: String) -> Bool {
    guard left.utf8.count == right.utf8.count else { return false }
    return zip(left.utf8, right.utf8).allSatisfy { $0.asciiLowercased == $1.asciiLowercased }
  }
}

extension UInt8 {
  /// The lower-case letter for an ASCII capital, any other byte unchanged.
  var asciiLowercased: UInt8 {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) ? self | 0x20 : self
  }
}

extension String {
  /// The text with ASCII capitals lowered and everything else left alone: how protocols compare words without case.
  package var asciiLowercased: String {
    guard utf8.contains(where: { $0.asciiLowercased != $0 }) else { return self }
    var bytes = Array(utf8)
    for index in bytes.indices { bytes[index] = bytes[index].asciiLowercased }
    return String(decoding: bytes, as: UTF8.self)
  }
}

extension Substring {
  /// The text with ASCII capitals lowered and everything else left alone.
  package var asciiLowercased: String { String(self).asciiLowercased }
}
