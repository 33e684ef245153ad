/// The first form of a page: as much HTML as the launch pages of Moodle and of tools are made of.
package struct HTMLForm: Sendable {
  /// Where it goes, entities resolved; may be relative.
  package var action: String
  /// `GET` or `POST`.
  package var method: String
  /// Its inputs that have a name, in order.
  package var fields: [(String, String)]

  /// A form made by hand.
  package init(action: String, method: String = "POST", fields: [(String, String)]) {
    self.action = action
    self.method = method
    self.fields = fields
  }

  /// The first form in a page, or nil.
  package init?(in html: String) {
    guard let start = Self.range(of: "<form", in: html[...]) else { return nil }
    let rest = html[start.upperBound...]
    guard let tagEnd = rest.firstIndex(of: ">") else { return nil }
    let attributes = Self.attributes(rest[..<tagEnd])
    let inside = rest[tagEnd...]
    var body = inside[..<(Self.range(of: "</form", in: inside)?.lowerBound ?? inside.endIndex)]
    action = attributes["action"] ?? ""
    method = (attributes["method"] ?? "get").uppercased()
    fields = []
    while let input = Self.range(of: "<input", in: body) {
      body = body[input.upperBound...]
      guard let end = body.firstIndex(of: ">") else { break }
      let attributes = Self.attributes(body[..<end])
      if let name = attributes["name"] { fields.append((name, attributes["value"] ?? "")) }
      body = body[end...]
    }
  }

  /// The value of a field; the first of that name.
  package func value(_ name: String) -> String? { fields.first { $0.0 == name }?.1 }

  private static func range(of tag: String, in html: Substring) -> Range<Substring.Index>? {
    var position = html.startIndex
    while position < html.endIndex {
      if html[position] == "<", html[position...].prefix(tag.count).lowercased() == tag {
        return position..<html.index(position, offsetBy: tag.count)
      }
      position = html.index(after: position)
    }
    return nil
  }

  /// `name="value"`, `name='value'` or `name`; names in lower case.
  private static func attributes(_ text: Substring) -> [String: String] {
    var found: [String: String] = [:]
    var rest = text
    while let first = rest.firstIndex(where: { !$0.isWhitespace && $0 != "/" }) {
      rest = rest[first...]
      let name = rest.prefix { !$0.isWhitespace && $0 != "=" && $0 != "/" }
      guard !name.isEmpty else { break }
      rest = rest[name.endIndex...]
      guard rest.first == "=" else {
        found[name.lowercased()] = ""
        continue
      }
      rest = rest.dropFirst()
      let value: Substring
      if let quote = rest.first, quote == "\"" || quote == "'" {
        value = rest.dropFirst().prefix { $0 != quote }
        rest = rest[value.endIndex...].dropFirst()
      } else {
        value = rest.prefix { !$0.isWhitespace }
        rest = rest[value.endIndex...]
      }
      found[name.lowercased()] = unescape(value)
    }
    return found
  }

  /// Resolves the entities that escaping produces; anything else stays as it is.
  static func unescape(_ text: some StringProtocol) -> String {
    let named: [String: String] = ["amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'"]
    var output = ""
    var rest = text[...]
    while let ampersand = rest.firstIndex(of: "&") {
      output += rest[..<ampersand]
      rest = rest[rest.index(after: ampersand)...]
      guard let semicolon = rest.prefix(10).firstIndex(of: ";") else {
        output += "&"
        continue
      }
      let entity = String(rest[..<semicolon])
      if let character = named[entity] {
        output += character
      } else if entity.hasPrefix("#"), let scalar = number(entity.dropFirst()).flatMap(Unicode.Scalar.init) {
        output.unicodeScalars.append(scalar)
      } else {
        output += "&"
        continue
      }
      rest = rest[rest.index(after: semicolon)...]
    }
    return output + rest
  }

  private static func number(_ digits: Substring) -> UInt32? {
    digits.first == "x" || digits.first == "X" ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
  }
}
