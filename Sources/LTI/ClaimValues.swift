import Wire

extension JSONObject {
  /// A text that says something: nil when missing, of another type, empty, or holding a NUL.
  func text(_ name: String) -> String? {
    guard let text = self[name]?.stringValue, !text.isEmpty, !text.holdsNUL else { return nil }
    return text
  }

  /// An absolute http or https URL; nil when missing or anything else.
  func url(_ name: String) -> WebURL? { self[name]?.stringValue.flatMap { WebURL($0) } }

  /// The texts of an array, other members left out; nil when missing or no array.
  func texts(_ name: String) -> [String]? { self[name]?.arrayValue?.compactMap(\.stringValue) }

  /// The words of a text, as OAuth lists scopes (RFC 6749 §3.3); nil when missing or no text.
  func words(_ name: String) -> [String]? {
    self[name]?.stringValue.map { $0.split(separator: " ").map(String.init) }
  }
}

extension JSONValue {
  /// An identifier: a text, or the whole number that PHP makes of one that is all digits; nil for anything else.
  func identifier<Identifier: PlatformIdentifier>(_: Identifier.Type) -> Identifier? {
    let text = stringValue ?? intValue.map { String($0) }
    return text.flatMap { Identifier($0) }
  }
}
