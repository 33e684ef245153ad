import Foundation
import Postgres
import Schema

/// A database of its own for one test, dropped at its end.
final class ScratchDatabase {
  /// The database's name.
  let name: String
  /// A superuser's session.
  let connection: Connection

  /// `Tests/run` has not started PostgreSQL.
  struct NotStarted: Error, CustomStringConvertible {
    let variable: String
    var description: String { "\(variable) is not set; start the tests with Tests/run" }
  }

  /// The migrator of an institution that lives in Passerelle's own tables.
  static let migrator = Migrator { (_) throws(MigrationError) in .own }

  /// A database with the whole schema, or an empty one.
  init(migrated: Bool = true) throws {
    name = "schema_\(UUID().uuidString.prefix(13).lowercased().filter { $0 != "-" })"
    let administrator = try Self.connect("postgres")
    try administrator.execute("create database \(identifier: name) template template0")
    administrator.close()
    connection = try Self.connect(name)
    if migrated { try Self.migrator.migrate(on: connection) }
  }

  deinit {
    connection.close()
    guard let administrator = try? Self.connect("postgres") else { return }
    _ = try? administrator.execute("drop database if exists \(identifier: name) with (force)")
  }

  /// Another session.
  func another() throws -> Connection { try Self.connect(name) }

  /// Another session, through PgBouncer.
  func pooled() throws -> Connection { try Self.connect(name, through: "PASSERELLE_TEST_PGBOUNCER_URL") }

  /// The first column of the only row.
  func value<Value: PostgresValue>(_ statement: Statement, as type: Value.Type = Value.self) throws -> Value {
    try connection.value(statement)
  }

  private static func connect(
    _ database: String, through variable: String = "PASSERELLE_TEST_DATABASE_URL"
  ) throws -> Connection {
    guard let url = ProcessInfo.processInfo.environment[variable] else { throw NotStarted(variable: variable) }
    let question = url.firstIndex(of: "?") ?? url.endIndex
    guard let slash = url[..<question].lastIndex(of: "/") else { throw NotStarted(variable: variable) }
    return try Connection(
      conninfo: String(url[...slash]) + database + String(url[question...]), applicationName: "tests",
      connectTimeout: 10_000,
      queryTimeout: 60_000)
  }
}

extension Connection {
  struct NoRow: Error { let sql: String }

  /// The first column of the only row.
  func value<Value: PostgresValue>(_ statement: Statement, as type: Value.Type = Value.self) throws -> Value {
    let rows = try query(statement)
    guard let row = rows.first else { throw NoRow(sql: statement.sql) }
    return try row.get(rows.columnNames[0])
  }
}
