import Wire

/// The lines below one `[role]` of a map, read key by key.
struct MapSection {
  typealias Word = MapLine.Word

  struct Entry {
    let line: Int
    let words: [Word]
  }

  let role: AdoptionMap.Role
  let line: Int
  private var entries: [(key: String, entry: Entry)] = []

  init(role: AdoptionMap.Role, line: Int) {
    self.role = role
    self.line = line
  }

  mutating func add(_ key: String, _ words: [Word], line: Int) throws(MapProblem) {
    guard Self.keys(role).contains(key) else {
      throw MapProblem(
        line,
        Words(
          fr: "[\(role.rawValue)] n’a pas de clef « \(key) » ; ses clefs : "
            + "\(Self.keys(role).joined(separator: ", "))",
          en: "[\(role.rawValue)] has no key “\(key)”; its keys: \(Self.keys(role).joined(separator: ", "))"))
    }
    if let former = entries.first(where: { $0.key == key }) {
      throw MapProblem(
        line,
        Words(
          fr: "« \(key) » est déjà ligne \(former.entry.line)",
          en: "“\(key)” stands on line \(former.entry.line) already"))
    }
    entries.append((key, Entry(line: line, words: words)))
  }

  /// The keys that each role knows.
  static func keys(_ role: AdoptionMap.Role) -> [String] {
    switch role {
    case .learners:
      ["table", "name", "given_name", "family_name", "email", "locale", "created", "match", "create"]
    case .modules: ["table", "slug", "title", "url", "grading", "scope", "active", "sort"]
    case .grains: ["table", "module", "slug", "title", "weight", "active", "sort"]
    case .progress: ["table", "learner", "grain", "completed", "score", "completed_at", "activity"]
    }
  }

  func entry(_ key: String) -> Entry? { entries.first { $0.key == key }?.entry }

  func required(_ key: String) throws(MapProblem) -> Entry {
    guard let entry = entry(key) else {
      throw MapProblem(
        line, Words(fr: "[\(role.rawValue)] n’a pas « \(key) »", en: "[\(role.rawValue)] lacks “\(key)”"))
    }
    return entry
  }

  /// One word: the name of a table or column.
  func name(_ key: String) throws(MapProblem) -> AdoptionMap.Name? {
    guard let entry = entry(key) else { return nil }
    return try Self.name(key, entry)
  }

  func requiredName(_ key: String) throws(MapProblem) -> AdoptionMap.Name {
    try Self.name(key, try required(key))
  }

  private static func name(_ key: String, _ entry: Entry) throws(MapProblem) -> AdoptionMap.Name {
    guard entry.words.count == 1 else {
      throw MapProblem(
        entry.line,
        Words(
          fr: "« \(key) » prend un seul nom ; un nom avec des espaces se met entre guillemets droits",
          en: "“\(key)” takes one name; a name with spaces stands in double quotes"))
    }
    return AdoptionMap.Name(name: entry.words[0].text, line: entry.line)
  }

  /// `COLUMN`, or `COLUMN holds OTHER`.
  func link(_ key: String) throws(MapProblem) -> AdoptionMap.Link {
    let entry = try required(key)
    let column = AdoptionMap.Name(name: entry.words[0].text, line: entry.line)
    if entry.words.count == 1 { return AdoptionMap.Link(column: column, holds: nil) }
    guard entry.words.count == 3, entry.words[1].isKeyword("holds") else {
      throw MapProblem(
        entry.line,
        Words(
          fr: "« \(key) » est une colonne, ou « COLONNE holds COLONNE-DE-L’AUTRE-TABLE »",
          en: "“\(key)” is a column, or “COLUMN holds COLUMN-OF-THE-OTHER-TABLE”"))
    }
    return AdoptionMap.Link(column: column, holds: entry.words[2].text)
  }

  /// `COLUMN`, or `COLUMN is WORD or WORD …`, with `else WORD` behind it where that is allowed.
  func completion(_ key: String, allowsElse: Bool) throws(MapProblem) -> AdoptionMap.Completion? {
    guard let entry = entry(key) else { return nil }
    let shape = allowsElse ? "COLUMN is WORD else WORD" : "COLUMN is WORD"
    let problem = MapProblem(
      entry.line,
      Words(
        fr: "« \(key) » est une colonne, ou « \(shape) » ; d’autres mots de même sens : or WORD",
        en: "“\(key)” is a column, or “\(shape)”; other words that mean the same: or WORD"))
    let column = AdoptionMap.Name(name: entry.words[0].text, line: entry.line)
    var rest = entry.words.dropFirst()
    var words: [String] = []
    var otherwise: String?
    if let next = rest.popFirst() {
      guard next.isKeyword("is"), let word = rest.popFirst() else { throw problem }
      words.append(word.text)
    }
    while let next = rest.popFirst() {
      guard let word = rest.popFirst(), otherwise == nil else { throw problem }
      if next.isKeyword("or") {
        words.append(word.text)
      } else if next.isKeyword("else"), allowsElse {
        otherwise = word.text
      } else {
        throw problem
      }
    }
    if let otherwise, words.contains(otherwise) {
      throw MapProblem(
        entry.line,
        Words(
          fr: "« \(otherwise) » ne peut pas vouloir dire à la fois oui et non",
          en: "“\(otherwise)” cannot mean both yes and no"))
    }
    return AdoptionMap.Completion(
      condition: AdoptionMap.Condition(column: column, words: words), otherwise: otherwise)
  }

  func condition(_ key: String) throws(MapProblem) -> AdoptionMap.Condition? {
    try completion(key, allowsElse: false)?.condition
  }
}
