/// A JSON value (RFC 8259 §3) as data: parsed once, looked into by name.
///
/// Numbers are IEEE 754 binary64, the interoperable range of RFC 8259 §6; integers are exact up to 2^53.
/// Equality of strings is Swift's (canonically equivalent texts are equal).
package enum JSONValue: Equatable, Sendable {
  /// The literal `null`.
  case null
  /// The literals `true` and `false`.
  case bool(Bool)
  /// A number. A value that is not finite has no JSON form and is encoded as `null`.
  case number(Double)
  /// A string, already unescaped.
  case string(String)
  /// An array.
  case array([JSONValue])
  /// An object, in the order of its members.
  case object(JSONObject)
}

extension JSONValue {
  /// The text, or null when there is none.
  package init(_ text: String?) { self = text.map(JSONValue.string) ?? .null }

  /// The text when this is a string, else nil.
  package var stringValue: String? {
    guard case .string(let value) = self else { return nil }
    return value
  }

  /// The number when this is one, else nil; a string of digits is not a number.
  package var doubleValue: Double? {
    guard case .number(let value) = self else { return nil }
    return value
  }

  /// The number when it is a whole number that fits 64 bits exactly, else nil.
  package var intValue: Int64? {
    guard case .number(let value) = self else { return nil }
    return Int64(exactly: value)
  }

  /// The truth value when this is `true` or `false`, else nil.
  package var boolValue: Bool? {
    guard case .bool(let value) = self else { return nil }
    return value
  }

  /// The elements when this is an array, else nil.
  package var arrayValue: [JSONValue]? {
    guard case .array(let value) = self else { return nil }
    return value
  }

  /// The object when this is one, else nil.
  package var objectValue: JSONObject? {
    guard case .object(let value) = self else { return nil }
    return value
  }

  /// Whether a text or a name in it, at any depth, holds a NUL, which JSON can carry and PostgreSQL's text cannot.
  package var holdsNUL: Bool {
    switch self {
    case .null, .bool, .number: false
    case .string(let text): text.holdsNUL
    case .array(let values): values.contains(where: \.holdsNUL)
    case .object(let object): object.members.contains { $0.key.holdsNUL || $0.value.holdsNUL }
    }
  }

  /// Whether this is the literal `null`.
  package var isNull: Bool {
    guard case .null = self else { return false }
    return true
  }

  /// The member of that name when this is an object that has one, else nil.
  package subscript(key: String) -> JSONValue? {
    guard case .object(let object) = self else { return nil }
    return object[key]
  }
}

extension JSONValue: ExpressibleByStringLiteral {
  /// A string.
  package init(stringLiteral value: String) {
    self = .string(value)
  }
}

extension JSONValue: ExpressibleByStringInterpolation {}

extension JSONValue: ExpressibleByIntegerLiteral {
  /// A whole number.
  package init(integerLiteral value: Int64) {
    self = .number(Double(value))
  }
}

extension JSONValue: ExpressibleByFloatLiteral {
  /// A number.
  package init(floatLiteral value: Double) {
    self = .number(value)
  }
}

extension JSONValue: ExpressibleByBooleanLiteral {
  /// `true` or `false`.
  package init(booleanLiteral value: Bool) {
    self = .bool(value)
  }
}

extension JSONValue: ExpressibleByArrayLiteral {
  /// An array.
  package init(arrayLiteral elements: JSONValue...) {
    self = .array(elements)
  }
}

extension JSONValue: ExpressibleByDictionaryLiteral {
  /// An object; a name given twice keeps its first place and its last value.
  package init(dictionaryLiteral elements: (String, JSONValue)...) {
    self = .object(JSONObject(elements))
  }
}
