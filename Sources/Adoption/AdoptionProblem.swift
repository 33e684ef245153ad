import Postgres
import Schema
import Wire

/// Why adoption or its undo failed; nothing was changed.
package enum AdoptionProblem: Explained, Equatable, Sendable, CustomStringConvertible {
  /// The map cannot work.
  case map(MapProblems)
  /// The state of the database forbids it, in words.
  case refused(Words)
  /// Something is missing that only the owner of the tables may do.
  case owners(OwnersPart)
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
  package var words: Words {
    switch self {
    case .map(let problems): problems.words
    case .refused(let words): words
    case .owners(let part): part.words()
    case .migration(let error): error.words
    case .statement(_, let error) where error.sqlState == "55P03": Self.busy
    case .database(let error) where error.sqlState == "55P03": Self.busy
    case .statement(let sql, let error) where error.sqlState == "42501":
      Words(
        fr:
          "le rôle de base de données de Passerelle n’a pas le droit de lancer ceci ; qui l’a le lui donne, ou le lance :\n\(sql)",
        en: "Passerelle's database role may not run this; whoever may grants it that right, or runs it:\n\(sql)")
    case .statement(let sql, let error):
      Words(
        fr: "PostgreSQL a refusé une instruction : \(error.debugDetail)\nL’instruction :\n\(sql)",
        en: "PostgreSQL refused a statement: \(error.debugDetail)\nThe statement:\n\(sql)")
    case .database(let error): .same(error.debugDetail)
    }
  }

  /// A table was waited for, and in vain.
  private static let busy = Words(
    fr:
      "des personnes travaillent dans les tables : elles ont été attendues 15 secondes, et rien n’a été changé ; choisissez un "
      + "moment plus calme",
    en:
      "people are at work in the tables: they were waited for, 15 seconds, and nothing was changed; choose a quieter moment"
  )
}
