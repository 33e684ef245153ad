import Postgres
import Schema
import TestSupport

extension ScratchDatabase {
  /// The migrator of an institution that lives in Passerelle's own tables.
  static let migrator = Migrator { (_) throws(MigrationError) in .own }

  /// A database with the whole schema, or an empty one.
  convenience init(migrated: Bool = true) throws {
    try self.init(prefix: "schema")
    if migrated { try Self.migrator.migrate(on: connection) }
  }
}

/// A session that is handed to exactly one thread.
struct Unshared: @unchecked Sendable {
  let connection: Connection
  init(_ connection: Connection) { self.connection = connection }
}
