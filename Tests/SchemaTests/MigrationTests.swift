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

  @Test("The numbers rise, and every file of the folder is a migration")
  func files() throws {
    let numbers = Schema.migrations.map(\.number)
    #expect(numbers == Array(Set(numbers)).sorted() && numbers.first == 1)
    #expect(Set(Schema.migrations.map(\.name)).count == Schema.migrations.count)
    var folder = URL(fileURLWithPath: #filePath)
    for _ in 1...3 { folder.deleteLastPathComponent() }
    folder.appendPathComponent("Sources/Schema/Migrations")
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    #expect(
      files
        == Schema.migrations.map { migration in
          let digits = String(migration.number)
          let number = String(repeating: "0", count: 4 - digits.count) + digits
          return "m\(number)_\(migration.name.replacing(" ", with: "_")).sql"
        })
    for (file, migration) in zip(files, Schema.migrations) {
      #expect(try String(contentsOf: folder.appendingPathComponent(file), encoding: .utf8) == migration.sql)
    }
  }

  @Test("From empty and from every earlier version the same database comes out", .needsPostgres)
  func everyVersion() throws {
    let expected = try description(try ScratchDatabase())
    #expect(expected.contains("public.learners.name text"))
    for count in 0..<Schema.migrations.count {
      let database = try ScratchDatabase(migrations: count)
      var applied: [Int] = []
      try Migrator(Schema.migrations).migrate(on: database.connection) { applied.append($0.number) }
      #expect(applied == Schema.migrations.dropFirst(count).map(\.number))
      #expect(try description(database) == expected)
    }
  }

  @Test("A second run changes nothing, and neither do two at once", .needsPostgres)
  func again() throws {
    let database = try ScratchDatabase(migrations: 0)
    let sessions = try (0..<2).map { _ in Unshared(try database.another()) }
    let failures = onThreads(2) { try Migrator(Schema.migrations).migrate(on: sessions[$0].connection) }
    #expect(failures.isEmpty, "\(failures)")
    #expect(try Migrator(Schema.migrations).applied(on: database.connection) == Schema.migrations.map(\.number))
    let before = try description(database)
    try Migrator(Schema.migrations).migrate(on: database.connection) { Issue.record("applied \($0.number) again") }
    #expect(try description(database) == before)
  }

  @Test("PgBouncer's transaction pooling is good enough to migrate through", .needsPostgres)
  func pooled() throws {
    let database = try ScratchDatabase(migrations: 0)
    let session = try database.pooled()
    try Migrator(Schema.migrations).migrate(on: session)
    session.close()
    #expect(try Migrator(Schema.migrations).pending(on: database.connection).isEmpty)
    #expect(try description(database) == description(try ScratchDatabase()))
  }

  @Test("A database newer than the program is refused and left alone", .needsPostgres)
  func newer() throws {
    let database = try ScratchDatabase()
    let latest = Migrator(Schema.migrations).latest
    try database.connection.execute("insert into passerelle.migrations (number, name) values (\(latest + 1), 'future')")
    #expect(throws: MigrationError.databaseNewer(database: latest + 1, program: latest)) {
      try Migrator(Schema.migrations).migrate(on: database.connection)
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
