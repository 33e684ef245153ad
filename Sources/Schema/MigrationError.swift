import Postgres
import Wire

/// Why the database is not as the program needs it.
package enum MigrationError: Explained, Equatable, Sendable, CustomStringConvertible {
  /// The database has a migration that this program does not know; only a newer program may use it.
  case databaseNewer(database: Int, program: Int)
  /// The program itself lists a number twice or one below 1.
  case numbering(Int)
  /// This migration was rolled back with all others, and why.
  case failed(Migration, PostgresError)
  /// A function, a view or a trigger could not be made: the statement, and what PostgreSQL said.
  case definition(String, PostgresError)
  /// The map in force does not fit the database any more: its problems, a line each.
  case map(Words)
  /// What was made is not what the program wanted, in words: the database's own faults.
  case differs([Words])
  /// A role that was named, or is remembered, cannot be what it is named for: why, in words.
  case role(Words)
  /// This role may not make what is missing: the statements that allow it, for whoever owns the database.
  case rights([String])
  /// A right could not be given or taken: the statement, and what PostgreSQL said.
  case grant(String, PostgresError)
  /// Tables or columns are gone that only a backup holds: which, in words, and the way back.
  case lost([Words], mend: Words)
  /// Something outside the migrations went wrong.
  case database(PostgresError)

  /// In words, without values from the database.
  package var words: Words {
    switch self {
    case .databaseNewer(let database, let program):
      Words(
        fr:
          "la base en est à la migration \(database), plus récente que ce programme, qui en connaît \(program) : mettez le "
          + "programme à jour",
        en:
          "the database is at migration \(database), newer than this program, which knows \(program): update the program"
      )
    case .numbering(let number):
      Words(
        fr: "le numéro de migration \(number) est inutilisable : les numéros commencent à 1 et sont uniques",
        en: "migration number \(number) is not usable: numbers start at 1 and occur once")
    case .failed(let migration, let error):
      Words(
        fr: "la migration \(migration.number) (\(migration.name)) a échoué et a été annulée : \(error.description)",
        en: "migration \(migration.number) (\(migration.name)) failed and was rolled back: \(error.description)")
    case .definition(let sql, let error):
      Words(
        fr: "rien n’a été changé, car PostgreSQL a refusé « \(sql.prefix { $0 != "\n" }) » : \(error.description)",
        en: "nothing was changed, because PostgreSQL refused “\(sql.prefix { $0 != "\n" })”: \(error.description)")
    case .map(let problems):
      Words(
        fr:
          "rien n’a été changé, car la carte en vigueur ne convient plus à la base ; rendez aux tables ce qu’elle nomme, ou "
          + "mettez-en une autre en vigueur :\n" + problems.french,
        en:
          "nothing was changed, because the map in force does not fit the database any more; give the tables back what it "
          + "names, or put another map in force:\n" + problems.english)
    case .differs(let differences):
      Words(
        fr: "rien n’a été changé, car la base a fait autre chose que ce qui lui était demandé : "
          + differences.map(\.french).joined(separator: " ; "),
        en: "nothing was changed, because the database made something else than it was told: "
          + differences.map(\.english).joined(separator: "; "))
    case .role(let problem):
      Words(
        fr: "rien n’a été changé : \(problem.french)",
        en: "nothing was changed, because \(problem.english)")
    case .rights(let statements):
      Words(
        fr:
          "rien n’a été changé : ce rôle de base de données ne peut pas créer ici de schéma ni de table ; un superutilisateur doit "
          + "lancer :\n" + statements.joined(separator: "\n"),
        en: "nothing was changed, because this database role may make no schema or table here; as a superuser run:\n"
          + statements.joined(separator: "\n"))
    case .grant(let sql, let error):
      Words(
        fr:
          "rien n’a été changé, car le rôle du propriétaire ne peut pas lancer « \(sql) » (\(error.description)) ; qui en a le "
          + "droit doit d’abord le faire",
        en:
          "nothing was changed, because the owner's role may not run “\(sql)” (\(error.description)); whoever may has to run "
          + "it first")
    case .lost(let words, let mend):
      Words(
        fr: "rien n’a été changé : \(words.map(\.french).joined(separator: ", ")) ; \(mend.french)",
        en: "nothing was changed, because \(words.map(\.english).joined(separator: ", ")): \(mend.english)")
    case .database(let error): .same(error.description)
    }
  }
}
