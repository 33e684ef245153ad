import Postgres
import Schema
import Wire

/// Puts one map in force, inside a transaction.
struct Adopter {
  let text: String
  let map: AdoptionMap
  let connection: Connection
  let migrator: Migrator
  let witness: (any AdoptionWitness)?

  /// Temporary schema for the institution's tables while migrations create ours under the same names.
  private static let waitingRoom = "passerelle_adoption"

  func run() throws(AdoptionProblem) -> Adoption.Report {
    if let former = try Adopted.read(on: connection) { return try change(former) }
    let colliding = try asking { () throws(PostgresError) in try Adoption.collisions(on: connection) }
    try expectAdoptable(colliding)
    // Nobody sees this: other sessions see the tables where they were until the transaction ends.
    if !colliding.isEmpty {
      try run(["create schema \(Self.waitingRoom)"] + colliding.map { move($0, from: "public", to: Self.waitingRoom) })
    }
    let migrations = try migrate().applied
    if !colliding.isEmpty {
      try run(
        map.roles.flatMap(AdoptionScript.moveAway) + colliding.map { move($0, from: Self.waitingRoom, to: "public") }
          + ["drop schema \(Self.waitingRoom)"])
    } else {
      try expectEmpty()
    }
    // Definitions are printed with the schema of every name.
    try run(["set local search_path = pg_catalog"])
    let plan = try plan(isInForce: false)
    try asking { () throws(PostgresError) in try witness?.willChange(on: connection) }
    let keys = try restingKeys(colliding.isEmpty ? "public." : "passerelle.own_")
    let script = AdoptionScript(plan, keys: keys, removes: !colliding.isEmpty)
    try run(script.statements)
    try record(plan, script, keys, removes: !colliding.isEmpty)
    _ = try migrate()
    let outcome = try AdoptionOutcome.read(plan, map, on: connection)
    return Adoption.Report(
      words: script.words + (try told(.adopted)), statements: statements(script, plan), counts: outcome.counts,
      warnings: outcome.warnings, migrations: migrations)
  }

  /// Puts another map for the same tables in force: people, enrolments and grades stay, and what is owed follows.
  private func change(_ former: Adopted) throws(AdoptionProblem) -> Adoption.Report {
    guard map.roles.allSatisfy({ former.tables[$0] == map.table($0)?.name }), map.roles.count == former.tables.count
    else {
      throw .refused(
        "\(former.summary) since \(former.since); to adopt other tables, first: passerelle directus adopt --undo")
    }
    try run(["set local search_path = pg_catalog"])
    let plan = try plan(isInForce: true)
    try asking { () throws(PostgresError) in try witness?.willChange(on: connection) }
    let survey = try asking { () throws(PostgresError) in try Survey.read(on: connection) }
    let script = AdoptionScript(
      changing: plan, replacesKey: try replacesKey(former, survey, plan), removes: former.removes)
    try run(script.statements)
    _ = try asking { () throws(PostgresError) in
      try connection.execute(
        """
        update passerelle.adoption
        set map = \(text), adopted_at = now(), added = added || \(script.words)::text[],
            undo = undo || \(script.undo.map { ";\n" + $0 }.joined())
        """)
    }
    // Not before: the map that was in force may not fit any more, which is why there is another.
    let migrations = try migrate().applied
    try run(script.closing)
    let outcome = try AdoptionOutcome.read(plan, map, on: connection)
    _ = try told(.changed)
    return Adoption.Report(
      words: ["another map for the same tables"] + script.words, statements: statements(script, plan),
      counts: outcome.counts, warnings: outcome.warnings, migrations: migrations)
  }

  /// Everything that was run, in order.
  private func statements(_ script: AdoptionScript, _ plan: AdoptionPlan) -> [String] {
    script.statements + Seams(plan).definitions.map(\.sql) + script.closing
  }

  private func plan(isInForce: Bool) throws(AdoptionProblem) -> AdoptionPlan {
    let survey = try asking { () throws(PostgresError) in try Survey.read(on: connection) }
    let plan: AdoptionPlan
    do throws(MapProblems) { plan = try Planner.plan(map, survey, isInForce: isInForce) } catch { throw .map(error) }
    try Probing(connection: connection).check(plan)
    return plan
  }

  private func migrate() throws(AdoptionProblem) -> Migrator.Outcome {
    do throws(MigrationError) { return try migrator.migrate(within: connection) } catch { throw AdoptionProblem(error) }
  }

  private func told(_ change: Adoption.Change) throws(AdoptionProblem) -> [String] {
    try asking { () throws(PostgresError) in try witness?.didChange(change, on: connection) ?? [] }
  }

  /// Whether grades have the key of their learners already. A column of the same name that leads elsewhere is somebody's.
  private func replacesKey(
    _ former: Adopted, _ survey: Survey, _ plan: AdoptionPlan
  ) throws(AdoptionProblem) -> Bool {
    guard let grades = survey.table(GradeKey.table), grades.column(GradeKey.column) != nil else { return false }
    if let table = former.tables[.learners], grades.link(GradeKey.column)?.table == table { return true }
    guard GradeKey(plan) == nil else {
      throw .refused(
        "public.\(GradeKey.table) has a column \(GradeKey.column) that is not Passerelle's: give it another name")
    }
    return false
  }

  private func move(_ table: String, from: String, to: String) -> String {
    "alter table \(from).\(SQLText.name(table)) set schema \(to)"
  }

  /// Tables whose names Passerelle needs must be adopted: there is no room for two of a name.
  private func expectAdoptable(_ colliding: [String]) throws(AdoptionProblem) {
    if colliding.contains("grades") {
      throw .refused(
        "public.grades is there already and is not Passerelle's, which keeps a table of that name in every case: give yours "
          + "another name")
    }
    for name in colliding where !map.roles.contains(where: { $0.rawValue == name }) {
      throw .refused(
        "public.\(name) is there already and is not Passerelle's, and the map leaves [\(name)] to Passerelle, whose own "
          + "table has that name: adopt [\(name)], too, or give yours another name")
    }
  }

  /// What is in Passerelle's own tables would be out of everybody's sight.
  private func expectEmpty() throws(AdoptionProblem) {
    var full: [String] = []
    for role in map.roles {
      let count = try asking { () throws(PostgresError) -> Int in
        try connection.query("select count(*) as rows from public.\(identifier: role.rawValue)").first?.get("rows") ?? 0
      }
      if count > 0 { full.append("public.\(role.rawValue) holds \(count) \(count == 1 ? "row" : "rows")") }
    }
    guard full.isEmpty else {
      throw .refused(
        "Passerelle's own tables are in use: \(full.joined(separator: ", ")); what they hold would be hidden by the tables "
          + "that take their place")
    }
  }

  /// The foreign keys that lead to the tables that go, from tables that stay.
  private func restingKeys(_ prefix: String) throws(AdoptionProblem) -> [AdoptionScript.RestingKey] {
    var keys: [AdoptionScript.RestingKey] = []
    let names = map.roles.map { prefix + $0.rawValue }
    for (role, name) in zip(map.roles, names) {
      let found = try asking { () throws(PostgresError) in
        let rows = try connection.query(
          """
          select k.conname::text as name, n.nspname::text as schema, c.relname::text as "table", a.attname::text as "column",
                 k.confdeltype::text as action, pg_get_constraintdef(k.oid) as definition
          from pg_constraint k
          join pg_class c on c.oid = k.conrelid
          join pg_namespace n on n.oid = c.relnamespace
          join pg_attribute a on a.attrelid = k.conrelid and a.attnum = k.conkey[1]
          where k.contype = 'f' and k.confrelid = \(name)::regclass
            and not k.conrelid = any (\(names)::text[]::regclass[])
          order by n.nspname, c.relname, k.conname
          """)
        return try rows.map { row throws(PostgresError) in
          AdoptionScript.RestingKey(
            name: try row.get("name"), schema: try row.get("schema"), table: try row.get("table"),
            column: try row.get("column"), target: role, onDelete: try row.get("action"),
            definition: try row.get("definition"))
        }
      }
      keys += found
    }
    for key in keys where key.schema != "passerelle" && !Self.ownTables.contains(key.relation) {
      throw .refused(
        "\(key.schema).\(key.table) refers to Passerelle's own table of \(key.target.rawValue) (column \(key.column)): "
          + "take that foreign key away first")
    }
    return keys
  }

  private static let ownTables = ["learners", "modules", "grains", "progress", "grades"].map {
    "\"public\".\"\($0)\""
  }

  private func record(
    _ plan: AdoptionPlan, _ script: AdoptionScript, _ keys: [AdoptionScript.RestingKey], removes: Bool
  ) throws(AdoptionProblem) {
    let tables = JSONObject(plan.places.map { ($0.role.rawValue, .string($0.table)) })
    let resting = keys.map { key -> JSONValue in
      .object([
        "relation": .string(key.relation), "name": .string(key.name), "column": .string(key.column),
        "onDelete": .string(key.onDelete), "definition": .string(key.definition),
      ])
    }
    _ = try asking { () throws(PostgresError) in
      try connection.execute(
        """
        insert into passerelle.adoption (map, tables, added, undo, resting, removes)
        values (\(text), \(JSONValue.object(tables).encoded), \(script.words), \(script.undo.joined(separator: ";\n")),
                \(JSONValue.array(resting).encoded), \(removes))
        """)
    }
  }

  private func run(_ statements: [String]) throws(AdoptionProblem) {
    for statement in statements {
      do throws(PostgresError) { try connection.script(statement) } catch { throw .statement(statement, error) }
    }
  }
}

/// Asks the database; what goes wrong is adoption's problem.
func asking<Value>(_ question: () throws(PostgresError) -> Value) throws(AdoptionProblem) -> Value {
  do throws(PostgresError) { return try question() } catch { throw .database(error) }
}
