import Directus
import Postgres
import Schema
import TestSupport

/// A database of its own for one test, with the system tables of one version of Directus.
typealias ScratchDirectus = ScratchDatabase

extension ScratchDatabase {
  /// A database with the program's collections and a Directus of that shape, or none.
  convenience init(_ shape: SystemTables.Shape?, migrated: Bool = true) throws {
    try self.init(prefix: "directus")
    for fixture in Self.fixtures(shape) { try connection.script(try Self.fixture(fixture)) }
    if migrated { try Migrator(Schema.migrations).migrate(on: connection) }
  }

  /// The text of a file of Tests/Fixtures/directus.
  static func fixture(_ name: String) throws -> String { try Stack.fixture("directus/\(name).sql") }

  private static func fixtures(_ shape: SystemTables.Shape?) -> [String] {
    switch shape {
    case nil: []
    case .twelve: ["system_tables_12"]
    case .eleven: ["system_tables_12", "eleven"]
    case .ten: ["system_tables_12", "eleven", "ten"]
    }
  }
}
