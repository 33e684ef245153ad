import Postgres
import Schema

/// Why adoption or its undo failed; nothing was changed.
package enum AdoptionProblem: Error, Equatable, Sendable, CustomStringConvertible {
  /// The map cannot work.
  case map(MapProblems)
  /// The state of the database forbids it, in words.
  case refused(String)
  /// The database could not be brought up to date first.
  case migration(MigrationError)
  /// PostgreSQL refused a statement of the script.
  case statement(String, PostgresError)
  /// The database did not answer as it must.
  case database(PostgresError)

  /// Why the database could not be brought up to date.
  init(_ error: MigrationError) {
    self = if case .definition(let sql, let cause) = error { .statement(sql, cause) } else { .migration(error) }
  }

  /// In words for the administrator's terminal; those of a refused statement hold what the server said of it.
  package var description: String {
    switch self {
    case .map(let problems): problems.description
    case .refused(let words): words
    case .migration(let error): error.description
    case .statement(let sql, let error):
      "PostgreSQL refused a statement: \(error.debugDetail)\nThe statement:\n\(sql)"
    case .database(let error): error.debugDetail
    }
  }
}
