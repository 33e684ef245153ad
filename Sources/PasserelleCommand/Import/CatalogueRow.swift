import Store
import Wire

/// One row of a catalogue file: its values by column, and where it stands.
struct CatalogueRow {
  let members: JSONObject
  /// The file and the row, in words.
  let place: Words

  /// The columns that are read.
  private static let used: Set<String> = [
    "id", "module", "slug", "title", "url", "grading", "scope", "weight", "status", "sort", "position", "grains",
  ]
  /// What Directus exports besides, which is made anew here or belongs to others.
  private static let ignored: Set<String> = [
    "date_created", "date_updated", "notice", "user_created", "user_updated", "progress", "grades",
  ]

  /// Throws when there is a column that nobody would read: a misspelt one would be lost without a word.
  init(_ members: JSONObject, place: Words) throws {
    self.members = members
    self.place = place
    for name in members.keys
    where !Self.used.contains(name) && !Self.ignored.contains(name) && !name.hasPrefix("module.") {
      throw failure(
        name,
        Words(
          fr: "n’est pas connue ; connues : module, slug, title, url, grading, scope, weight, status, "
            + "position (ou sort), grains, id",
          en:
            "is not known; known: module, slug, title, url, grading, scope, weight, status, position (or sort), grains, id"
        ))
    }
  }

  /// What is wrong with a column of this row.
  func failure(_ column: String, _ words: Words) -> CommandFailure {
    CommandFailure(
      Words(
        fr: "\(place.french), colonne « \(column) » : \(words.french)",
        en: "\(place.english), column “\(column)”: \(words.english)"))
  }

  /// A text; nil when it is missing, null or empty. Numbers are texts, too: ids may be.
  func text(_ column: String) throws -> String? {
    switch members[column] {
    case nil, .null: return nil
    case .string(let text): return text.isEmpty ? nil : text
    case .number(let number):
      guard let integer = Int(exactly: number) else { fallthrough }
      return String(integer)
    default: throw failure(column, Words(fr: "un texte est attendu", en: "a text is expected"))
    }
  }

  /// A number, also as a text: Directus exports decimals as such.
  func number(_ column: String) throws -> Double? {
    switch members[column] {
    case nil, .null: return nil
    case .number(let number): return number
    case .string(let text):
      if text.isEmpty { return nil }
      guard let number = DecimalText(argument: text), number.value.isFinite else {
        throw failure(column, Words(fr: "« \(text) » n’est pas un nombre", en: "“\(text)” is not a number"))
      }
      return number.value
    default: throw failure(column, Words(fr: "un nombre est attendu", en: "a number is expected"))
    }
  }

  /// A whole number.
  func integer(_ column: String) throws -> Int? {
    guard let number = try number(column) else { return nil }
    guard let integer = Int32(exactly: number) else {
      throw failure(column, Words(fr: "\(number) n’est pas un nombre entier", en: "\(number) is not a whole number"))
    }
    return Int(integer)
  }

  /// One of the words of a type.
  func word<Word: RawRepresentable<String> & CaseIterable>(_ column: String, as type: Word.Type) throws -> Word? {
    guard let text = try text(column) else { return nil }
    guard let word = Word(rawValue: text) else {
      throw failure(
        column,
        Words(
          fr: "« \(text) » n’est pas connu ; prenez "
            + "\(Word.allCases.map(\.rawValue).joined(separator: " ou "))",
          en: "“\(text)” is not known; use \(Word.allCases.map(\.rawValue).joined(separator: " or "))"))
    }
    return word
  }

  /// The slug or id of the module whose grain this is; nil for a module. Directus writes the id, or with chosen fields an object
  /// (JSON) or columns such as `module.slug` (CSV).
  func module() throws -> String? {
    let nested = members["module"]?.objectValue
    if nested == nil, let module = try text("module") { return module }
    let dotted = JSONObject(
      members.members.compactMap { name, value in
        name.hasPrefix("module.") ? (String(name.dropFirst("module.".count)), value) : nil
      })
    guard let object = nested ?? (dotted.isEmpty ? nil : dotted) else { return nil }
    let related = Self(related: object, place: place)
    guard let name = try related.text("slug") ?? related.text("id") else {
      throw failure(
        "module", Words(fr: "ni son slug ni son id ne s’y trouvent", en: "neither its slug nor its id is there"))
    }
    return name
  }

  private init(related members: JSONObject, place: Words) {
    self.members = members
    self.place = place
  }

  /// Makes something of what modules and grains have in common; what it refuses is named with the place.
  func naming<Value>(_ make: (String, String?, CatalogueStatus?, Int?) throws -> Value) throws -> Value {
    guard let slug = try text("slug") else { throw failure("slug", Words(fr: "manque", en: "is missing")) }
    let (title, status) = (try text("title"), try word("status", as: CatalogueStatus.self))
    let position = try integer("position") ?? integer("sort")
    do { return try make(slug, title, status, position) } catch let failure as CommandFailure {
      if failure.words.english.hasPrefix(place.english) { throw failure }
      throw CommandFailure(
        Words(
          fr: "\(place.french) : \(failure.words.french)", en: "\(place.english): \(failure.words.english)"))
    }
  }
}
