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
  }

  /// Deletes every expired state, code, session and token.
  public static func sweep(_ database: Database) throws(PostgresError) -> Swept {
    let states = try LoginStates.sweep(database)
    _ = try Consumers.sweep(database)
    let ended = try Sessions.sweep(database)
    return Swept(
      states: states, codes: ended.codes, sessions: ended.sessions, tokens: try AccessTokens.sweep(database))
  }
}
