import Wire

/// Fits a map to a database, and gathers everything that does not fit, with the line that says so.
struct Planner {
  let map: AdoptionMap
  let survey: Survey
  /// Whether the columns that adoption adds may be there already, because it is in force.
  let isInForce: Bool
  private(set) var problems: [MapProblem] = []
  private(set) var probes: [AdoptionPlan.Probe] = []

  /// The plan; throws every problem found.
  static func plan(_ map: AdoptionMap, _ survey: Survey, isInForce: Bool = false) throws(MapProblems) -> AdoptionPlan {
    var planner = Planner(map: map, survey: survey, isInForce: isInForce)
    let plan = planner.plan()
    guard planner.problems.isEmpty else { throw MapProblems(planner.problems) }
    return plan
  }

  private init(map: AdoptionMap, survey: Survey, isInForce: Bool) {
    self.map = map
    self.survey = survey
    self.isInForce = isInForce
  }

  private mutating func plan() -> AdoptionPlan {
    var seen: [AdoptionMap.Name] = []
    for role in map.roles {
      guard let table = map.table(role) else { continue }
      if let former = seen.first(where: { $0.name == table.name }) {
        refuse(
          table.line,
          Words(
            fr: "\(table.name) tient deux rôles ; l’autre est ligne \(former.line)",
            en: "\(table.name) stands for two roles; the other is on line \(former.line)"))
      }
      seen.append(table)
    }
    let learners = map.learners.flatMap { self.learners($0) }
    let modules = map.modules.flatMap { self.modules($0) }
    let grains = map.grains.flatMap { self.grains($0, modules) }
    let progress = map.progress.flatMap { self.progress($0, learners, grains) }
    return AdoptionPlan(learners: learners, modules: modules, grains: grains, progress: progress, probes: probes)
  }

  mutating func refuse(_ line: Int, _ words: Words) { problems.append(MapProblem(line, words)) }

  mutating func probe(_ name: AdoptionMap.Name, _ table: TableShape, _ column: ColumnShape, _ values: [String]) {
    for check in table.checks where check.column == column.name {
      for value in values {
        probes.append(
          AdoptionPlan.Probe(line: name.line, table: table.name, column: column, check: check, value: value))
      }
    }
  }

  // MARK: Tables

  /// A table that can stand for a role; nil, and a problem, when it cannot.
  mutating func table(_ name: AdoptionMap.Name, _ role: AdoptionMap.Role) -> (TableShape, Place)? {
    guard let table = survey.table(name.name) else {
      let similar = survey.tables.filter { $0.name.lowercased() == name.name.lowercased() }.map(\.name)
      refuse(
        name.line,
        Words(
          fr: "il n’y a pas de table « \(name.name) » dans le schéma public"
            + (similar.first.map { " ; il y en a une nommée « \($0) »" } ?? ""),
          en: "there is no table “\(name.name)” in schema public"
            + (similar.first.map { "; there is one called “\($0)”" } ?? "")))
      return nil
    }
    guard !name.name.hasPrefix("directus_") || (role == .learners && name.name == "directus_users") else {
      refuse(
        name.line,
        Words(
          fr: "« \(name.name) » est à Directus ; de ses tables, seule directus_users, pour les apprenants, "
            + "peut être adoptée",
          en: "“\(name.name)” is Directus's own; of its tables only directus_users, for learners, can be adopted"))
      return nil
    }
    guard table.kind == "r" else {
      refuse(
        name.line,
        Words(
          fr: "« \(name.name) » n’est pas une table ordinaire : une vue, une table étrangère ou "
            + "partitionnée ne peut pas être adoptée",
          en: "“\(name.name)” is not an ordinary table: a view, a foreign or a partitioned table cannot be adopted")
      )
      return nil
    }
    guard table.primaryKey.count == 1, let key = table.column(table.primaryKey[0]) else {
      refuse(
        name.line,
        table.primaryKey.isEmpty
          ? Words(
            fr: "« \(name.name) » n’a pas de clef primaire ; il en faut une, d’une seule colonne, comme pour "
              + "Directus", en: "“\(name.name)” has no primary key; it needs one of a single column, as Directus does")
          : Words(
            fr: "« \(name.name) » a une clef de plusieurs colonnes "
              + "(\(table.primaryKey.joined(separator: ", "))) ; il en faut une d’une seule, comme pour "
              + "Directus",
            en:
              "“\(name.name)” has a key of several columns (\(table.primaryKey.joined(separator: ", "))); it needs one of a "
              + "single column, as Directus does"))
      return nil
    }
    guard [.integer, .uuid, .text].contains(key.kind) else {
      refuse(
        name.line,
        Words(
          fr: "la clef de « \(name.name) » est de type \(key.sqlType) ; sont acceptées les clefs integer, "
            + "bigint, uuid et text",
          en: "the key of “\(name.name)” is of type \(key.sqlType); integer, bigint, uuid and text keys can be used"))
      return nil
    }
    let place = Place(role: role, table: table.name, key: key)
    // Progress is never pointed at, so its rows need no uuid.
    if place.addsID, role != .progress { expectFree(Place.addedID, in: table, name) }
    return (table, place)
  }

  mutating func expectFree(_ column: String, in table: TableShape, _ name: AdoptionMap.Name) {
    // In a table that is not ours its owner added it before.
    guard !isInForce, table.isOurs, table.column(column) != nil else { return }
    refuse(
      name.line,
      Words(
        fr: "« \(table.name) » a déjà une colonne « \(column) », que l’adoption ajouterait",
        en: "“\(table.name)” has a column “\(column)” already, which adoption would add"))
  }

  // MARK: Columns

  /// What lets somebody be another user of Directus. A map that names one would have it granted.
  private static let secrets: Set<String> = ["password", "token", "tfa_secret", "auth_data"]

  /// A column of one of these kinds; nil, and a problem, otherwise.
  mutating func column(
    _ name: AdoptionMap.Name, in table: TableShape, _ kinds: [ColumnShape.Kind], for purpose: Words,
    written: Bool = false
  ) -> ColumnShape? {
    guard let column = table.column(name.name) else {
      refuse(
        name.line,
        Words(
          fr: "« \(table.name) » n’a pas de colonne « \(name.name) » ; ses colonnes : "
            + "\(table.columns.map(\.name).joined(separator: ", "))",
          en:
            "“\(table.name)” has no column “\(name.name)”; its columns: \(table.columns.map(\.name).joined(separator: ", "))"
        )
      )
      return nil
    }
    guard table.name != "directus_users" || !Self.secrets.contains(column.name) else {
      refuse(
        name.line,
        Words(
          fr: "la colonne « \(name.name) » de « directus_users » sert à se connecter : Passerelle n’y touche pas",
          en: "column “\(name.name)” of “directus_users” is what people sign in with: Passerelle has no business there")
      )
      return nil
    }
    guard kinds.contains(column.kind) else {
      refuse(
        name.line,
        Words(
          fr: "la colonne « \(name.name) » de « \(table.name) » est de type \(column.sqlType), qui ne peut "
            + "pas contenir \(purpose.french)",
          en:
            "column “\(name.name)” of “\(table.name)” is of type \(column.sqlType), which cannot hold \(purpose.english)"
        ))
      return nil
    }
    guard !(written && column.isGenerated) else {
      refuse(
        name.line,
        Words(
          fr: "la colonne « \(name.name) » de « \(table.name) » est calculée : on ne peut rien y écrire",
          en: "column “\(name.name)” of “\(table.name)” is generated: nothing can be written in it"))
      return nil
    }
    return column
  }

  /// The same, for a column that the map may leave out.
  mutating func optional(
    _ name: AdoptionMap.Name?, in table: TableShape, _ kinds: [ColumnShape.Kind], for purpose: Words,
    written: Bool = false
  ) -> ColumnShape? {
    guard let name else { return nil }
    return column(name, in: table, kinds, for: purpose, written: written)
  }

  /// A yes-or-no column: a boolean without words, or a text with some; a date where it may mean yes by being there.
  mutating func condition(
    _ condition: AdoptionMap.Condition?, in table: TableShape, for purpose: Words, allowsTime: Bool = false,
    written: Bool = false
  ) -> AdoptionPlan.Condition? {
    guard let condition else { return nil }
    let name = condition.column
    let kinds: [ColumnShape.Kind] = allowsTime ? [.text, .boolean, .time] : [.text, .boolean]
    guard let column = column(name, in: table, kinds, for: purpose, written: written) else { return nil }
    if column.kind == .text && condition.words.isEmpty {
      refuse(
        name.line,
        Words(
          fr: "la colonne « \(name.name) » est un texte : dites quel mot veut dire oui, comme dans « "
            + "\(name.name) is WORD »",
          en: "column “\(name.name)” is text: say which word means yes, as in “\(name.name) is WORD”"))
      return nil
    }
    if column.kind != .text && !condition.words.isEmpty {
      refuse(
        name.line,
        Words(
          fr: "la colonne « \(name.name) » est de type \(column.sqlType) et n’a pas besoin de mot : "
            + "retirez « is … »",
          en: "column “\(name.name)” is of type \(column.sqlType) and needs no word: leave out “is …”"))
      return nil
    }
    for word in condition.words { expectFit(word, in: column, name) }
    probe(name, table, column, condition.words)
    return AdoptionPlan.Condition(column: column, words: condition.words)
  }

  mutating func expectFit(_ word: String, in column: ColumnShape, _ name: AdoptionMap.Name) {
    guard let limit = column.maximumLength, word.unicodeScalars.count > limit else { return }
    refuse(
      name.line,
      Words(
        fr: "« \(word) » est plus long que n’en contient la colonne « \(column.name) » "
          + "(\(column.sqlType))", en: "“\(word)” is longer than column “\(column.name)” holds (\(column.sqlType))"))
  }
}
