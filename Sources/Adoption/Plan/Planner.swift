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
        refuse(table.line, "\(table.name) stands for two roles; the other is on line \(former.line)")
      }
      seen.append(table)
    }
    let learners = map.learners.flatMap { self.learners($0) }
    let modules = map.modules.flatMap { self.modules($0) }
    let grains = map.grains.flatMap { self.grains($0, modules) }
    let progress = map.progress.flatMap { self.progress($0, learners, grains) }
    return AdoptionPlan(learners: learners, modules: modules, grains: grains, progress: progress, probes: probes)
  }

  mutating func refuse(_ line: Int, _ words: String) { problems.append(MapProblem(line, words)) }

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
        "there is no table “\(name.name)” in schema public"
          + (similar.first.map { "; there is one called “\($0)”" } ?? ""))
      return nil
    }
    guard !name.name.hasPrefix("directus_") || (role == .learners && name.name == "directus_users") else {
      refuse(
        name.line, "“\(name.name)” is Directus's own; of its tables only directus_users, for learners, can be adopted")
      return nil
    }
    guard table.kind == "r" else {
      refuse(
        name.line, "“\(name.name)” is not an ordinary table: a view, a foreign or a partitioned table cannot be adopted"
      )
      return nil
    }
    guard table.isOurs else {
      refuse(
        name.line,
        "“\(name.name)” belongs to the database role \(table.owner): run this as that role, or as one that is a member of it"
      )
      return nil
    }
    if let role = table.lockedOut {
      refuse(
        name.line,
        "the database role \(role), as which Passerelle works, may not use “\(name.name)”; as its owner run: "
          + "GRANT SELECT, INSERT, UPDATE, DELETE ON \(SQLText.table(name.name)) TO \(SQLText.name(role));")
      return nil
    }
    guard table.primaryKey.count == 1, let key = table.column(table.primaryKey[0]) else {
      refuse(
        name.line,
        table.primaryKey.isEmpty
          ? "“\(name.name)” has no primary key; it needs one of a single column, as Directus does"
          : "“\(name.name)” has a key of several columns (\(table.primaryKey.joined(separator: ", "))); it needs one of a "
            + "single column, as Directus does")
      return nil
    }
    guard [.integer, .uuid, .text].contains(key.kind) else {
      refuse(
        name.line,
        "the key of “\(name.name)” is of type \(key.sqlType); integer, bigint, uuid and text keys can be used")
      return nil
    }
    let place = Place(role: role, table: table.name, key: key)
    // Progress is never pointed at, so its rows need no uuid.
    if place.addsID, role != .progress { expectFree(Place.addedID, in: table, name) }
    return (table, place)
  }

  mutating func expectFree(_ column: String, in table: TableShape, _ name: AdoptionMap.Name) {
    guard !isInForce, table.column(column) != nil else { return }
    refuse(name.line, "“\(table.name)” has a column “\(column)” already, which adoption would add")
  }

  // MARK: Columns

  /// A column of one of these kinds; nil, and a problem, otherwise.
  mutating func column(
    _ name: AdoptionMap.Name, in table: TableShape, _ kinds: [ColumnShape.Kind], for purpose: String,
    written: Bool = false
  ) -> ColumnShape? {
    guard let column = table.column(name.name) else {
      refuse(
        name.line,
        "“\(table.name)” has no column “\(name.name)”; its columns: \(table.columns.map(\.name).joined(separator: ", "))"
      )
      return nil
    }
    guard kinds.contains(column.kind) else {
      refuse(
        name.line,
        "column “\(name.name)” of “\(table.name)” is of type \(column.sqlType), which cannot hold \(purpose)")
      return nil
    }
    guard !(written && column.isGenerated) else {
      refuse(name.line, "column “\(name.name)” of “\(table.name)” is generated: nothing can be written in it")
      return nil
    }
    return column
  }

  /// The same, for a column that the map may leave out.
  mutating func optional(
    _ name: AdoptionMap.Name?, in table: TableShape, _ kinds: [ColumnShape.Kind], for purpose: String,
    written: Bool = false
  ) -> ColumnShape? {
    guard let name else { return nil }
    return column(name, in: table, kinds, for: purpose, written: written)
  }

  /// A yes-or-no column: a boolean without words, or a text with some; a date where it may mean yes by being there.
  mutating func condition(
    _ condition: AdoptionMap.Condition?, in table: TableShape, for purpose: String, allowsTime: Bool = false,
    written: Bool = false
  ) -> AdoptionPlan.Condition? {
    guard let condition else { return nil }
    let name = condition.column
    let kinds: [ColumnShape.Kind] = allowsTime ? [.text, .boolean, .time] : [.text, .boolean]
    guard let column = column(name, in: table, kinds, for: purpose, written: written) else { return nil }
    if column.kind == .text && condition.words.isEmpty {
      refuse(name.line, "column “\(name.name)” is text: say which word means yes, as in “\(name.name) is WORD”")
      return nil
    }
    if column.kind != .text && !condition.words.isEmpty {
      refuse(name.line, "column “\(name.name)” is of type \(column.sqlType) and needs no word: leave out “is …”")
      return nil
    }
    for word in condition.words { expectFit(word, in: column, name) }
    probe(name, table, column, condition.words)
    return AdoptionPlan.Condition(column: column, words: condition.words)
  }

  mutating func expectFit(_ word: String, in column: ColumnShape, _ name: AdoptionMap.Name) {
    guard let limit = column.maximumLength, word.unicodeScalars.count > limit else { return }
    refuse(name.line, "“\(word)” is longer than column “\(column.name)” holds (\(column.sqlType))")
  }

  // MARK: Links

  /// How a column leads to another place.
  mutating func route(_ link: AdoptionMap.Link, in table: TableShape, to place: Place, _ shape: TableShape?) -> Route? {
    let name = link.column
    guard
      let column = column(
        name, in: table, [.integer, .uuid, .text], for: "a link to “\(place.table)”", written: true)
    else { return nil }
    if let foreign = table.link(column.name), (foreign.schema, foreign.table) != ("public", place.table) {
      refuse(
        name.line, "column “\(column.name)” of “\(table.name)” leads to “\(foreign.table)”, not to “\(place.table)”")
      return nil
    }
    guard let target = target(link, place, shape) else { return nil }
    if column.kind == target.kind || column.kind == .text {
      // A text that holds a key of another type must be said to: a forgotten “holds” is likelier.
      if column.kind != target.kind, link.holds == nil {
        refuse(
          name.line,
          "column “\(column.name)” is text and the key of “\(place.table)” is \(target.sqlType): say which column of "
            + "“\(place.table)” it holds, as in “\(column.name) holds \(target.name)”")
        return nil
      }
      return Route(column: column, place: place, target: target)
    }
    refuse(
      name.line,
      "column “\(column.name)” is of type \(column.sqlType), but “\(target.name)” of “\(place.table)” is "
        + "\(target.sqlType): the link fits nothing")
    return nil
  }

  private mutating func target(_ link: AdoptionMap.Link, _ place: Place, _ shape: TableShape?) -> ColumnShape? {
    guard let holds = link.holds, holds != place.key.name else { return place.key }
    guard let target = shape?.column(holds) else {
      refuse(
        link.column.line,
        "“\(place.table)” has no column “\(holds)” that a link could hold"
          + (place.isOwn ? "; Passerelle's own rows are linked by their id" : ""))
      return nil
    }
    guard shape?.isUnique([holds]) == true else {
      refuse(
        link.column.line,
        "column “\(holds)” of “\(place.table)” is not unique, so that a link holding it could mean several rows")
      return nil
    }
    return target
  }

  // MARK: Rows that are inserted

  /// Every column that must have a value gets one.
  mutating func expectInsertable(_ table: TableShape, _ place: Place, named: [String], _ name: AdoptionMap.Name) {
    for column in table.columns where column.isNotNull && !column.hasDefault && !column.isGenerated {
      if named.contains(column.name) || column.name == place.id && place.addsID { continue }
      if column.name == place.key.name {
        // Directus makes uuids and texts itself and leaves the database without a default.
        if column.kind == .uuid || column.kind == .text && (column.maximumLength ?? 36) >= 36 { continue }
        refuse(
          name.line, "the key of “\(table.name)” has no default, so that Passerelle could not insert a row")
      } else {
        refuse(
          name.line,
          "column “\(column.name)” of “\(table.name)” must have a value, and Passerelle would not know which: give it a "
            + "default, or let it be empty")
      }
    }
  }
}
