import Postgres
import Schema

/// What Directus's own database role may do with the collections, and with what is none of its business.
package struct Grants: Equatable, Sendable {
  /// The role as which Directus connects.
  package let role: String
  /// What else it is.
  package let standing: RoleStanding
  /// The statements that take it out of the roles that own the machinery or serve the web.
  package let memberships: [String]
  /// The statements that give it what it lacks on the collections that the program uses; empty when it has all.
  package let missing: [String]
  /// The statements that take away what it has in schema passerelle; empty when it has nothing there.
  package let excessive: [String]

  /// Asks the database. Without a name the role is the one that `migrate --directus-role` named, or the owner of Directus's
  /// tables, who made them.
  ///
  /// - Throws: `.noRole` when there is no role of that name.
  package static func check(role name: String? = nil, on connection: Connection) throws(DirectusProblem) -> Grants {
    let found: String? = try DirectusProblem.translating { () throws(PostgresError) in
      if let name { return try GrantStore.exists(name, on: connection) ? name : nil }
      return try DirectusRole.current(on: connection)
    }
    guard let role = found else { throw .noRole(name ?? "") }
    return try DirectusProblem.translating { () throws(PostgresError) in
      let inUse = try MetadataStore.inUse(on: connection)
      let collections = Metadata.collections.map(\.name).filter { inUse.contains($0) }
      let standing = try GrantStore.standing(of: role, on: collections, connection)
      let hasAll = standing == .superuser || standing == .owner
      return Grants(
        role: role, standing: standing,
        memberships: standing == .superuser ? [] : try GrantStore.memberships(of: role, on: connection),
        missing: hasAll ? [] : try DirectusRole.missing(for: role, on: collections, connection),
        excessive: hasAll ? [] : try GrantStore.excessive(for: role, on: connection))
    }
  }
}
