import Wire

/// Whom a roster is narrowed to, as the dashboard's address says it: `group`, `q` and `only`, with `days` and `pass` where
/// teachers look for other than a week and half of the points, and `at` for those who stop at one grain.
struct RosterFilter {
  /// Who `only` asks for.
  enum Only: String, CaseIterable {
    /// Never opened, not finished, finished, grade not in Moodle.
    case absent, underWay, done, trouble
    /// Nothing new for `days`; at the same grain as others; below `pass` per cent of what they did.
    case still, stuck, below
  }

  /// The object that the database reads; nil for everybody.
  let json: JSONValue?

  init(_ query: Form) throws(Refusal) {
    func value(_ name: String, upTo length: Int) throws(Refusal) -> String? {
      let value: String?
      do { value = try query.value(name) } catch { throw .form(error) }
      guard let value, !value.isEmpty else { return nil }
      guard value.utf8.count <= length else { throw .invalidBody("\"\(name)\" is longer than \(length) bytes") }
      return value
    }
    func number(_ name: String, in range: ClosedRange<Int>) throws(Refusal) -> Int? {
      guard let text = try value(name, upTo: 20) else { return nil }
      guard let number = Int(text), range.contains(number) else {
        throw .invalidBody("\"\(name)\" is not a whole number from \(range.lowerBound) to \(range.upperBound)")
      }
      return number
    }
    var object = JSONObject()
    switch try value("group", upTo: 40) {
    case nil, "all": break
    case "mine": object["mine"] = true
    case "none":
      object["groups"] = []
      object["ungrouped"] = true
    case let number?: object["groups"] = [.string(number)]
    }
    if let text = try value("q", upTo: 200) {
      let terms = text.split(whereSeparator: \.isWhitespace).map { JSONValue.string(String($0)) }
      if !terms.isEmpty { object["terms"] = .array(terms) }
    }
    if let word = try value("only", upTo: 20), word != "all" {
      guard let only = Only(rawValue: word) else {
        throw .invalidBody("\"only\" is none of \(Only.allCases.map(\.rawValue).joined(separator: ", "))")
      }
      object["only"] = .string(only.rawValue)
    }
    if let slug = try value("at", upTo: 100) { object["at"] = .string(slug) }
    if let days = try number("days", in: 1...365) { object["days"] = .number(Double(days)) }
    if let pass = try number("pass", in: 1...100) { object["pass"] = .number(Double(pass)) }
    json = object.isEmpty ? nil : .object(object)
  }
}
