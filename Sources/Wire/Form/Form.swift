/// The fields of a form or of a query, in order, decoded.
package struct Form: Sendable {
  /// Every field, repeated ones included.
  package let items: [(name: String, value: String)]

  /// A form of these fields.
  package init(items: [(name: String, value: String)]) {
    self.items = items
  }

  /// The value of a field that may come at most once; nil when it is absent.
  ///
  /// - Throws: `FormError.duplicate` when it came several times, even with one value (RFC 6749 §3.1).
  package func value(_ name: String) throws(FormError) -> String? {
    var found: String?
    for item in items where sameBytes(item.name, name) {
      guard found == nil else { throw .duplicate(name) }
      found = item.value
    }
    return found
  }

  /// All values of a field, in order.
  package func all(_ name: String) -> [String] {
    items.filter { sameBytes($0.name, name) }.map(\.value)
  }

  /// The first value of a field, or nil.
  package func first(_ name: String) -> String? {
    items.first { sameBytes($0.name, name) }?.value
  }
}
