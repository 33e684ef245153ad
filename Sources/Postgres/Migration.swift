/// One step of the database's shape; never changed once released.
package struct Migration: Equatable, Sendable {
  /// Its place: 1, 2, 3, ….
  package let number: Int
  /// What it does, in a few words.
  package let name: String
  /// Statements separated by semicolons, without `begin` and `commit`.
  package let sql: String

  /// A step.
  package init(number: Int, name: String, sql: String) {
    self.number = number
    self.name = name
    self.sql = sql
  }
}

/// Why the database is not as the program needs it.
package enum MigrationError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The database has a migration that this program does not know; only a newer program may use it.
  case databaseNewer(database: Int, program: Int)
  /// The program itself lists a number twice or one below 1.
  case numbering(Int)
  /// This migration was rolled back, and why.
  case failed(Migration, PostgresError)
  /// Something outside the migrations went wrong.
  case database(PostgresError)

  /// In words, without values from the database.
  package var description: String {
    switch self {
    case .databaseNewer(let database, let program):
      "the database is at migration \(database), newer than this program, which knows \(program): update the program"
    case .numbering(let number): "migration number \(number) is not usable: numbers start at 1 and occur once"
    case .failed(let migration, let error):
      "migration \(migration.number) (\(migration.name)) failed and was rolled back: \(error.description)"
    case .database(let error): error.description
    }
  }
}
