import Postgres
import Schema
import TestSupport
import Testing

@Suite("Steps of the tables are applied once each, in order, or not at all", .needsPostgres)
struct MigratorTests {
  /// A table, then something that shows how often it ran, and a last line without an end.
  private let migrations = [
    Migration(number: 1, name: "the table", sql: "create table steps.runs (number int not null)"),
    Migration(
      number: 2, name: "O'Brien\\'s row",
      sql: "insert into steps.runs values (2); do $$ begin perform pg_sleep(0.05); end $$; -- the end"),
    Migration(number: 3, name: "a third", sql: "insert into steps.runs values (3);"),
  ]

  private func migrator(_ migrations: [Migration]) -> Migrator { Migrator(migrations, schema: "steps") }

  private func runs(in database: ScratchDatabase) throws -> [Int] {
    try database.connection.query("select number from steps.runs order by number").map { try $0.get("number") }
  }

  private func session(_ database: ScratchDatabase, pooled: Bool) throws -> Connection {
    pooled ? try database.pooled() : try database.another()
  }

  @Test("An empty database gets all of them, and a second run does nothing", arguments: [false, true])
  func fromNothing(pooled: Bool) throws {
    let database = try ScratchDatabase(migrated: false)
    let migrator = migrator(migrations.reversed())
    let connection = try session(database, pooled: pooled)
    defer { connection.close() }
    #expect(try migrator.applied(on: connection) == [])
    #expect(try migrator.pending(on: connection) == migrations)
    #expect(try migrator.migrate(on: connection).applied.map(\.number) == [1, 2, 3])
    #expect(try migrator.applied(on: connection) == [1, 2, 3])
    #expect(try migrator.pending(on: connection) == [])
    #expect(migrator.latest == 3)
    #expect(try migrator.migrate(on: connection) == Migrator.Outcome(applied: [], madeFunctions: false))
    #expect(try runs(in: database) == [2, 3])
    let names = try connection.query(
      "select name, applied_at > now() - interval '1 minute' as recent from steps.migrations order by number")
    #expect(try names.map { try $0.get("name", as: String.self) } == ["the table", "O'Brien\\'s row", "a third"])
    #expect(try names.allSatisfy { try $0.get("recent") })
  }

  @Test("Twenty migrators at once apply each step once", arguments: [false, true])
  func concurrent(pooled: Bool) throws {
    let database = try ScratchDatabase(migrated: false)
    let sessions = try (0..<20).map { _ in Unshared(try session(database, pooled: pooled)) }
    let failures = onThreads(20) { number in
      _ = try migrator(migrations).migrate(on: sessions[number].connection)
    }
    for session in sessions { session.connection.close() }
    #expect(failures.isEmpty, "\(failures)")
    #expect(try runs(in: database) == [2, 3])
  }

  @Test("A database newer than the program is refused with both numbers, and not touched")
  func newerDatabase() throws {
    let database = try ScratchDatabase(migrated: false)
    let connection = database.connection
    try migrator(migrations).migrate(on: connection)
    let older = migrator(Array(migrations.prefix(2)))
    let refusal = MigrationError.databaseNewer(database: 3, program: 2)
    #expect(caught(MigrationError.self) { _ = try older.pending(on: connection) } == refusal)
    #expect(caught(MigrationError.self) { try older.migrate(on: connection) } == refusal)
    #expect(
      refusal.description
        == "the database is at migration 3, newer than this program, which knows 2: update the program")
    #expect(try older.applied(on: connection) == [1, 2, 3])
  }

  @Test(
    "A failed step leaves nothing of any, says which it was and why, and can be tried again", arguments: [false, true])
  func failure(pooled: Bool) throws {
    let database = try ScratchDatabase(migrated: false)
    let first = Migration(number: 1, name: "fine", sql: "create table steps.kept (x int)")
    let broken = Migration(
      number: 2, name: "broken", sql: "create table steps.lost (x int); insert into steps.lost values (1/0)")
    let connection = try session(database, pooled: pooled)
    defer { connection.close() }
    let both = migrator([first, broken])
    let error = try #require(caught(MigrationError.self) { try both.migrate(on: connection) })
    guard case .failed(broken, let cause) = error else {
      Issue.record("not the broken step: \(error)")
      return
    }
    #expect(cause.sqlState == "22012")
    #expect(error.description == "migration 2 (broken) failed and was rolled back: 22012 division by zero")
    #expect(try both.applied(on: connection) == [])
    let tables = try connection.query("select tablename from pg_tables where schemaname = 'steps' order by 1")
    #expect(try tables.map { try $0.get("tablename", as: String.self) } == [])

    let mended = Migration(number: 2, name: "mended", sql: "create table steps.lost (x int)")
    try migrator([first, mended]).migrate(on: connection)
    #expect(try both.applied(on: connection) == [1, 2])
  }

  @Test("A constraint checked only at the commit fails the step like any other")
  func failureAtCommit() throws {
    let database = try ScratchDatabase(migrated: false)
    let connection = database.connection
    let deferred = Migration(
      number: 1, name: "deferred",
      sql: """
        create table steps.a (x int primary key, y int references steps.a deferrable initially deferred);
        insert into steps.a values (1, 2)
        """)
    let error = try #require(caught(MigrationError.self) { try migrator([deferred]).migrate(on: connection) })
    guard case .failed(deferred, let cause) = error else {
      Issue.record("not the deferred step: \(error)")
      return
    }
    #expect(cause.sqlState == "23503")
    #expect(try migrator([deferred]).applied(on: connection) == [])
    #expect(connection.isOpen)
  }

  @Test("A program that numbers two steps alike, or one below 1, is refused before anything is done")
  func numbering() throws {
    let database = try ScratchDatabase(migrated: false)
    let connection = database.connection
    let twice = [1, 2, 2].map { Migration(number: $0, name: "n", sql: "select 1") }
    #expect(caught(MigrationError.self) { try migrator(twice).migrate(on: connection) } == .numbering(2))
    let zero = [Migration(number: 0, name: "n", sql: "select 1")]
    #expect(caught(MigrationError.self) { try migrator(zero).migrate(on: connection) } == .numbering(0))
    #expect(try migrator([]).applied(on: connection) == [])
  }

  @Test("A lost session is told as what it is")
  func lostSession() throws {
    let connection = try ScratchDatabase(migrated: false).another()
    connection.close()
    let error = try #require(caught(MigrationError.self) { try migrator(migrations).migrate(on: connection) })
    #expect(error == .database(PostgresError(.connection, "the session is closed")))
  }
}
