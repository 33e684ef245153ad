import Postgres

/// Why something about Directus cannot be done.
public enum DirectusProblem: Error, Equatable, Sendable, CustomStringConvertible {
  /// Schema public holds no Directus; the schemas that do.
  case absent(elsewhere: [String])
  /// It is there, but this database role may not use these of its tables.
  case forbidden(role: String, tables: [String])
  /// It lacks these columns (`table.column`), which every Directus from 10 on has.
  case unknownShape(missing: [String])
  /// The database did not do what it was asked.
  case database(PostgresError)

  /// In words for the administrator.
  public var description: String {
    switch self {
    case .absent(let elsewhere) where elsewhere.isEmpty:
      "this database holds no Directus: there is no table directus_collections"
    case .absent(let elsewhere):
      "schema public holds no Directus; there is one in \(elsewhere.joined(separator: ", ")), where it does not see "
        + "Passerelle's collections"
    case .forbidden(let role, let tables):
      "Directus is there, but the database role \(role) may not use its tables; as their owner run:\n"
        + tables.map { "GRANT SELECT, INSERT, UPDATE, DELETE ON public.\($0) TO \(role);" }.joined(separator: "\n")
    case .unknownShape(let missing):
      "this Directus is older than 10.3, or newer than this program knows: it lacks \(missing.joined(separator: ", "))"
    case .database(let error): error.description
    }
  }
}
