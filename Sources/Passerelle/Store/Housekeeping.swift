import Postgres

/// What has expired and may go.
public enum Housekeeping {
  /// How many rows of each kind were deleted.
  public struct Swept: Sendable {
    /// Login states.
    public let states: Int
    /// One-time codes.
    public let codes: Int
    /// Mini-site sessions.
    public let sessions: Int
    /// Platforms' access tokens.
    public let tokens: Int
    /// Invites.
    public let invites: Int
    /// Lists of a course's members.
    public let memberships: Int
  }

  /// Deletes every expired state, code, session, token and invite, and the members of courses that were read more than a day ago.
  public static func sweep(_ database: Database) throws(PostgresError) -> Swept {
    let states = try LoginStates.sweep(database)
    _ = try Consumers.sweep(database)
    let ended = try Sessions.sweep(database)
    return Swept(
      states: states, codes: ended.codes, sessions: ended.sessions, tokens: try AccessTokens.sweep(database),
      invites: try Invites.sweep(database), memberships: try MembershipLists.sweep(database))
  }
}
