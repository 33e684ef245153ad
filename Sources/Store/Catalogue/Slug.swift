/// The name of a module or grain in URLs and in API bodies: 1 to 100 of RFC 3986's unreserved characters, the first a
/// letter or digit. The database holds the same rule as a constraint.
package struct Slug: Hashable, Sendable, CustomStringConvertible {
  /// The slug as written.
  package let value: String

  /// Nil when `value` is not a slug.
  package init?(_ value: String) {
    let bytes = value.utf8
    guard (1...100).contains(bytes.count), let first = bytes.first, Self.isAlphanumeric(first) else { return nil }
    guard bytes.allSatisfy({ Self.isAlphanumeric($0) || Self.marks.contains($0) }) else { return nil }
    self.value = value
  }

  /// The slug as written.
  package var description: String { value }

  private static let marks: [UInt8] = Array("-._~".utf8)

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "a")...UInt8(ascii: "z"):
      true
    default: false
    }
  }
}
