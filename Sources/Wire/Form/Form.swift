/// The fields of a form or of a query, in order, decoded.
public struct Form: Sendable {
  /// Every field, repeated ones included.
  public let items: [(name: String, value: String)]

  /// A form of these fields.
  public init(items: [(name: String, value: String)]) {
    self.items = items
  }

  /// The value of a field that may come at most once; nil when it is absent.
  ///
  /// - Throws: `FormError.duplicate` when it came several times, even with one value (RFC 6749 §3.1).
  public func value(_ name: String) throws(FormError) -> String? {
    var found: String?
    for item in items where sameBytes(item.name, name) {
      guard found == nil else { throw .duplicate(name) }
      found = item.value
    }
    return found
  }

  /// All values of a field, in order.
  public func all(_ name: String) -> [String] {
    items.filter { sameBytes($0.name, name) }.map(\.value)
  }

  /// The first value of a field, or nil.
  public func first(_ name: String) -> String? {
    items.first { sameBytes($0.name, name) }?.value
  }
}
