import Postgres
import Schema
import TestSupport

extension ScratchDatabase {
  /// An empty database, or one with the first so many migrations.
  convenience init(migrations count: Int = Schema.migrations.count) throws {
    try self.init(prefix: "schema")
    if count > 0 { try Migrator(Array(Schema.migrations.prefix(count))).migrate(on: connection) }
  }
}

/// A session that is handed to exactly one thread.
struct Unshared: @unchecked Sendable {
  let connection: Connection
  init(_ connection: Connection) { self.connection = connection }
}
