import Postgres
import Wire

/// Why something about Directus cannot be done.
package enum DirectusProblem: Explained, Equatable, Sendable, CustomStringConvertible {
  /// Schema public holds no Directus; the schemas that do.
  case absent(elsewhere: [String])
  /// It is there, but this database role may not use its tables; the statements that allow it.
  case forbidden(role: String, grants: [String])
  /// Roles and rights are Directus's own business: its API makes them, or the owner of its tables, whose name this is.
  case notItsOwner(String)
  /// It lacks these columns (`table.column`), which every Directus from 10 on has.
  case unknownShape(missing: [String])
  /// A role of that name exists in Directus, and this program did not make it.
  case roleTaken(String)
  /// The database has no role of that name.
  case noRole(String)
  /// The database did not do what it was asked.
  case database(PostgresError)

  /// In words for the administrator.
  package var words: Words {
    switch self {
    case .absent(let elsewhere) where elsewhere.isEmpty:
      Words(
        fr: "cette base ne contient pas Directus : il n’y a pas de table directus_collections",
        en: "this database holds no Directus: there is no table directus_collections")
    case .absent(let elsewhere):
      Words(
        fr:
          "le schéma public ne contient pas Directus ; il y en a un dans \(elsewhere.joined(separator: ", ")), d’où il ne voit "
          + "pas les collections de Passerelle",
        en:
          "schema public holds no Directus; there is one in \(elsewhere.joined(separator: ", ")), where it does not see "
          + "Passerelle's collections")
    case .forbidden(let role, let grants):
      Words(
        fr:
          "Directus est là, mais le rôle de base de données \(role) ne peut pas utiliser ses tables ; leur propriétaire doit "
          + "lancer :\n" + grants.joined(separator: "\n"),
        en: "Directus is there, but the database role \(role) may not use its tables; as their owner run:\n"
          + grants.joined(separator: "\n"))
    case .notItsOwner(let owner):
      Words(
        fr: "les rôles de Directus se créent et se retirent par Directus, avec le jeton d’un administrateur : ajoutez "
          + "--directus-url URL et --directus-token-file FICHIER (ou lancez ceci avec la connexion du rôle de base de données "
          + "\(owner), qui possède les tables de Directus)",
        en:
          "roles in Directus are made and taken away through Directus, with an administrator's token: add --directus-url URL "
          + "and --directus-token-file FILE (or run this with the connection of the database role \(owner), which owns "
          + "Directus's tables)")
    case .unknownShape(let missing):
      Words(
        fr: "ce Directus est antérieur à 10.3, ou plus récent que ce programme : il lui manque "
          + "\(missing.joined(separator: ", "))",
        en:
          "this Directus is older than 10.3, or newer than this program knows: it lacks \(missing.joined(separator: ", "))"
      )
    case .roleTaken(let name):
      Words(
        fr: "Directus a un rôle « \(name) » que Passerelle n’a pas créé ; choisissez un autre nom avec --name",
        en: "Directus has a role “\(name)” that Passerelle did not make; choose another name with --name")
    case .noRole(let name): Words(fr: "la base n’a pas de rôle « \(name) »", en: "the database has no role “\(name)”")
    case .database(let error): .same(error.description)
    }
  }
}

extension DirectusProblem {
  /// Asks the database; its errors become `.database`.
  static func translating<Value>(
    _ work: () throws(PostgresError) -> Value
  ) throws(DirectusProblem) -> Value {
    do throws(PostgresError) { return try work() } catch { throw .database(error) }
  }

  /// Changes Directus's tables in one transaction, under a lock that other changes of this program wait for. A refusal
  /// for want of rights becomes `.forbidden`, with what would grant them.
  static func changing<Value>(
    on connection: Connection, _ work: () throws(PostgresError) -> Value
  ) throws(DirectusProblem) -> Value {
    do throws(PostgresError) {
      return try connection.transaction { () throws(PostgresError) in
        try MetadataStore.lock(on: connection)
        return try work()
      }
    } catch {
      guard error.sqlState == "42501" else { throw .database(error) }
      let grants = try translating { () throws(PostgresError) in try DirectusRights.missing(on: connection) }
      guard !grants.isEmpty else { throw .database(error) }
      throw .forbidden(role: try SystemTables.role(on: connection), grants: grants)
    }
  }
}
