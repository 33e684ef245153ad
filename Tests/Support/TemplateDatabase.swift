import Foundation
import Postgres

/// Databases that those of tests are copied from: each is made once in a process, because a copy takes a tenth of the time that
/// the schema takes.
package enum TemplateDatabase {
  private static let lock = NSLock()
  nonisolated(unsafe) private static var names: [String: String] = [:]

  /// The name of a database of that kind: who asks first prepares it.
  package static func name(_ kind: String, prepare: (Connection) throws -> Void) throws -> String {
    try lock.withLock {
      if let name = names[kind] { return name }
      let database = try ScratchDatabase(prefix: "template")
      try prepare(database.connection)
      // Nobody may be connected to what is copied.
      database.keep()
      names[kind] = database.name
      return database.name
    }
  }
}
