import Postgres

/// Who is connected, and to which database: what `doctor` compares of the web server's connection and the owner's.
package struct ConnectedRole {
  /// The role's name.
  package let name: String
  /// The database's number and name, which every role may read.
  private let database: String
  private let schema: Schema

  private enum Schema {
    /// When the first migration was made there. Two servers may have databases of the same number and name.
    case begun(String)
    /// `migrate` was not told of this role, or somebody took its rights away.
    case unreadable
    case missing
  }

  /// Asks a database.
  package static func read(in database: Database) throws(PostgresError) -> ConnectedRole {
    let name: String = try database.value("select current_user::text")
    let place: String = try database.value(
      """
      select concat_ws(' ', d.oid, d.datname) from pg_catalog.pg_database d where d.datname = current_database()
      """)
    return ConnectedRole(name: name, database: place, schema: try schema(in: database))
  }

  /// Whether both are connected to the same database, as far as both may look.
  package func isBeside(_ other: ConnectedRole) -> Bool {
    guard database == other.database else { return false }
    switch (schema, other.schema) {
    case (.begun(let here), .begun(let there)): return here == there
    case (.missing, .begun), (.begun, .missing): return false
    case (.unreadable, _), (_, .unreadable), (.missing, .missing): return true
    }
  }

  /// Whether the connected role owns Passerelle's tables, or is a member of the role that does. Before the first migration
  /// whoever connects will be the owner.
  package static func ownsTables(in database: Database) throws(PostgresError) -> Bool {
    try database.value(
      """
      select coalesce((select pg_has_role(n.nspowner, 'usage') from pg_catalog.pg_namespace n
                       where n.nspname = 'passerelle'), true)
      """)
  }

  private static func schema(in database: Database) throws(PostgresError) -> Schema {
    do throws(PostgresError) {
      // As seconds: a role may have a time zone of its own.
      return .begun(
        try database.value(
          "select coalesce(extract(epoch from min(m.applied_at))::text, '') from passerelle.migrations m"))
    } catch {
      switch DatabaseTrouble(error) {
      case .rightMissing: return .unreadable
      case .schemaMissing: return .missing
      default: throw error
      }
    }
  }
}
