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

  /// Makes an invite that lasts so many seconds. With a platform's id it lets in that platform alone, and may replace the
  /// addresses of a registration that is known.
  package static func make(seconds: Int, replacing platform: String? = nil, in database: Database)
    throws(PostgresError) -> Made
  {
    let invite = Base64URL.encode(randomBytes(32))
    let expiresAt: String = try database.value(
      """
      insert into passerelle.invites (invite, expires_at, replaces)
      values (\(SHA256.hash(invite)), date_trunc('second', now() + make_interval(secs => \(seconds))), \(platform)::uuid)
      returning passerelle.utc(expires_at)
      """)
    return Made(invite: invite, expiresAt: expiresAt)
  }

  /// An invite that may still be used.
  package struct Usable: RowDecodable {
    let isValid: Bool
    /// The issuer of the only platform that it lets in, and whose addresses it may replace; nil: any platform, and none.
    package let replaces: String?

    package init(row: Row) throws(PostgresError) {
      isValid = try row.get("is_valid")
      replaces = try row.get("replaces")
    }
  }

  /// The invite of that digest; nil when it may not be used any more.
  package static func usable(_ digest: [UInt8], in database: Database) throws(PostgresError) -> Usable? {
    let invite: Usable = try database.one("select is_valid, replaces from passerelle.invite_of(\(digest))")
    return invite.isValid ? invite : nil
  }

  /// Deletes expired invites; answers how many.
  package static func sweep(_ database: Database) throws(PostgresError) -> Int {
    try database.execute("delete from passerelle.invites where expires_at <= now()")
  }
}
