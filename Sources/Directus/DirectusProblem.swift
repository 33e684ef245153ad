import Postgres

/// Why something about Directus cannot be done.
public enum DirectusProblem: Error, Equatable, Sendable, CustomStringConvertible {
  /// Schema public holds no Directus; the schemas that do.
  case absent(elsewhere: [String])
  /// It is there, but this database role may not use these of its tables.
  case forbidden(role: String, tables: [String])
  /// It lacks these columns (`table.column`), which every Directus from 10 on has.
  case unknownShape(missing: [String])
  /// A role of that name exists in Directus, and this program did not make it.
  case roleTaken(String)
  /// The database has no role of that name.
  case noRole(String)
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
        + Self.grants(of: tables, to: role)
    case .unknownShape(let missing):
      "this Directus is older than 10.3, or newer than this program knows: it lacks \(missing.joined(separator: ", "))"
    case .roleTaken(let name):
      "Directus has a role “\(name)” that Passerelle did not make; choose another name with --name"
    case .noRole(let name): "the database has no role “\(name)”"
    case .database(let error): error.description
    }
  }
}

extension DirectusProblem {
  /// The rows' numbers come from sequences.
  private static func grants(of tables: [String], to role: String) -> String {
    let numbered = ["directus_fields", "directus_relations", "directus_presets", "directus_permissions"]
    return tables.map { "GRANT SELECT, INSERT, UPDATE, DELETE ON public.\($0) TO \"\(role)\";" }.joined(separator: "\n")
      + tables.filter { numbered.contains($0) }.map { "\nGRANT USAGE ON SEQUENCE public.\($0)_id_seq TO \"\(role)\";" }
      .joined()
  }

  /// Does something in the database; its errors become `.database`.
  static func translating<Value>(
    _ work: () throws(PostgresError) -> Value
  ) throws(DirectusProblem) -> Value {
    do throws(PostgresError) { return try work() } catch { throw .database(error) }
  }
}
