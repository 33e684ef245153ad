import Postgres

/// Platforms' access tokens, sealed, shared by all processes.
package enum AccessTokens {
  /// Keeps a token for `lifetime` seconds.
  package static func store(
    _ sealed: [UInt8], registration: String, scope: String, lifetime: Int, in database: Database
  ) throws(PostgresError) {
    try database.execute(
      """
      insert into passerelle.access_tokens (registration, scope, sealed, expires_at)
      values (\(registration), \(scope), \(sealed), now() + make_interval(secs => \(lifetime)))
      on conflict (registration, scope) do update set sealed = excluded.sealed, expires_at = excluded.expires_at
      """)
  }

  /// Forgets a token that the platform no longer takes, unless another process has replaced it already.
  package static func discard(_ sealed: [UInt8], registration: String, scope: String, in database: Database)
    throws(PostgresError)
  {
    try database.execute(
      """
      delete from passerelle.access_tokens
      where registration = \(registration) and scope = \(scope) and sealed = \(sealed)
      """)
  }

  /// Deletes expired tokens; answers how many.
  package static func sweep(_ database: Database) throws(PostgresError) -> Int {
    try database.execute("delete from passerelle.access_tokens where expires_at <= now()")
  }
}
