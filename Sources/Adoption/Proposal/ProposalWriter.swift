import Postgres

/// Writes a proposed map, role by role.
struct ProposalWriter {
  let words: KnownWords
  private(set) var text = ""

  init(words: KnownWords) { self.words = words }

  mutating func write(_ guess: RoleGuess) throws(PostgresError) {
    comment("A map for: passerelle directus adopt --map FILE (try it with --dry-run first).")
    comment("Guessed from the names, types, foreign keys and values of the database: read every line.")
    if let learners = guess.learners { try writeLearners(learners) }
    if let modules = guess.modules, let grains = guess.grains {
      try writeModules(modules)
      try writeGrains(grains, modules)
    } else {
      text += "\n"
      comment("No tables were found for modules and grains: Passerelle keeps its own.")
    }
    if let progress = guess.progress, let learners = guess.learners {
      try writeProgress(progress, learners, guess.grains)
    } else {
      text += "\n"
      comment("No table was found for progress: Passerelle keeps its own.")
    }
    if guess.learners == nil {
      text += "\n"
      comment("No table was found for learners, without whom progress cannot be adopted.")
    }
  }

  // MARK: Lines

  private mutating func comment(_ words: String) { text += "# \(words)\n" }

  private mutating func section(_ role: AdoptionMap.Role, _ table: TableShape) {
    text += "\n[\(role.rawValue)]\n"
    line("table", Self.word(table.name))
  }

  private mutating func line(_ key: String, _ value: String, _ note: String? = nil) {
    let name = key + String(repeating: " ", count: max(0, 12 - key.count))
    text += "\(name) = \(value)" + (note.map { "  # \($0)" } ?? "") + "\n"
  }

  private mutating func line(_ key: String, _ column: ColumnShape?, _ note: String? = nil) {
    if let column { line(key, Self.word(column.name), note) }
  }

  /// A key that the map must have and for which nothing fits.
  private mutating func missing(_ key: String, _ table: TableShape) {
    comment("\(key) = ?  Nothing fits; the columns are: \(table.columns.map(\.name).joined(separator: ", "))")
  }

  /// A word as the map reads it: in quotes where it is not plain.
  static func word(_ word: String) -> String {
    let isPlain =
      !word.isEmpty
      && word.unicodeScalars.allSatisfy { $0.properties.isAlphabetic || $0 == "_" || ("0"..."9").contains($0) }
    if isPlain { return word }
    return SQLText.name(word)
  }

  private func best(_ list: [String], _ table: TableShape, _ kinds: [ColumnShape.Kind]) -> ColumnShape? {
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
        "Somebody whom Moodle names for the first time is the one row with the same e-mail address. Safe where people")
      comment("cannot choose their address in Moodle; otherwise: match = COLUMN holds subject, or match = nobody.")
      line("match", "email")
    }
    if table.name == "directus_users" {
      comment(
        "To decide: no makes nobody a user of Directus and refuses who is not there; yes makes users without a role.")
      line("create", "no")
    } else {
      comment("Who is not there is added; “no” would refuse them.")
      line("create", "yes")
    }
  }

  private mutating func writeModules(_ table: TableShape) throws(PostgresError) {
    section(.modules, table)
    try writeNames(table)
    line("url", best(Lexicon.url, table, [.text]))
    if let flag = best(Lexicon.gradingFlag, table, [.boolean]) {
      line("grading", Self.word(flag.name), "all-or-nothing where this is true")
    } else if let column = best(Lexicon.gradingColumn, table, [.text]),
      let word = try words.of(column, in: table).first(where: { Lexicon.rank($0, in: Lexicon.gradingWords) != nil })
    {
      line("grading", "\(Self.word(column.name)) is \(Self.word(word))", "all-or-nothing where this holds")
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
      line("slug", slug, "the name that pages and addresses use")
    } else {
      comment("slug = COLUMN  Without one, the key is the name that pages and addresses use.")
    }
    guard let title = best(Lexicon.title, table, [.text]) else { return missing("title", table) }
    line("title", title)
  }

  private mutating func writeActive(_ table: TableShape) throws(PostgresError) {
    if let column = best(Lexicon.state, table, [.text]),
      let word = try words.of(column, in: table).first(where: { Lexicon.rank($0, in: Lexicon.activeWords) != nil })
    {
      line("active", "\(Self.word(column.name)) is \(Self.word(word))", "any other value hides the row")
    } else if let flag = best(Lexicon.activeFlag, table, [.boolean]) {
      line("active", flag)
    }
  }

  private mutating func writeProgress(
    _ table: TableShape, _ learners: TableShape, _ grains: TableShape?
  ) throws(PostgresError) {
    section(.progress, table)
    writeLink("learner", table, learners)
    if let grains {
      writeLink("grain", table, grains)
    } else if let link = table.links.first(where: { $0.schema == "public" && $0.table == Place(own: .grains).table }) {
      line("grain", Self.word(link.column), "holds the id of Passerelle's own grains")
    } else if let column = best(Self.grainLinks, table, [.uuid]) {
      line("grain", column, "holds the id of Passerelle's own grains")
    } else if let column = best(Self.grainLinks, table, [.text]) {
      line("grain", Self.word(column.name) + " holds id", "the id of Passerelle's own grains, as a text: check it")
    } else {
      missing("grain", table)
    }
    try writeCompletion(table)
    if let score = best(Lexicon.score, table, [.integer, .fraction]) {
      let maximum = try maximum(score, table)
      line("score", "\(Self.word(score.name)) out of \(maximum)", "check the maximum")
    }
  }

  private static let grainLinks = ["grain", "lecon", "lesson", "activite"].flatMap { [$0, $0 + "_id"] }

  private mutating func writeCompletion(_ table: TableShape) throws(PostgresError) {
    let date = best(Lexicon.completedAt, table, [.time])
    let state = best(Lexicon.state, table, [.text])
    let known = try state.map { column throws(PostgresError) in try words.of(column, in: table) } ?? []
    if let column = state {
      if let completed = known.first(where: { Lexicon.rank($0, in: Lexicon.completedWords) != nil }) {
        let others = known.filter { $0 != completed }
        let started = Lexicon.best(others, in: Lexicon.startedWords) { $0 } ?? others.first ?? "en_cours"
        line("completed", "\(Self.word(column.name)) is \(Self.word(completed)) else \(Self.word(started))")
        line("completed_at", date)
        return
      }
    }
    if let flag = best(Lexicon.completedFlag, table, [.boolean]) {
      line("completed", flag)
      line("completed_at", date)
    } else if let column = state,
      known.allSatisfy({ Lexicon.rank($0, in: Lexicon.openFrench + Lexicon.openEnglish) != nil })
    {
      // A table that nobody has completed anything in yet.
      let isFrench =
        Lexicon.rank(column.name, in: ["statut", "etat", "avancement"]) != nil
        || known.contains { Lexicon.rank($0, in: Lexicon.openFrench) != nil }
      let started = Lexicon.best(known, in: Lexicon.startedWords) { $0 } ?? (isFrench ? "en_cours" : "in_progress")
      comment("No check, choice or row says which word means completed: put yours.")
      line("completed", "\(Self.word(column.name)) is \(isFrench ? "termine" : "completed") else \(Self.word(started))")
      line("completed_at", date)
    } else if let date {
      line("completed", Self.word(date.name), "a grain with a date is completed")
    } else {
      missing("completed", table)
    }
  }

  /// By a foreign key, or by a name that is the other table's in the singular.
  private mutating func writeLink(_ key: String, _ table: TableShape, _ other: TableShape) {
    if let link = table.links.first(where: { $0.schema == "public" && $0.table == other.name }) {
      let isKey = [link.target] == other.primaryKey
      line(key, Self.word(link.column) + (isKey ? "" : " holds \(Self.word(link.target))"))
      return
    }
    let singular = Lexicon.plain(other.name).hasSuffix("s") ? String(Lexicon.plain(other.name).dropLast()) : other.name
    let last = singular.split(separator: "_").last.map(String.init) ?? singular
    let names = [singular, last, key, "user", "utilisateur"].flatMap { [$0, $0 + "_id", $0 + "_slug", $0 + "_code"] }
    guard let keyColumn = other.column(other.primaryKey.first ?? ""),
      let column = best(names, table, [keyColumn.kind, .text])
    else { return missing(key, table) }
    if column.kind == .text,
      let target = Lexicon.best(
        other.columns.filter { $0.kind == .text && other.isUnique([$0.name]) }, in: Lexicon.slug, { $0.name })
    {
      line(key, "\(Self.word(column.name)) holds \(Self.word(target.name))", "no foreign key says so: check it")
    } else if column.kind == keyColumn.kind {
      line(key, Self.word(column.name), "no foreign key says so: check it")
    } else {
      line(key, "\(Self.word(column.name)) holds \(Self.word(keyColumn.name))", "no foreign key says so: check it")
    }
  }

  /// 1, 20 or 100: what the checks allow at most, else what the rows reach, else what the name suggests.
  private func maximum(_ score: ColumnShape, _ table: TableShape) throws(PostgresError) -> Int {
    if try !words.allows(1_000, score, in: table) {
      for maximum in [100, 20, 1] where try words.allows(maximum, score, in: table) { return maximum }
    }
    if let largest = try words.largest(score, in: table), largest > 0 {
      return largest <= 1 && score.kind != .integer ? 1 : largest <= 20 ? 20 : 100
    }
    let name = Lexicon.plain(score.name)
    if name.hasPrefix("pour") || name.hasPrefix("perc") { return 100 }
    return name == "note" ? 20 : score.kind == .integer ? 100 : 1
  }
}
