import Postgres
import Schema
import TestSupport

extension ScratchDatabase {
  /// The migrator of an institution that lives in Passerelle's own tables.
  static let migrator = Migrator { (_) throws(MigrationError) in .own }

  /// A database with the whole schema, or an empty one.
  convenience init(migrated: Bool = true) throws {
    let template = migrated ? try TemplateDatabase.name("schema") { try Self.migrator.migrate(on: $0) } : "template0"
    try self.init(prefix: "schema", template: template)
  }
}

/// A session that is handed to exactly one thread.
struct Unshared: @unchecked Sendable {
  let connection: Connection
  init(_ connection: Connection) { self.connection = connection }
}
