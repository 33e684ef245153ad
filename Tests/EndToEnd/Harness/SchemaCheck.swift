import Wire

/// Whether JSON is what a schema of `/openapi.json` says (JSON Schema 2020-12, as far as that document uses it).
struct SchemaCheck {
  /// The whole document, for `$ref`.
  let document: JSONValue

  /// What is wrong, by place; empty when nothing is.
  func problems(_ value: JSONValue, _ schema: JSONValue, at place: String = "$") -> [String] {
    if let name = schema["$ref"]?.stringValue {
      guard let target = document.at(name.dropFirst("#/".count).split(separator: "/").joined(separator: ".")) else {
        return ["\(place): \(name) does not exist"]
      }
      return problems(value, target, at: place)
    }
    if let choices = schema["oneOf"]?.arrayValue {
      let all = choices.map { problems(value, $0, at: place) }
      return all.filter(\.isEmpty).count == 1 ? [] : ["\(place): fits not one of \(choices.count)"] + all.flatMap { $0 }
    }
    if let constant = schema["const"], constant != value {
      return ["\(place): \(value.encoded) is not \(constant.encoded)"]
    }
    if let words = schema["enum"]?.arrayValue, !words.contains(value) {
      return ["\(place): \(value.encoded) is not listed"]
    }
    let types = schema["type"]?.arrayValue?.compactMap(\.stringValue) ?? schema["type"]?.stringValue.map { [$0] }
    if let types, !types.contains(where: { Self.isOf($0, value) }) {
      return ["\(place): \(value.encoded.prefix(60)) is no \(types.joined(separator: " or "))"]
    }
    var found: [String] = []
    if let number = value.doubleValue {
      if let least = schema["minimum"]?.doubleValue, number < least { found.append("\(place): below \(least)") }
      if let most = schema["maximum"]?.doubleValue, number > most { found.append("\(place): above \(most)") }
    }
    if let items = value.arrayValue, let each = schema["items"] {
      for (index, item) in items.enumerated() { found += problems(item, each, at: "\(place)[\(index)]") }
    }
    if let object = value.objectValue { found += problems(of: object, schema, at: place) }
    return found
  }

  private func problems(of object: JSONObject, _ schema: JSONValue, at place: String) -> [String] {
    var found: [String] = []
    for name in schema["required"]?.arrayValue?.compactMap(\.stringValue) ?? [] where object[name] == nil {
      found.append("\(place): \(name) is missing")
    }
    for (name, member) in object.members {
      if let known = schema["properties"]?[name] {
        found += problems(member, known, at: "\(place).\(name)")
      } else if let others = schema["additionalProperties"] {
        if others == false {
          found.append("\(place).\(name): is not described")
        } else {
          found += problems(member, others, at: "\(place).\(name)")
        }
      }
    }
    return found
  }

  private static func isOf(_ type: String, _ value: JSONValue) -> Bool {
    switch type {
    case "null": value == .null
    case "string": value.stringValue != nil
    case "boolean": value.boolValue != nil
    case "number": value.doubleValue != nil
    case "integer": value.doubleValue.map { $0 == $0.rounded() } ?? false
    case "array": value.arrayValue != nil
    case "object": value.objectValue != nil
    default: false
    }
  }
}
