/// A UUID in the form that PostgreSQL writes (RFC 9562 §4), such as a learner's id.
package struct UUIDText: Sendable {
  /// The text as it came.
  package let value: String

  /// Nil for anything but 32 hexadecimal digits in groups of 8, 4, 4, 4 and 12.
  package init?(_ text: String) {
    let groups = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
    guard groups.map(\.count) == [8, 4, 4, 4, 12], groups.allSatisfy({ $0.allSatisfy(Self.isHexadecimal) }) else {
      return nil
    }
    value = text
  }

  private init(known value: String) { self.value = value }

  /// The Nil UUID (RFC 9562 §5.9), which no row has.
  package static var nobody: UUIDText { UUIDText(known: "00000000-0000-0000-0000-000000000000") }

  private static func isHexadecimal(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
      UInt8(ascii: "A")...UInt8(ascii: "F"):
      true
    default: false
    }
  }
}
