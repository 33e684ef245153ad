import Postgres

/// Brings a database to what this program needs: tables step by step, functions, views and triggers whole.
///
/// Everything is one transaction under an advisory lock of that transaction: two migrators at once do each thing once, a
/// failure leaves nothing, and PgBouncer's transaction pooling is fine.
package struct Migrator: Sendable {
  /// What a migration did.
  package struct Outcome: Equatable, Sendable {
    /// The steps of the tables that were applied.
    package let applied: [Migration]
    /// Whether functions, views and triggers were made anew.
    package let madeFunctions: Bool
    /// The statements that gave the roles of the web server and of Directus what they lacked, and took what was too much.
    package let granted: [String]

    /// Whether the table of grades was lost and made anew.
    package let madeGrades: Bool

    /// What was done.
    package init(applied: [Migration], madeFunctions: Bool, granted: [String] = [], madeGrades: Bool = false) {
      self.applied = applied
      self.madeFunctions = madeFunctions
      self.granted = granted
      self.madeGrades = madeGrades
    }
  }

  let schema: String
  let migrations: [Migration]
  /// Nil where there are tables only.
  let seams: SeamSource?
  /// The role of the web server from now on; nil leaves it to what the database remembers.
  let webRole: String?
  /// The role of Directus from now on; nil leaves it to what the database remembers, or to who owns Directus's tables.
  let directusRole: String?

  /// The program's own tables and functions; `seams` says what stands in the place of learners, modules, grains and
  /// progress. `webRole` is the web server's from now on; the owner's name means that nobody else is. `directusRole` is
  /// Directus's, which may come later.
  package init(seams: @escaping SeamSource, webRole: String? = nil, directusRole: String? = nil) {
    self.init(Schema.tables, seams: seams, webRole: webRole, directusRole: directusRole)
  }

  /// Steps of tables without any function, and the schema that holds the table `migrations`.
  package init(_ migrations: [Migration], schema: String = "passerelle") {
    self.init(migrations, seams: nil, schema: schema)
  }

  init(
    _ migrations: [Migration], seams: SeamSource?, webRole: String? = nil, directusRole: String? = nil,
    schema: String = "passerelle"
  ) {
    self.migrations = migrations.sorted { $0.number < $1.number }
    self.seams = seams
    self.webRole = webRole
    self.directusRole = directusRole
    self.schema = schema
  }

  /// The highest number that the program knows; 0 without migrations.
  package var latest: Int { migrations.last?.number ?? 0 }

  /// The numbers of the migrations that the database has, ascending.
  package func applied(on connection: Connection) throws(MigrationError) -> [Int] {
    try asking { () throws(PostgresError) in
      guard try hasRecord(on: connection) else { return [] }
      let rows = try connection.query("select number from \(identifier: schema).migrations order by number")
      return try rows.map { row throws(PostgresError) in try row.get("number") }
    }
  }

  /// The migrations that the database lacks, in order; throws `.databaseNewer` when it has one that the program lacks.
  package func pending(on connection: Connection) throws(MigrationError) -> [Migration] {
    for (index, migration) in migrations.enumerated()
    where migration.number < 1 || (index > 0 && migrations[index - 1].number == migration.number) {
      throw .numbering(migration.number)
    }
    let applied = try applied(on: connection)
    if let newest = applied.last, newest > latest { throw .databaseNewer(database: newest, program: latest) }
    return migrations.filter { !applied.contains($0.number) }
  }

  /// Applies what is pending, and makes functions, views and triggers anew unless they are what this program makes.
  ///
  /// Triggers cannot be made while somebody works on their tables, and whoever waits for a table makes everybody behind
  /// wait. So this waits half a second at a time, shorter than it takes PostgreSQL to look for a deadlock: nobody's click
  /// is refused for a migration.
  @discardableResult
  package func migrate(on connection: Connection) throws(MigrationError) -> Outcome {
    _ = try pending(on: connection)
    var attempt = 1
    while true {
      do throws(MigrationError) {
        return try transaction(on: connection) { () throws(MigrationError) in
          try begin(on: connection)
          try run("set local lock_timeout = '500ms'", on: connection)
          return try bringUp(on: connection)
        }
      } catch {
        guard error.isBusy, attempt < Self.attempts else { throw error }
        attempt += 1
        try run("select pg_sleep(0.5)", on: connection)
      }
    }
  }

  /// The same inside the transaction that the caller has begun. Nothing of it stays when the caller rolls back.
  package func migrate(within connection: Connection) throws(MigrationError) -> Outcome {
    try begin(on: connection)
    return try bringUp(on: connection)
  }

  /// Makes the tables of a database that has none, those of some roles in another schema, because others have their names; no
  /// functions yet. Inside the transaction that the caller has begun.
  package func makeTables(
    within connection: Connection, placing roles: Set<SeamRole>, in place: String
  ) throws(MigrationError) -> [Migration] {
    try begin(on: connection)
    return try apply(try pending(on: connection), on: connection) { migration in
      Self.sql(of: migration, roles) { "\(place).\($0.rawValue)" }
    }
  }

  private func apply(
    _ pending: [Migration], on connection: Connection, _ sql: (Migration) -> String
  ) throws(MigrationError) -> [Migration] {
    for migration in pending {
      // What is looked at when a transaction ends is looked at here, where it can be said which step was at fault.
      let step = """
        \(sql(migration))
        ;
        set constraints all immediate;
        insert into \(quoted(schema)).migrations (number, name) values (\(migration.number), \(literal(migration.name)));
        """
      do throws(PostgresError) { try connection.script(step) } catch { throw .failed(migration, error) }
    }
    return pending
  }

  /// How often a table is waited for.
  private static let attempts = 60

  private func begin(on connection: Connection) throws(MigrationError) {
    try run("select pg_advisory_xact_lock(hashtextextended(\(literal(schema + ".migrations")), 0))", on: connection)
    if try asking({ () throws(PostgresError) in try !hasRecord(on: connection) }) {
      try expectRights(on: connection)
      try run(createRecord, on: connection)
    }
  }

  private func bringUp(on connection: Connection) throws(MigrationError) -> Outcome {
    let madeGrades = seams == nil ? false : try makeLostGrades(on: connection)
    let pending = try pending(on: connection)
    let adopted = try pending.isEmpty ? [] : adoptedRoles(on: connection)
    _ = try apply(pending, on: connection) { Self.sql(of: $0, adopted) }
    guard let source = seams else { return Outcome(applied: pending, madeFunctions: false) }
    let seams = try source(connection)
    if madeGrades {
      for statement in seams.ofGrades { try run(statement, on: connection) }
    }
    for statement in seams.mending { try run(statement, on: connection) }
    let madeFunctions = try bringUpFunctions(seams, on: connection)
    if madeGrades { try owedAgain(on: connection) }
    let granted = try bringUpWebRole(seams, on: connection) + bringUpDirectusRole(seams, on: connection)
    return Outcome(applied: pending, madeFunctions: madeFunctions, granted: granted, madeGrades: madeGrades)
  }

  /// A step names `public.learners` and the other three. Where another table stands in for one, Passerelle's own waits in
  /// schema passerelle under another name, and the step is about that one.
  static func sql(
    of migration: Migration, _ adopted: Set<SeamRole>, _ place: (SeamRole) -> String = { "passerelle.\($0.hidden)" }
  ) -> String {
    var sql = migration.sql
    for role in adopted {
      var moved = ""
      var rest = Substring(sql)
      while let found = rest.firstRange(of: "public.\(role.rawValue)") {
        let next = rest[found.upperBound...].first
        let isLonger = next.map { $0.isLetter || $0.isNumber || $0 == "_" } ?? false
        moved += rest[..<found.lowerBound] + (isLonger ? rest[found] : Substring(place(role)))
        rest = rest[found.upperBound...]
      }
      sql = moved + rest
    }
    return sql
  }

  func adoptedRoles(on connection: Connection) throws(MigrationError) -> Set<SeamRole> {
    try asking { () throws(PostgresError) in
      guard try connection.value("select to_regclass('passerelle.adoption') is not null") else { return [] }
      let rows = try connection.query("select json_object_keys(a.tables) as role from passerelle.adoption a")
      return Set(try rows.map { row throws(PostgresError) in try row.get("role") }.compactMap(SeamRole.init(rawValue:)))
    }
  }

  private func hasRecord(on connection: Connection) throws(PostgresError) -> Bool {
    try connection.value("select to_regclass(\(quoted(schema) + ".migrations")) is not null")
  }

  /// CREATE … IF NOT EXISTS is not enough: two of them at once collide on the catalogue's unique indexes. Nor is
  /// to_regnamespace, which may answer from a cache that is older than the lock.
  private var createRecord: String {
    """
    do $passerelle$ begin
      if not exists (select from pg_catalog.pg_namespace where nspname = \(literal(schema))) then
        create schema \(quoted(schema));
      end if;
    end $passerelle$;
    create table if not exists \(quoted(schema)).migrations (
      number integer primary key,
      name text not null,
      applied_at timestamptz not null default now());
    """
  }

  private func quoted(_ name: String) -> String { ("\(identifier: name)" as Statement).sql }

  /// A string literal that means the same whatever `standard_conforming_strings` says.
  private func literal(_ text: String) -> String {
    var literal = "E'"
    for scalar in text.unicodeScalars {
      if scalar == "'" || scalar == "\\" { literal.append("\\") }
      literal.unicodeScalars.append(scalar)
    }
    return literal + "'"
  }
}

extension MigrationError {
  /// Whether somebody else had what was needed: another attempt may succeed.
  fileprivate var isBusy: Bool {
    switch self {
    case .failed(_, let error), .definition(_, let error), .database(let error):
      error.sqlState == "55P03" || error.sqlState == "40P01"
    default: false
    }
  }
}
