import Postgres

/// What has expired and may go.
package enum Housekeeping {
  /// How many rows of each kind were deleted.
  package struct Swept: Sendable {
    /// Login states.
    package let states: Int
    /// One-time codes.
    package let codes: Int
    /// Mini-site sessions.
    package let sessions: Int
    /// Platforms' access tokens.
    package let tokens: Int
    /// Invites.
    package let invites: Int
    /// Lists of a course's members.
    package let memberships: Int
  }

  /// Deletes every expired state, code, session, token and invite, and the members of courses that were read more than a day ago.
  package static func sweep(_ database: Database) throws(PostgresError) -> Swept {
    let states = try LoginStates.sweep(database)
    _ = try Consumers.sweep(database)
    _ = try Rosters.sweep(database)
    let ended = try Sessions.sweep(database)
    return Swept(
      states: states, codes: ended.codes, sessions: ended.sessions, tokens: try AccessTokens.sweep(database),
      invites: try Invites.sweep(database), memberships: try MembershipLists.sweep(database))
  }
}
