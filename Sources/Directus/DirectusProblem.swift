import Postgres

/// Why something about Directus cannot be done.
package enum DirectusProblem: Error, Equatable, Sendable, CustomStringConvertible {
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
  package var description: String {
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
    let name = ("\(identifier: role)" as Statement).sql
    var statements = tables.map { "GRANT SELECT, INSERT, UPDATE, DELETE ON public.\($0) TO \(name);" }
    for table in tables where numbered.contains(table) {
      statements.append("GRANT USAGE ON SEQUENCE public.\(table)_id_seq TO \(name);")
    }
    // Whether somebody has the trainer's role is asked before it goes.
    if tables.contains("directus_roles") {
      statements.append("GRANT SELECT (role) ON public.directus_users TO \(name);")
    }
    return statements.joined(separator: "\n")
  }

  /// Asks the database; its errors become `.database`.
  static func translating<Value>(
    _ work: () throws(PostgresError) -> Value
  ) throws(DirectusProblem) -> Value {
    do throws(PostgresError) { return try work() } catch { throw .database(error) }
  }

  /// Changes Directus's tables in one transaction, under a lock that other changes of this program wait for. A refusal
  /// for want of rights becomes `.forbidden`, with what would grant them.
  static func changing<Value>(
    _ tables: SystemTables, on connection: Connection, _ work: () throws(PostgresError) -> Value
  ) throws(DirectusProblem) -> Value {
    do throws(PostgresError) {
      return try connection.transaction { () throws(PostgresError) in
        try MetadataStore.lock(on: connection)
        return try work()
      }
    } catch {
      guard error.sqlState == "42501" else { throw .database(error) }
      throw .forbidden(role: try SystemTables.role(on: connection), tables: tables.written)
    }
  }
}
