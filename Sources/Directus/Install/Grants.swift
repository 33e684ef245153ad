import Postgres

/// What Directus's own database role may do with the collections, and with what is none of its business.
package struct Grants: Equatable, Sendable {
  /// The role as which Directus connects.
  package let role: String
  /// Whether that is the program's own role, the tables' owner or a superuser: then nothing is to be granted.
  package let ownsAll: Bool
  /// The statements that give it what it lacks on the collections that the program uses; empty when it has all.
  package let missing: [String]
  /// The statements that take away what it has in schema passerelle; empty when it has nothing there.
  package let excessive: [String]

  /// Asks the database. Without a name the role is the owner of Directus's tables, who made them.
  ///
  /// - Throws: `.noRole` when there is no role of that name.
  package static func check(role name: String? = nil, on connection: Connection) throws(DirectusProblem) -> Grants {
    let found: String? = try DirectusProblem.translating { () throws(PostgresError) in
      if let name { return try GrantStore.exists(name, on: connection) ? name : nil }
      return try GrantStore.owner(on: connection)
    }
    guard let role = found else { throw .noRole(name ?? "") }
    return try DirectusProblem.translating { () throws(PostgresError) in
      let inUse = try MetadataStore.inUse(on: connection)
      let collections = Metadata.collections.map(\.name).filter { inUse.contains($0) }
      let ownsAll = try GrantStore.ownsAll(role, of: collections, on: connection)
      return Grants(
        role: role, ownsAll: ownsAll,
        missing: ownsAll ? [] : try GrantStore.missing(for: role, on: collections, connection),
        excessive: ownsAll ? [] : try GrantStore.excessive(for: role, on: connection))
    }
  }
}
