/// Titles that people wrote in several languages for Moodle's filter *Multi-Language Content (v2)*, which sends them as they were
/// typed: `{mlang fr}Été{mlang}{mlang en}Summer{mlang}`.
package enum TitleText {
  /// The title in one language: its own part, else that for `other`, else the first; what stands outside is for everybody.
  package static func read(_ text: String, in language: Language) -> String {
    guard text.contains("{mlang") else { return text }
    var parts: [(languages: [String], text: String)] = []
    var rest = text[...]
    while let open = rest.firstRange(of: "{mlang") {
      if open.lowerBound > rest.startIndex { parts.append(([], String(rest[..<open.lowerBound]))) }
      guard let brace = rest[open.upperBound...].firstIndex(of: "}") else { return text }
      let names = rest[open.upperBound..<brace].split { $0 == "," || $0 == " " }.map { String($0).asciiLowercased }
      let inside = rest[rest.index(after: brace)...]
      // A lone `{mlang}` closes nothing.
      guard !names.isEmpty, let close = inside.firstRange(of: "{mlang}") else { return text }
      parts.append((names, String(inside[..<close.lowerBound])))
      rest = inside[close.upperBound...]
    }
    if !rest.isEmpty { parts.append(([], String(rest))) }
    let tagged = parts.filter { !$0.languages.isEmpty }
    func has(_ name: String) -> Bool { tagged.contains { $0.languages.contains { names(name, $0) } } }
    let chosen =
      has(language.rawValue) ? language.rawValue : has("other") ? "other" : tagged.first?.languages.first ?? ""
    return parts.filter { $0.languages.isEmpty || $0.languages.contains { names(chosen, $0) } }.map(\.text).joined()
  }

  /// `fr` names `fr_ca`, too.
  private static func names(_ language: String, _ tag: String) -> Bool {
    tag == language || tag.hasPrefix(language + "_") || tag.hasPrefix(language + "-")
  }
}
