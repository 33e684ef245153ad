import Foundation
import Postgres

/// A database of a test's own, dropped at its end. Its session belongs to one thread; every thread may open another.
package final class ScratchDatabase: @unchecked Sendable {
  /// The database's name.
  package let name: String
  /// A superuser's session.
  package let connection: Connection

  private var isGone = false

  /// A copy of a template, by default an empty one.
  package init(prefix: String, template: String = "template0") throws {
    name = "\(prefix)_\(UUID().uuidString.prefix(13).lowercased().filter { $0 != "-" })"
    try Self.administer("create database \(identifier: name) template \(identifier: template)")
    connection = try Self.connect(name)
  }

  deinit { drop() }

  /// Removes it now, whoever is connected.
  package func drop() {
    connection.close()
    guard !isGone else { return }
    isGone = true
    try? Self.administer("drop database if exists \(identifier: name) with (force)")
  }

  /// Leaves it to be looked at, for as long as the stack is there.
  package func keep() {
    connection.close()
    isGone = true
  }

  /// Another session, as that role when one is named.
  package func another(as role: String? = nil, password: String = "") throws -> Connection {
    try Self.connect(name, role: role, password: password)
  }

  /// Another session, through PgBouncer.
  package func pooled() throws -> Connection { try Self.open(try Stack.pooled(name)) }

  /// The first column of the only row.
  package func value<Value: PostgresValue>(_ statement: Statement, as type: Value.Type = Value.self) throws -> Value {
    try connection.value(statement)
  }

  /// The first column of every row.
  package func values(_ statement: Statement) throws -> [String] { try connection.values(statement) }

  /// One statement on the server's own database.
  package static func administer(_ statement: Statement) throws {
    let administrator = try connect("postgres")
    defer { administrator.close() }
    try administrator.execute(statement)
  }

  /// A session on a database of that name.
  package static func connect(_ database: String, role: String? = nil, password: String = "") throws -> Connection {
    let url = try Stack.direct(database)
    guard let role, var parts = URLComponents(string: url) else { return try open(url) }
    parts.user = role
    parts.password = password
    return try open(parts.string ?? url)
  }

  private static func open(_ url: String) throws -> Connection {
    try Connection(conninfo: url, applicationName: "tests", connectTimeout: 10_000, queryTimeout: 60_000)
  }
}
