import Adoption
import Directus
import Foundation
import Postgres
import Schema

/// A database of its own for one test, with the system tables of one version of Directus, dropped at its end.
final class ScratchDirectus {
  /// The database's name.
  let name: String
  /// A superuser's session.
  let connection: Connection

  /// `Tests/run` has not started PostgreSQL.
  struct NotStarted: Error {}
  struct NoRow: Error { let sql: String }

  /// A database with the program's collections and a Directus of that shape, or none.
  init(_ shape: SystemTables.Shape?, migrated: Bool = true) throws {
    name = "directus_\(UUID().uuidString.prefix(13).lowercased().filter { $0 != "-" })"
    let administrator = try Self.connect("postgres")
    try administrator.execute("create database \(identifier: name) template template0")
    administrator.close()
    connection = try Self.connect(name)
    for fixture in Self.fixtures(shape) { try connection.script(try Self.fixture(fixture)) }
    if migrated { try Migrator(seams: Adoption.seams).migrate(on: connection) }
  }

  deinit {
    connection.close()
    guard let administrator = try? Self.connect("postgres") else { return }
    _ = try? administrator.execute("drop database if exists \(identifier: name) with (force)")
  }

  /// Another session, as that role when one is named.
  func another(as role: String? = nil, password: String = "") throws -> Connection {
    try Self.connect(name, role: role, password: password)
  }

  /// The first column of the only row.
  func value<Value: PostgresValue>(_ statement: Statement, as type: Value.Type = Value.self) throws -> Value {
    let rows = try connection.query(statement)
    guard let row = rows.first else { throw NoRow(sql: statement.sql) }
    return try row.get(rows.columnNames[0])
  }

  /// The first column of every row.
  func values(_ statement: Statement) throws -> [String] {
    let rows = try connection.query(statement)
    return try rows.map { try $0.get(rows.columnNames[0]) }
  }

  /// The text of a file of Tests/Fixtures/directus.
  static func fixture(_ name: String) throws -> String {
    let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    return try String(contentsOf: tests.appending(path: "Fixtures/directus/\(name).sql"), encoding: .utf8)
  }

  private static func fixtures(_ shape: SystemTables.Shape?) -> [String] {
    switch shape {
    case nil: []
    case .twelve: ["system_tables_12"]
    case .eleven: ["system_tables_12", "eleven"]
    case .ten: ["system_tables_12", "eleven", "ten"]
    }
  }

  private static func connect(_ database: String, role: String? = nil, password: String = "") throws -> Connection {
    guard let url = ProcessInfo.processInfo.environment["PASSERELLE_TEST_DATABASE_URL"],
      var parts = URLComponents(string: url)
    else { throw NotStarted() }
    parts.path = "/" + database
    if let role {
      parts.user = role
      parts.password = password
    }
    guard let conninfo = parts.string else { throw NotStarted() }
    return try Connection(
      conninfo: conninfo, applicationName: "tests", connectTimeout: 10_000, queryTimeout: 60_000)
  }
}
