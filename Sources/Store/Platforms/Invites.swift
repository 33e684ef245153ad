import JOSE
import Postgres
import Wire

/// One-time invites with which platforms register themselves (LTI Dynamic Registration 1.0). The database keeps digests.
package enum Invites {
  /// A new invite, known in full only to whoever made it.
  package struct Made {
    /// The secret: 43 characters of base64url.
    package let invite: String
    /// Until when it can be used, RFC 3339.
    package let expiresAt: String
  }

  /// Makes an invite that lasts so many seconds.
  package static func make(seconds: Int, in database: Database) throws(PostgresError) -> Made {
    let invite = Base64URL.encode(randomBytes(32))
    let expiresAt: String = try database.value(
      """
      insert into passerelle.invites (invite, expires_at)
      values (\(SHA256.hash(invite)), date_trunc('second', now() + make_interval(secs => \(seconds))))
      returning passerelle.utc(expires_at)
      """)
    return Made(invite: invite, expiresAt: expiresAt)
  }

  /// Whether an invite, given by its digest, may still be used.
  package static func isValid(_ digest: [UInt8], in database: Database) throws(PostgresError) -> Bool {
    try database.value("select passerelle.invite_is_valid(\(digest))")
  }

  /// Deletes expired invites; answers how many.
  package static func sweep(_ database: Database) throws(PostgresError) -> Int {
    try database.execute("delete from passerelle.invites where expires_at <= now()")
  }
}
