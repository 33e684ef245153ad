import Adoption
import Directus
import Postgres
import Schema
import TestSupport

/// A database of its own for one test, with the system tables of one version of Directus.
package typealias ScratchDirectus = ScratchDatabase

extension ScratchDatabase {
  /// A database with the program's collections and a Directus of that shape, or none.
  package convenience init(_ shape: SystemTables.Shape?, migrated: Bool = true) throws {
    let kind = "Directus \(shape.map { "\($0.rawValue)" } ?? "none")\(migrated ? ", migrated" : "")"
    let template = try TemplateDatabase.name(kind) { connection in
      if let shape { try connection.script(try Self.fixture("system_tables_\(shape.rawValue)")) }
      if migrated { try Migrator(seams: Adoption.seams).migrate(on: connection) }
    }
    try self.init(prefix: "directus", template: template)
  }

  /// The text of a file of Tests/Fixtures/directus.
  package static func fixture(_ name: String) throws -> String { try Stack.fixture("directus/\(name).sql") }
}
