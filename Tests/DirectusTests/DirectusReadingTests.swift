import Adoption
import Directus
import DirectusTestSupport
import Postgres
import Schema
import TestSupport
import Testing

/// How a Directus reads the schema that it lives in, as its own database role: columns through `information_schema`, which shows a
/// role what it has rights on; keys of one column through `pg_index`, which shows them all.
///
/// A table with a key and no columns makes a Directus 10 answer every request with an error 500; 11 and 12 leave it out.
private enum Reading {
  /// The tables with a key of one column that the role does not see.
  static func unseen(_ role: Connection) throws -> [String] {
    try names(
      """
      select distinct c.relname::text as name
      from pg_index i join pg_class c on c.oid = i.indrelid join pg_namespace n on n.oid = c.relnamespace
      join pg_attribute a on a.attrelid = c.oid and a.attnum = any (i.indkey::smallint[])
      where n.nspname = 'public' and i.indisprimary and i.indnatts = 1 and c.relkind <> 'S'
        and not exists (
          select from information_schema.columns s
          join information_schema.tables t on t.table_schema = s.table_schema and t.table_name = s.table_name
          where t.table_type = 'BASE TABLE' and s.table_schema = 'public' and s.table_name = c.relname)
      order by 1
      """, role)
  }

  /// Those of the five collections that the role reads, writes and deletes from.
  static func usable(_ role: Connection) throws -> [String] {
    try names(
      """
      select c.relname::text as name from pg_class c
      where c.relnamespace = 'public'::regnamespace
        and c.relname in ('learners', 'modules', 'grains', 'progress', 'grades')
        and has_table_privilege(c.oid, 'select') and has_table_privilege(c.oid, 'insert')
        and has_table_privilege(c.oid, 'update') and has_table_privilege(c.oid, 'delete')
      order by 1
      """, role)
  }

  /// What a snapshot of Directus 11 or 12 would hold of each column: its type, whether it may be empty, whether it has an index of
  /// its own, which one of several columns is not.
  static func columns(_ session: Connection) throws -> [String] {
    try names(
      """
      select format('%s.%s %s%s%s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
          case when a.attnotnull then ' not null' else '' end,
          case when exists (
            select from pg_index i
            where i.indrelid = c.oid and not i.indisunique and i.indnatts = 1 and i.indkey[0] = a.attnum)
          then ' indexed' else '' end) as name
      from pg_class c join pg_attribute a on a.attrelid = c.oid
      where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped
      order by 1
      """, session)
  }

  private static func names(_ statement: Statement, _ role: Connection) throws -> [String] {
    try role.query(statement).map { row throws(PostgresError) in try row.get("name") }
  }
}

/// No table with a key stands in schema public for a moment that Directus's role does not see.
@Suite(.needsPostgres) struct DirectusReadingTests {
  private static let all = ["grades", "grains", "learners", "modules", "progress"]

  @Test(
    "After migrate, without a grant by hand, Directus's role sees every table, and a right that it lost comes back",
    arguments: SystemTablesTests.shapes)
  func migrated(_ shape: SystemTables.Shape) throws {
    let database = try ScratchDirectus(shape, migrated: false)
    let role = try PlainRole(database, granted: false)
    let outcome = try Migrator(seams: Adoption.seams).migrate(on: database.connection)
    #expect(outcome.granted.filter { $0.contains(role.name) }.count == 5)
    #expect(try Reading.unseen(role.connection) == [])
    #expect(try Reading.usable(role.connection) == Self.all)

    try database.connection.execute("revoke all on public.grades, public.grains from \(identifier: role.name)")
    #expect(try Reading.unseen(role.connection) == ["grades", "grains"])
    #expect(try Migrator(seams: Adoption.seams).directusGrants(on: database.connection).count == 2)
    #expect(try Migrator(seams: Adoption.seams).migrate(on: database.connection).granted.count == 2)
    #expect(try Reading.unseen(role.connection) == [])
    #expect(try Migrator(seams: Adoption.seams).migrate(on: database.connection).granted == [])
  }

  @Test(
    "A former release's database, where nobody granted anything, is whole for Directus after the upgrade",
    arguments: SystemTablesTests.shapes, ["own", "french"])
  func upgraded(_ shape: SystemTables.Shape, _ tables: String) throws {
    let database = try AdoptedDatabase("schema/1.0.0-first-\(tables)", "directus/system_tables_\(shape.rawValue)")
    try database.script("reset all")
    let role = try PlainRole(database.scratch, granted: false)
    let own = tables == "own" ? Self.all : ["grades"]
    for table in try database.scratch.values("select tablename::text from pg_tables where schemaname = 'public'")
    where !own.contains(table) {
      try database.connection.execute("alter table public.\(identifier: table) owner to \(identifier: role.name)")
    }
    #expect(try Reading.unseen(role.connection) == own)
    try AdoptedDatabase.migrator.migrate(on: database.connection)
    #expect(try Reading.unseen(role.connection) == [])
  }

  @Test(
    "Nor does an adoption hide one, nor another map, nor the way back, where Directus's role owns the institution's tables",
    arguments: SystemTablesTests.shapes, ["french", "directus_users"])
  func adopted(_ shape: SystemTables.Shape, _ institution: String) throws {
    let database = try AdoptedDatabase("directus/system_tables_\(shape.rawValue)", "adoption/\(institution)")
    let role = try PlainRole(database.scratch, granted: false)
    for table in try database.scratch.values("select tablename::text from pg_tables where schemaname = 'public'") {
      try database.connection.execute("alter table public.\(identifier: table) owner to \(identifier: role.name)")
    }
    #expect(try Reading.unseen(role.connection) == [])
    let map = try AdoptedDatabase.fixture("adoption/\(institution).map")
    if institution == "directus_users" {
      try AdoptedDatabase.migrator.migrate(on: database.connection)
      #expect(try Reading.unseen(role.connection) == [])
    }
    try database.adopt(map)
    #expect(try Reading.unseen(role.connection) == [])
    #expect(try Reading.usable(role.connection).contains("grades"))
    try database.adopt(map + "\n# once more")
    #expect(try Reading.unseen(role.connection) == [])
    try database.undo()
    #expect(try Reading.unseen(role.connection) == [])
    if institution == "directus_users" { #expect(try Reading.usable(role.connection) == Self.all) }
  }

  @Test(
    "Adoption changes nothing that a snapshot holds of the institution's columns, its index neither",
    arguments: SystemTablesTests.shapes)
  func snapshot(_ shape: SystemTables.Shape) throws {
    let database = try AdoptedDatabase("directus/system_tables_\(shape.rawValue)", "adoption/french")
    let before = try Reading.columns(database.connection)
    try database.adopt(try AdoptedDatabase.fixture("adoption/french.map"))
    #expect(
      try database.scratch.values(
        "select indexdef from pg_indexes where schemaname = 'public' and indexname like 'passerelle_%'")
        == ["CREATE INDEX passerelle_progress_learner ON public.progressions USING btree (apprenant, grain)"])
    let after = try Reading.columns(database.connection)
    for column in before { #expect(after.contains(column), "\(column)") }
    // Columns that Directus is not told of are in no snapshot.
    let new = after.filter { !before.contains($0) && !$0.hasPrefix("grades.") }
    #expect(new.count == 3 && new.allSatisfy { $0.contains(".passerelle_id uuid") }, "\(new)")
    try database.undo()
    #expect(try Reading.columns(database.connection) == before)
  }

  @Test("A database that Directus comes to later is prepared for the role that is named, and remembers it")
  func later() throws {
    let database = try ScratchDirectus(nil, migrated: false)
    let role = try PlainRole(database, granted: false)
    let unknown = caught(MigrationError.self) {
      try Migrator(seams: Adoption.seams, directusRole: "nobody").migrate(on: database.connection)
    }
    guard case .role(let words) = unknown else {
      Issue.record("\(String(describing: unknown))")
      return
    }
    #expect(words.english == "there is no database role “nobody”: create it, or name another with --directus-role")
    try Migrator(seams: Adoption.seams, directusRole: role.name).migrate(on: database.connection)
    #expect(try Reading.usable(role.connection) == Self.all)
    #expect(try Reading.unseen(role.connection) == [])

    // A later release makes a table anew: nobody says the name again.
    try database.connection.execute("revoke all on public.grades from \(identifier: role.name)")
    try Migrator(seams: Adoption.seams).migrate(on: database.connection)
    #expect(try Reading.unseen(role.connection) == [])
    #expect(try Grants.check(on: database.connection).role == role.name)
  }

  @Test("Where Directus works as the web server's role or as a superuser, migrate leaves their rights as they are")
  func others() throws {
    let database = try ScratchDirectus(.ten)
    #expect(try Migrator(seams: Adoption.seams).directusGrants(on: database.connection) == [])
    let role = try PlainRole(database, granted: false)
    try Migrator(seams: Adoption.seams, webRole: role.name).migrate(on: database.connection)
    #expect(try Migrator(seams: Adoption.seams).webGrants(on: database.connection) == [])
    #expect(try Migrator(seams: Adoption.seams).directusGrants(on: database.connection) == [])
  }
}
