import Postgres

/// Why the database is not as the program needs it.
package enum MigrationError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The database has a migration that this program does not know; only a newer program may use it.
  case databaseNewer(database: Int, program: Int)
  /// The program itself lists a number twice or one below 1.
  case numbering(Int)
  /// This migration was rolled back with all others, and why.
  case failed(Migration, PostgresError)
  /// A function, a view or a trigger could not be made: the statement, and what PostgreSQL said.
  case definition(String, PostgresError)
  /// The map in force does not fit the database any more: its problems, a line each.
  case map(String)
  /// What was made is not what the program wanted, in words: the database's own faults.
  case differs([String])
  /// A role that was named, or is remembered, cannot be what it is named for: why, in words.
  case role(String)
  /// A right could not be given or taken: the statement, and what PostgreSQL said.
  case grant(String, PostgresError)
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
    case .definition(let sql, let error):
      "nothing was changed, because PostgreSQL refused “\(sql.prefix { $0 != "\n" })”: \(error.description)"
    case .map(let problems):
      "nothing was changed, because the map in force does not fit the database any more; give the tables back what it names, "
        + "or put another map in force:\n" + problems
    case .differs(let differences):
      "nothing was changed, because the database made something else than it was told: "
        + differences.joined(separator: "; ")
    case .role(let problem): "nothing was changed, because \(problem)"
    case .grant(let sql, let error):
      "nothing was changed, because the owner's role may not run “\(sql)” (\(error.description)); whoever may has to run it "
        + "first"
    case .database(let error): error.description
    }
  }
}
