import Wire

/// JSON for people to read: a member or element a line, indented by two spaces.
enum IndentedJSON {
  static func text(_ value: JSONValue) -> String { text(value, indent: "") }

  private static func text(_ value: JSONValue, indent: String) -> String {
    let inner = indent + "  "
    switch value {
    case .object(let object) where !object.isEmpty:
      let members = object.members.map {
        "\(inner)\(JSONValue.string($0.key).encoded): \(text($0.value, indent: inner))"
      }
      return "{\n" + members.joined(separator: ",\n") + "\n\(indent)}"
    case .array(let elements) where !elements.isEmpty:
      let lines = elements.map { inner + text($0, indent: inner) }
      return "[\n" + lines.joined(separator: ",\n") + "\n\(indent)]"
    default: return value.encoded
    }
  }
}
