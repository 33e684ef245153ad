import Postgres
import TestSupport
import Testing

@Suite("Migrations are applied once each, in order, or not at all", .needsPostgres)
struct MigratorTests {
  /// A table, then something that shows how often it ran, and a last line without an end.
  private func migrations(in schema: String) -> [Migration] {
    [
      Migration(number: 1, name: "the table", sql: "create table \(schema).runs (number int not null)"),
      Migration(
        number: 2, name: "O'Brien\\'s row",
        sql: "insert into \(schema).runs values (2); do $$ begin perform pg_sleep(0.05); end $$; -- the end"),
      Migration(number: 3, name: "a third", sql: "insert into \(schema).runs values (3);"),
    ]
  }

  private func withName(_ body: (String) throws -> Void) throws {
    let schema = TestServer.uniqueName("m")
    defer { try? TestServer.connect().script("drop schema if exists \(schema) cascade") }
    try body(schema)
  }

  private func runs(in schema: String) throws -> [Int] {
    try TestServer.connect().query("select number from \(identifier: schema).runs order by number").map { row in
      try row.get("number")
    }
  }

  private func migrationError(_ body: () throws -> Void) throws -> MigrationError {
    do {
      try body()
    } catch let error as MigrationError {
      return error
    }
    throw NothingThrown()
  }

  @Test("An empty database gets all of them, and a second run does nothing", arguments: [false, true])
  func fromNothing(pooled: Bool) throws {
    try withName { schema in
      let migrator = Migrator(migrations(in: schema).reversed(), schema: schema)
      let connection = try TestServer.connect(pooled: pooled)
      #expect(try migrator.applied(on: connection) == [])
      #expect(try migrator.pending(on: connection) == migrations(in: schema))
      var progress: [Int] = []
      try migrator.migrate(on: connection) { progress.append($0.number) }
      #expect(progress == [1, 2, 3])
      #expect(try migrator.applied(on: connection) == [1, 2, 3])
      #expect(try migrator.pending(on: connection) == [])
      #expect(migrator.latest == 3)
      try migrator.migrate(on: connection) { progress.append($0.number) }
      #expect(progress == [1, 2, 3])
      #expect(try runs(in: schema) == [2, 3])
      let names = try connection.query(
        "select name, applied_at > now() - interval '1 minute' as recent from \(identifier: schema).migrations order by number"
      )
      #expect(try names.map { try $0.get("name", as: String.self) } == ["the table", "O'Brien\\'s row", "a third"])
      #expect(try names.allSatisfy { try $0.get("recent") })
    }
  }

  @Test("Twenty migrators at once apply each migration once", arguments: [false, true])
  func concurrent(pooled: Bool) throws {
    try withName { schema in
      let migrator = Migrator(migrations(in: schema), schema: schema)
      let outcomes = simultaneously(20) { _ in
        var applied: [Int] = []
        try migrator.migrate(on: TestServer.connect(pooled: pooled)) { applied.append($0.number) }
        return applied
      }
      let applied = try outcomes.flatMap { try $0.get() }
      #expect(applied.sorted() == [1, 2, 3])
      #expect(try runs(in: schema) == [2, 3])
    }
  }

  @Test("A database newer than the program is refused with both numbers, and not touched")
  func newerDatabase() throws {
    try withName { schema in
      let connection = try TestServer.connect()
      try Migrator(migrations(in: schema), schema: schema).migrate(on: connection)
      let older = Migrator(Array(migrations(in: schema).prefix(2)), schema: schema)
      let refusal = MigrationError.databaseNewer(database: 3, program: 2)
      #expect(try migrationError { _ = try older.pending(on: connection) } == refusal)
      #expect(try migrationError { try older.migrate(on: connection) } == refusal)
      #expect(
        refusal.description
          == "the database is at migration 3, newer than this program, which knows 2: update the program")
      #expect(try older.applied(on: connection) == [1, 2, 3])
    }
  }

  @Test("A newer program that comes between two migrations of an older one is noticed")
  func newerMeanwhile() throws {
    try withName { schema in
      let connection = try TestServer.connect()
      let older = Migrator(Array(migrations(in: schema).prefix(2)), schema: schema)
      var progress: [Int] = []
      let error = try migrationError {
        try older.migrate(on: connection) { migration in
          progress.append(migration.number)
          do {
            try Migrator(migrations(in: schema), schema: schema).migrate(on: TestServer.connect())
          } catch {
            Issue.record("the newer program failed: \(error)")
          }
        }
      }
      #expect(error == .databaseNewer(database: 3, program: 2))
      #expect(progress == [1])
      #expect(try runs(in: schema) == [2, 3])
    }
  }

  @Test(
    "A failed migration leaves nothing, says which it was and why, and can be tried again", arguments: [false, true])
  func failure(pooled: Bool) throws {
    try withName { schema in
      let first = Migration(number: 1, name: "fine", sql: "create table \(schema).kept (x int)")
      let broken = Migration(
        number: 2, name: "broken", sql: "create table \(schema).lost (x int); insert into \(schema).lost values (1/0)")
      let connection = try TestServer.connect(pooled: pooled)
      let migrator = Migrator([first, broken], schema: schema)
      let error = try migrationError { try migrator.migrate(on: connection) }
      guard case .failed(broken, let cause) = error else {
        Issue.record("not the broken migration: \(error)")
        return
      }
      #expect(cause.sqlState == "22012")
      #expect(error.description == "migration 2 (broken) failed and was rolled back: 22012 division by zero")
      #expect(try migrator.applied(on: connection) == [1])
      let tables = try connection.query("select tablename from pg_tables where schemaname = \(schema) order by 1")
      #expect(try tables.map { try $0.get("tablename", as: String.self) } == ["kept", "migrations"])

      let mended = Migration(number: 2, name: "mended", sql: "create table \(schema).lost (x int)")
      try Migrator([first, mended], schema: schema).migrate(on: connection)
      #expect(try migrator.applied(on: connection) == [1, 2])
    }
  }

  @Test("A constraint checked only at the commit fails the migration like any other")
  func failureAtCommit() throws {
    try withName { schema in
      let connection = try TestServer.connect()
      let deferred = Migration(
        number: 1, name: "deferred",
        sql: """
          create table \(schema).a (x int primary key, y int references \(schema).a deferrable initially deferred);
          insert into \(schema).a values (1, 2)
          """)
      let migrator = Migrator([deferred], schema: schema)
      let error = try migrationError { try migrator.migrate(on: connection) }
      guard case .failed(deferred, let cause) = error else {
        Issue.record("not the deferred migration: \(error)")
        return
      }
      #expect(cause.sqlState == "23503")
      #expect(try migrator.applied(on: connection) == [])
      #expect(connection.isOpen)
    }
  }

  @Test("A program that numbers two migrations alike, or one below 1, is refused before anything is done")
  func numbering() throws {
    try withName { schema in
      let connection = try TestServer.connect()
      let twice = [1, 2, 2].map { Migration(number: $0, name: "n", sql: "select 1") }
      #expect(try migrationError { try Migrator(twice, schema: schema).migrate(on: connection) } == .numbering(2))
      let zero = [Migration(number: 0, name: "n", sql: "select 1")]
      #expect(try migrationError { try Migrator(zero, schema: schema).migrate(on: connection) } == .numbering(0))
      #expect(try Migrator([], schema: schema).applied(on: connection) == [])
    }
  }

  @Test("A lost session is told as what it is")
  func lostSession() throws {
    try withName { schema in
      let connection = try TestServer.connect()
      connection.close()
      let error = try migrationError { try Migrator(migrations(in: schema), schema: schema).migrate(on: connection) }
      #expect(error == .database(PostgresError(.connection, "the session is closed")))
    }
  }
}
