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
  let isRehearsal: Bool

  /// Temporary schema in which migrations make Passerelle's own tables whose names are taken.
  private static let waitingRoom = "passerelle_adoption"

  func run() throws(AdoptionProblem) -> Adoption.Report {
    // Definitions and types are printed with the schema of every name.
    try run(["set local search_path = pg_catalog"])
    if let former = try Adopted.inForce(on: connection) { return try change(former) }
    let colliding = try asking { () throws(PostgresError) in try Adoption.collisions(on: connection) }
    try expectAdoptable(colliding)
    // Before anything is made: to look is all that this needs.
    if let report = try ownersFirst(try plan(isInForce: false)) { return report }
    // Where they have the names of Passerelle's own, those are made elsewhere from the beginning.
    let migrations = try colliding.isEmpty ? migrate().applied : makeTablesAside()
    if colliding.isEmpty { try expectEmpty() }
    let plan = try plan(isInForce: false)
    try grant(plan)
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
        Words(
          fr: "\(former.summary.french) depuis \(former.since) ; pour adopter d’autres tables, d’abord : "
            + "passerelle directus adopt --undo",
          en:
            "\(former.summary.english) since \(former.since); to adopt other tables, first: passerelle directus adopt --undo"
        ))
    }
    let plan = try plan(isInForce: true)
    if let report = try ownersFirst(plan) { return report }
    try grant(plan)
    try asking { () throws(PostgresError) in try witness?.willChange(on: connection) }
    let survey = try asking { () throws(PostgresError) in try Survey.read(on: connection) }
    let script = AdoptionScript(
      changing: plan, replacesKey: try replacesKey(former, survey, plan), removes: former.removes)
    try run(script.statements)
    _ = try asking { () throws(PostgresError) in
      try connection.execute(
        """
        update passerelle.adoption
        set map = \(text), adopted_at = now(), added = added || \(script.words.map(\.english))::text[],
            undo = undo || \(script.undo.map { ";\n" + $0 }.joined())
        """)
    }
    // Not before: the map that was in force may not fit any more, which is why there is another.
    let migrations = try migrate().applied
    try run(script.closing)
    let outcome = try AdoptionOutcome.read(plan, map, on: connection)
    _ = try told(.changed)
    return Adoption.Report(
      words: [Words(fr: "une autre carte pour les mêmes tables", en: "another map for the same tables")] + script.words,
      statements: statements(script, plan),
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

  private func told(_ change: Adoption.Change) throws(AdoptionProblem) -> [Words] {
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
        Words(
          fr: "public.\(GradeKey.table) a une colonne \(GradeKey.column) qui n’est pas de Passerelle : "
            + "donnez-lui un autre nom",
          en: "public.\(GradeKey.table) has a column \(GradeKey.column) that is not Passerelle's: give it another name")
      )
    }
    return false
  }

  /// Makes the tables of a database that has none of Passerelle's, those of the map's roles where their like waits.
  private func makeTablesAside() throws(AdoptionProblem) -> [Migration] {
    let migrations: [Migration]
    do throws(MigrationError) { try migrator.expectRights(on: connection) } catch { throw AdoptionProblem(error) }
    try run(["create schema \(Self.waitingRoom)"])
    do throws(MigrationError) {
      migrations = try migrator.makeTables(
        within: connection, placing: Set(map.roles.compactMap { SeamRole(rawValue: $0.rawValue) }), in: Self.waitingRoom
      )
    } catch { throw AdoptionProblem(error) }
    try run(
      map.roles.flatMap { AdoptionScript.moveAway($0, from: Self.waitingRoom) } + ["drop schema \(Self.waitingRoom)"])
    return migrations
  }

  /// Refuses what the owner of the tables has to do first; a rehearsal tells it, and goes no further.
  private func ownersFirst(_ plan: AdoptionPlan) throws(AdoptionProblem) -> Adoption.Report? {
    let survey = try asking { () throws(PostgresError) in try Survey.read(on: connection) }
    let part = OwnersPart(plan, role: survey.role)
    if part.isEmpty { return nil }
    guard isRehearsal else { throw .owners(part) }
    return Adoption.Report(
      words: part.steps.map(\.words), statements: part.steps.map(\.sql) + Seams(plan).definitions.map(\.sql),
      counts: [],
      warnings: [
        Words(
          fr: "les tables appartiennent au rôle de base de données \(part.owner) : ce qui y est nouveau et "
            + "les droits relèvent de lui, et n’ont pas été essayés (passerelle directus adopt --map "
            + "FICHIER --sql)",
          en:
            "the tables belong to the database role \(part.owner): what is new in them and the rights are that role's to give, and "
            + "were not tried (passerelle directus adopt --map FILE --sql)")
      ], migrations: [])
  }

  /// Where another role than this session's is Passerelle's, it gets what it needs of tables that are this session's.
  private func grant(_ plan: AdoptionPlan) throws(AdoptionProblem) {
    let survey = try asking { () throws(PostgresError) in try Survey.read(on: connection) }
    try run(OwnersPart.grants(plan, to: survey.role))
  }

  /// Tables whose names Passerelle needs must be adopted: there is no room for two of a name.
  private func expectAdoptable(_ colliding: [String]) throws(AdoptionProblem) {
    if colliding.contains("grades") {
      throw .refused(
        Words(
          fr: "public.grades existe déjà et n’est pas de Passerelle, qui garde une table de ce nom dans "
            + "tous les cas : donnez un autre nom à la vôtre",
          en:
            "public.grades is there already and is not Passerelle's, which keeps a table of that name in every case: give yours "
            + "another name"))
    }
    for name in colliding where !map.roles.contains(where: { $0.rawValue == name }) {
      throw .refused(
        Words(
          fr: "public.\(name) existe déjà et n’est pas de Passerelle, et la carte laisse [\(name)] à "
            + "Passerelle, dont la table porte ce nom : adoptez aussi [\(name)], ou donnez un autre nom à "
            + "la vôtre",
          en:
            "public.\(name) is there already and is not Passerelle's, and the map leaves [\(name)] to Passerelle, whose own "
            + "table has that name: adopt [\(name)], too, or give yours another name"))
    }
  }

  /// What is in Passerelle's own tables would be out of everybody's sight.
  private func expectEmpty() throws(AdoptionProblem) {
    var full: [Words] = []
    for role in map.roles {
      let count = try asking { () throws(PostgresError) -> Int in
        try connection.query("select count(*) as rows from public.\(identifier: role.rawValue)").first?.get("rows") ?? 0
      }
      if count > 0 {
        full.append(
          Words(
            fr: "public.\(role.rawValue) contient \(count) \(count == 1 ? "ligne" : "lignes")",
            en: "public.\(role.rawValue) holds \(count) \(count == 1 ? "row" : "rows")"))
      }
    }
    guard full.isEmpty else {
      throw .refused(
        Words(
          fr: "les tables de Passerelle sont en service : \(full.map(\.french).joined(separator: ", ")) ; leur contenu "
            + "serait caché par les tables qui prennent leur place",
          en:
            "Passerelle's own tables are in use: \(full.map(\.english).joined(separator: ", ")); what they hold would be hidden by the tables "
            + "that take their place"))
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
        Words(
          fr: "\(key.schema).\(key.table) renvoie à la table \(key.target.rawValue) de Passerelle (colonne "
            + "\(key.column)) : retirez d’abord cette clef étrangère",
          en:
            "\(key.schema).\(key.table) refers to Passerelle's own table of \(key.target.rawValue) (column \(key.column)): "
            + "take that foreign key away first"))
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
        values (\(text), \(JSONValue.object(tables).encoded), \(script.words.map(\.english)), \(script.undo.joined(separator: ";\n")),
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
