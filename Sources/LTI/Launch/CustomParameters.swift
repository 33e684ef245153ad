import Wire

/// The custom parameters of a launch (LTI 1.3 §5.4.6; LTI 1.1 §3 `custom_…`, without that prefix), in the order sent.
///
/// Values are texts. A number or a boolean becomes its JSON text; null, arrays, objects and texts with a NUL are left out,
/// and so is the whole claim when it is not an object.
package struct CustomParameters: Equatable, Sendable {
  /// Names and values; an empty value is kept, it was set empty.
  package let items: [(name: String, value: String)]

  init(items: [(name: String, value: String)]) { self.items = items }

  /// Reads the claim of LTI 1.3.
  init(_ claim: JSONObject?) {
    items = (claim?.members ?? []).compactMap { member in
      let value: String
      switch member.value {
      case .string(let text): value = text
      case .number, .bool: value = member.value.encoded
      case .null, .array, .object: return nil
      }
      return value.holdsNUL || member.key.holdsNUL ? nil : (member.key, value)
    }
  }

  /// The value of a parameter, by its exact name.
  package subscript(name: String) -> String? { items.first { $0.name == name }?.value }

  /// True when both have the same names and values in the same order.
  package static func == (left: CustomParameters, right: CustomParameters) -> Bool {
    left.items.elementsEqual(right.items) { $0.name == $1.name && $0.value == $1.value }
  }
}
