import Foundation
import Postgres
import Schema
import TestSupport
import Testing

/// The migrations on a real server.
@Suite struct MigrationTests {
  /// Everything the migrations made, in words that are the same in every database.
  private func description(_ database: ScratchDatabase) throws -> String {
    try database.value(
      """
      select string_agg(line, E'\\n' order by line) from (
        select format('%s.%s.%s %s %s %s', table_schema, table_name, column_name, data_type, is_nullable, column_default) as line
          from information_schema.columns where table_schema in ('public', 'passerelle')
        union all
        select format('%s on %s: %s', c.conname, c.conrelid::regclass, pg_get_constraintdef(c.oid))
          from pg_constraint c where c.connamespace in ('public'::regnamespace, 'passerelle'::regnamespace)
        union all
        select indexdef from pg_indexes where schemaname in ('public', 'passerelle')
        union all
        select pg_get_functiondef(p.oid) from pg_proc p where p.pronamespace = 'passerelle'::regnamespace
        union all
        select pg_get_triggerdef(t.oid) from pg_trigger t where not t.tgisinternal
        union all
        select format('view %s.%s %s', schemaname, viewname, definition) from pg_views where schemaname in ('public', 'passerelle')) x
      """)
  }

  @Test("The numbers rise, and every file of the two folders is in the program")
  func files() throws {
    let numbers = Schema.tables.map(\.number)
    #expect(numbers.first == 1 && numbers == Set(numbers).sorted())
    #expect(Set(Schema.tables.map(\.name)).count == Schema.tables.count)
    let tables = Schema.tables.map { table in
      let digits = String(table.number)
      return (name: "\(String(repeating: "0", count: 4 - digits.count))\(digits)_\(table.name)", sql: table.sql)
    }
    let functions = Schema.files + SeamRole.allCases.map(Schema.file)
    for (folder, files) in [("Tables", tables), ("Functions", functions)] {
      #expect(try SourceFiles.names(in: folder) == files.map { $0.name + ".sql" }.sorted())
      for file in files { #expect(try SourceFiles.text("\(folder)/\(file.name).sql") == file.sql) }
    }
  }

  @Test("The guide's table names every file of functions, and no other")
  func guide() throws {
    let rows = try SourceFiles.text("README.md").split(separator: "\n").filter { $0.hasPrefix("| `") }
    let named = rows.flatMap { row in
      row.split(separator: "|")[0].matches(of: /`(\w+\.sql)`/).map { String($0.1) }
    }
    #expect(try SourceFiles.names(in: "Functions") == named.sorted())
  }

  @Test("Every statement about functions makes one, a view or a trigger, and each is made once")
  func definedOnce() {
    var made: [String: String] = [:]
    for file in Schema.files + SeamRole.allCases.map(Schema.file) {
      for statement in SQLScript.statements(of: file.sql) {
        guard let definition = Definition(statement) else {
          Issue.record("\(file.name).sql: \(statement.prefix(60))")
          continue
        }
        let object =
          switch definition.kind {
          case .function(let name): "function \(name)"
          case .view(let name): "view \(name)"
          case .trigger(let name, let table): "trigger \(name) on \(table)"
          case .revoke: ""
          }
        if object.isEmpty { continue }
        #expect(made[object] == nil, "\(object) is in \(made[object] ?? "").sql and in \(file.name).sql")
        made[object] = file.name
      }
    }
    #expect(made.count > 90 && made["function owe"] == "grading")
  }

  @Test(
    "Every trigger function is run with its owner's rights, under a fixed path, and by nobody but its trigger",
    .needsPostgres)
  func triggerFunctions() throws {
    let database = try ScratchDatabase()
    #expect(
      try database.value(
        """
        select count(*) from pg_proc p
        where p.pronamespace = 'passerelle'::regnamespace and p.prorettype = 'trigger'::regtype
          and not (p.prosecdef and 'search_path=pg_catalog, pg_temp' = any (p.proconfig)
                   and not has_function_privilege('public', p.oid, 'execute'))
        """) == 0)
  }

  @Test("A second run changes nothing, and neither do two at once", .needsPostgres)
  func again() throws {
    let database = try ScratchDatabase(migrated: false)
    let sessions = try (0..<2).map { _ in Unshared(try database.another()) }
    let failures = onThreads(2) { try ScratchDatabase.migrator.migrate(on: sessions[$0].connection) }
    #expect(failures.isEmpty, "\(failures)")
    #expect(try ScratchDatabase.migrator.applied(on: database.connection) == Schema.tables.map(\.number))
    let before = try description(database)
    #expect(
      try ScratchDatabase.migrator.migrate(on: database.connection)
        == Migrator.Outcome(applied: [], madeFunctions: false))
    #expect(try description(database) == before)
  }

  @Test("PgBouncer's transaction pooling is good enough to migrate through", .needsPostgres)
  func pooled() throws {
    let database = try ScratchDatabase(migrated: false)
    let session = try database.pooled()
    try ScratchDatabase.migrator.migrate(on: session)
    session.close()
    #expect(try ScratchDatabase.migrator.pending(on: database.connection).isEmpty)
    #expect(try description(database) == description(try ScratchDatabase()))
  }

  @Test("A database newer than the program is refused and left alone", .needsPostgres)
  func newer() throws {
    let database = try ScratchDatabase()
    let latest = ScratchDatabase.migrator.latest
    try database.connection.execute("insert into passerelle.migrations (number, name) values (\(latest + 1), 'future')")
    #expect(throws: MigrationError.databaseNewer(database: latest + 1, program: latest)) {
      try ScratchDatabase.migrator.migrate(on: database.connection)
    }
  }

  @Test("Directus sees five collections with single uuid keys and creation dates, and nothing else", .needsPostgres)
  func collections() throws {
    let database = try ScratchDatabase()
    #expect(
      try database.value(
        "select array_agg(table_name::text order by table_name) from information_schema.tables where table_schema = 'public'",
        as: [String].self) == ["grades", "grains", "learners", "modules", "progress"])
    #expect(
      try database.value(
        """
        select array_agg(table_name || ' ' || data_type || ' ' || column_default order by table_name)
        from information_schema.columns where table_schema = 'public' and column_name = 'id'
        """, as: [String].self)
        == ["grades", "grains", "learners", "modules", "progress"].map { $0 + " uuid gen_random_uuid()" })
    #expect(
      try database.value(
        """
        select count(*) from information_schema.columns
        where table_schema = 'public' and column_name in ('date_created', 'date_updated')
          and data_type = 'timestamp with time zone'
        """) == 10)
    // What Directus cannot show: enums, domains, keys that lead out of its schema.
    #expect(
      try database.value(
        """
        select count(*) from information_schema.columns where table_schema = 'public'
          and (data_type = 'USER-DEFINED' or domain_name is not null)
        """) == 0)
    #expect(
      try database.value(
        """
        select count(*) from pg_constraint c where c.contype = 'f' and c.connamespace = 'public'::regnamespace
          and c.confrelid::regclass::text like 'passerelle.%'
        """) == 0)
  }
}
