import Directus
import Foundation
import Postgres
import TestSupport

/// A database role as an institution gives Directus: it owns Directus's tables and has nothing else by itself.
package final class PlainRole {
  /// The role's name, which needs quoting.
  package let name: String
  /// A session of that role.
  package let connection: Connection
  private let database: ScratchDirectus

  /// Makes the role the owner of Directus's tables and gives it what `doctor` says it lacks.
  package init(_ database: ScratchDirectus, granted: Bool = true) throws {
    self.database = database
    name = "Directus \(database.name)"
    try database.connection.execute("create role \(identifier: name) login password 'geheim'")
    for table in try database.values(
      "select tablename::text from pg_tables where schemaname = 'public' and starts_with(tablename, 'directus_')")
    {
      try database.connection.execute("alter table public.\(identifier: table) owner to \(identifier: name)")
    }
    if granted {
      for statement in try Grants.check(on: database.connection).missing { try database.connection.script(statement) }
    }
    connection = try database.another(as: name, password: "geheim")
  }

  deinit {
    connection.close()
    _ = try? database.connection.execute("drop owned by \(identifier: name) cascade")
    _ = try? database.connection.execute("drop role \(identifier: name)")
  }
}
