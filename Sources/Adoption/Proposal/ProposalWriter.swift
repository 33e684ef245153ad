import Postgres
import Wire

/// Writes a proposed map, role by role.
struct ProposalWriter {
  let words: KnownWords
  /// Of the comments.
  let language: Language
  private(set) var text = ""

  init(words: KnownWords, in language: Language) {
    self.words = words
    self.language = language
  }

  mutating func write(_ guess: RoleGuess) throws(PostgresError) {
    comment(
      Words(
        fr: "Une carte pour : passerelle directus adopt --map FICHIER (essayez d’abord avec --dry-run).",
        en: "A map for: passerelle directus adopt --map FILE (try it with --dry-run first)."))
    comment(
      Words(
        fr: "Devinée d’après les noms, types, clefs étrangères et valeurs de la base : lisez chaque ligne.",
        en: "Guessed from the names, types, foreign keys and values of the database: read every line."))
    if let learners = guess.learners { try writeLearners(learners) }
    if let modules = guess.modules, let grains = guess.grains {
      try writeModules(modules)
      try writeGrains(grains, modules)
    } else {
      text += "\n"
      comment(
        Words(
          fr: "Aucune table trouvée pour les modules et les grains : Passerelle garde les siennes.",
          en: "No tables were found for modules and grains: Passerelle keeps its own."))
    }
    if let progress = guess.progress, let learners = guess.learners {
      try writeProgress(progress, learners, guess.grains)
    } else {
      text += "\n"
      comment(
        Words(
          fr: "Aucune table trouvée pour la progression : Passerelle garde la sienne.",
          en: "No table was found for progress: Passerelle keeps its own."))
    }
    if guess.learners == nil {
      text += "\n"
      comment(
        Words(
          fr: "Aucune table trouvée pour les apprenants, sans lesquels la progression ne peut pas être adoptée.",
          en: "No table was found for learners, without whom progress cannot be adopted."))
    }
  }

  // MARK: Lines

  mutating func comment(_ words: Words) { text += "# \(words[language])\n" }

  mutating func section(_ role: AdoptionMap.Role, _ table: TableShape) {
    text += "\n[\(role.rawValue)]\n"
    line("table", Self.word(table.name))
  }

  mutating func line(_ key: String, _ value: String, _ note: Words? = nil) {
    let name = key + String(repeating: " ", count: max(0, 12 - key.count))
    text += "\(name) = \(value)" + (note.map { "  # \($0[language])" } ?? "") + "\n"
  }

  mutating func line(_ key: String, _ column: ColumnShape?, _ note: Words? = nil) {
    if let column { line(key, Self.word(column.name), note) }
  }

  /// A key that the map must have and for which nothing fits.
  mutating func missing(_ key: String, _ table: TableShape) {
    comment(
      Words(
        fr: "\(key) = ?  Rien ne convient ; les colonnes sont : \(table.columns.map(\.name).joined(separator: ", "))",
        en: "\(key) = ?  Nothing fits; the columns are: \(table.columns.map(\.name).joined(separator: ", "))"))
  }

  /// A word as the map reads it: in quotes where it is not plain.
  static func word(_ word: String) -> String {
    let isPlain =
      !word.isEmpty
      && word.unicodeScalars.allSatisfy { $0.properties.isAlphabetic || $0 == "_" || ("0"..."9").contains($0) }
    if isPlain { return word }
    return SQLText.name(word)
  }

  func best(_ list: [String], _ table: TableShape, _ kinds: [ColumnShape.Kind]) -> ColumnShape? {
    Lexicon.best(table.columns.filter { kinds.contains($0.kind) && !$0.isGenerated }, in: list) { $0.name }
  }

  // MARK: Roles

  private mutating func writeLearners(_ table: TableShape) throws(PostgresError) {
    section(.learners, table)
    let given = best(Lexicon.givenName, table, [.text])
    let family = best(Lexicon.familyName, table, [.text])
    if let given, let family {
      line("given_name", given)
      line("family_name", family)
    } else if let whole = best(Lexicon.wholeName, table, [.text]) {
      line("name", whole)
    } else {
      missing("name", table)
    }
    let email = best(Lexicon.email, table, [.text])
    line("email", email)
    line("locale", best(Lexicon.locale, table, [.text]))
    line("created", best(Lexicon.created, table, [.time]))
    if email != nil {
      comment(
        Words(
          fr:
            "Qui est nommé par Moodle pour la première fois est la seule ligne de même adresse électronique. Sûr là où les gens",
          en:
            "Somebody whom Moodle names for the first time is the one row with the same e-mail address. Safe where people"
        ))
      comment(
        Words(
          fr: "ne choisissent pas leur adresse dans Moodle ; sinon : match = COLONNE holds subject, ou match = nobody.",
          en: "cannot choose their address in Moodle; otherwise: match = COLUMN holds subject, or match = nobody."))
      line("match", "email")
    }
    if table.name == "directus_users" {
      comment(
        Words(
          fr:
            "À décider : no ne crée aucun utilisateur de Directus et refuse qui n’y est pas ; yes crée des utilisateurs sans rôle.",
          en:
            "To decide: no makes nobody a user of Directus and refuses who is not there; yes makes users without a role."
        ))
      line("create", "no")
    } else {
      comment(
        Words(
          fr: "Qui n’y est pas est ajouté ; « no » le refuserait.",
          en: "Who is not there is added; “no” would refuse them."))
      line("create", "yes")
    }
  }

  private mutating func writeModules(_ table: TableShape) throws(PostgresError) {
    section(.modules, table)
    try writeNames(table)
    line("url", best(Lexicon.url, table, [.text]))
    if let flag = best(Lexicon.gradingFlag, table, [.boolean]) {
      line(
        "grading", Self.word(flag.name),
        Words(fr: "tout ou rien là où c’est vrai", en: "all-or-nothing where this is true"))
    } else if let column = best(Lexicon.gradingColumn, table, [.text]),
      let word = try words.of(column, in: table).first(where: { Lexicon.rank($0, in: Lexicon.gradingWords) != nil })
    {
      line(
        "grading", "\(Self.word(column.name)) is \(Self.word(word))",
        Words(fr: "tout ou rien là où c’est le cas", en: "all-or-nothing where this holds"))
    }
    try writeActive(table)
    line("sort", best(Lexicon.sort, table, [.integer, .fraction]))
  }

  private mutating func writeGrains(_ table: TableShape, _ modules: TableShape) throws(PostgresError) {
    section(.grains, table)
    writeLink("module", table, modules)
    try writeNames(table)
    line("weight", best(Lexicon.weight, table, [.integer, .fraction]))
    try writeActive(table)
    line("sort", best(Lexicon.sort, table, [.integer, .fraction]))
  }

  private mutating func writeNames(_ table: TableShape) throws(PostgresError) {
    if let slug = best(Lexicon.slug, table, [.text]) {
      line(
        "slug", slug,
        Words(fr: "le nom qu’emploient les pages et les adresses", en: "the name that pages and addresses use"))
    } else {
      comment(
        Words(
          fr: "slug = COLONNE  Sans elle, la clef est le nom qu’emploient les pages et les adresses.",
          en: "slug = COLUMN  Without one, the key is the name that pages and addresses use."))
    }
    guard let title = best(Lexicon.title, table, [.text]) else { return missing("title", table) }
    line("title", title)
  }

  private mutating func writeActive(_ table: TableShape) throws(PostgresError) {
    if let column = best(Lexicon.state, table, [.text]),
      let word = try words.of(column, in: table).first(where: { Lexicon.rank($0, in: Lexicon.activeWords) != nil })
    {
      line(
        "active", "\(Self.word(column.name)) is \(Self.word(word))",
        Words(fr: "toute autre valeur cache la ligne", en: "any other value hides the row"))
    } else if let flag = best(Lexicon.activeFlag, table, [.boolean]) {
      line("active", flag)
    }
  }
}
