import Postgres

/// A role for people who teach: they read the collections and the dashboard, correct progress and send grades again.
///
/// Permissions cover whole collections and every field. Anything narrower is a custom rule, which Directus 12 without a
/// licence ignores together with the permission it belongs to; what must not be changed of a grade the database refuses.
package struct Trainer: Sendable {
  /// What Directus calls the role, and from version 11 on the policy.
  package let name: String
  /// What the role may do.
  let permissions: [Permission]

  /// One thing that the role may do.
  struct Permission: Hashable, Sendable {
    let collection: String
    let action: String
  }

  /// What Directus says of the role.
  static let description = "Lit les collections de Passerelle, corrige la progression, renvoie les notes."

  /// - Parameters:
  ///   - name: 1 to 100 characters.
  ///   - collections: Those of the five that are the program's own: an institution gives roles for its own itself.
  package init(name: String = "Formateur", collections: [String] = Metadata.collections.map(\.name)) {
    self.name = name
    permissions =
      (collections + ["directus_dashboards", "directus_panels"]).map { Permission(collection: $0, action: "read") }
      + (collections.contains("progress") ? ["create", "update", "delete"] : [])
      .map { Permission(collection: "progress", action: $0) }
      + [Permission(collection: "grades", action: "update")]
  }

  /// What an installation made or found.
  package struct Outcome: Equatable, Sendable {
    /// Whether the role was made now.
    package let isNew: Bool
    /// How many permissions were added.
    package let permissions: Int

    /// What an installation made or found.
    package init(isNew: Bool, permissions: Int) {
      self.isNew = isNew
      self.permissions = permissions
    }
  }

  /// Makes the role with its policy and permissions, or adds what is missing of them, as the owner of Directus's tables.
  ///
  /// - Throws: `.notItsOwner` when this session is not theirs; `.roleTaken` when a role of that name exists that this program
  ///   did not make.
  package func install(_ tables: SystemTables, on connection: Connection) throws(DirectusProblem) -> Outcome {
    try Self.expectOwner(on: connection)
    let outcome: Outcome? = try DirectusProblem.changing(on: connection) { () throws(PostgresError) in
      let found = try TrainerStore.role(for: name, on: connection)
      if found == nil {
        guard try !TrainerStore.isTaken(name, on: connection) else { return nil }
      }
      let added =
        if tables.shape >= .eleven { try permitByPolicy(found, on: connection) } else {
          try permitByRole(found, on: connection)
        }
      return Outcome(isNew: found == nil, permissions: added)
    }
    guard let outcome else { throw .roleTaken(name) }
    return outcome
  }

  private func permitByPolicy(_ found: String?, on connection: Connection) throws(PostgresError) -> Int {
    let role: String
    if let found { role = found } else { role = try TrainerStore.makeRole(name, on: connection) }
    let policy: String
    if let found = try TrainerStore.policy(for: name, on: connection) {
      policy = found
    } else {
      policy = try TrainerStore.makePolicy(name, on: connection)
    }
    try TrainerStore.give(policy, to: role, for: name, on: connection)
    var added = 0
    for permission in permissions {
      added += try TrainerStore.permit(permission, .policy, policy, for: name, on: connection)
    }
    return added
  }

  private func permitByRole(_ found: String?, on connection: Connection) throws(PostgresError) -> Int {
    let role: String
    if let found { role = found } else { role = try TrainerStore.makeRoleWithAccess(name, on: connection) }
    var added = 0
    for permission in permissions {
      added += try TrainerStore.permit(permission, .role, role, for: name, on: connection)
    }
    return added
  }

  /// Whether this program made a role that it still knows of.
  package static func isKnown(on connection: Connection) throws(DirectusProblem) -> Bool {
    try DirectusProblem.translating { () throws(PostgresError) in try !TrainerStore.names(on: connection).isEmpty }
  }

  private static func expectOwner(on connection: Connection) throws(DirectusProblem) {
    let owner: String? = try DirectusProblem.translating { () throws(PostgresError) in
      try DirectusRights.isOwner(on: connection) ? nil : try GrantStore.ownerOfDirectus(on: connection)
    }
    if let owner { throw .notItsOwner(owner) }
  }

  /// What became of the roles that this program made.
  package struct Removal: Equatable, Sendable {
    /// The names of those that are gone, with their policies and permissions.
    package let removed: [String]
    /// The names of those that stay because people have them.
    package let left: [String]

    /// What became of the roles.
    package init(removed: [String], left: [String]) {
      self.removed = removed
      self.left = left
    }
  }

  /// Deletes the roles that this program made and nobody has, as the owner of Directus's tables.
  package static func removeAll(_ tables: SystemTables, on connection: Connection) throws(DirectusProblem) -> Removal {
    try expectOwner(on: connection)
    return try DirectusProblem.changing(on: connection) { () throws(PostgresError) in
      let removed = try TrainerStore.deleteUnusedRoles(on: connection)
      if tables.shape >= .eleven { try TrainerStore.deleteUnusedPolicies(on: connection) }
      try TrainerStore.forget(tables, on: connection)
      return Removal(removed: removed, left: try TrainerStore.names(on: connection))
    }
  }
}
