import JOSE
import LTI
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

  private struct Expiry: RowDecodable {
    let text: String
    init(row: Row) throws(PostgresError) { text = try row.get("text") }
  }

  private struct Answer: RowDecodable {
    let isTrue: Bool
    init(row: Row) throws(PostgresError) { isTrue = try row.get("answer") }
  }

  /// Makes an invite that lasts so many seconds.
  package static func make(seconds: Int, in database: Database) throws(PostgresError) -> Made {
    let invite = Base64URL.encode(randomBytes(32))
    let expiry: Expiry = try database.one(
      """
      insert into passerelle.invites (invite, expires_at)
      values (\(Exchange.digest(invite)), date_trunc('second', now() + make_interval(secs => \(seconds))))
      returning to_char(expires_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as text
      """)
    return Made(invite: invite, expiresAt: expiry.text)
  }

  /// Whether an invite, given by its digest, may still be used.
  static func isValid(_ digest: [UInt8], in database: Database) throws(PostgresError) -> Bool {
    try database.one("select passerelle.invite_is_valid(\(digest)) as answer", as: Answer.self).isTrue
  }

  /// What a platform and this tool agreed on.
  struct Registration {
    let name: String
    let issuer: Issuer
    let clientID: ClientID
    /// Nil when the platform deploys the tool later.
    let deploymentID: DeploymentID?
    let authURL: WebURL
    let tokenURL: WebURL
    let jwksURL: WebURL
  }

  /// Consumes an invite and stores the registration that it let in, in one statement; false when the invite was used
  /// or expired meanwhile.
  static func register(_ r: Registration, invite digest: [UInt8], in database: Database) throws(PostgresError) -> Bool {
    try database.one(
      """
      select passerelle.register(
        p_invite => \(digest), p_name => \(r.name), p_issuer => \(r.issuer.value), p_client_id => \(r.clientID.value),
        p_deployment_id => \(r.deploymentID?.value), p_auth_url => \(r.authURL.description),
        p_token_url => \(r.tokenURL.description), p_jwks_url => \(r.jwksURL.description)) as answer
      """, as: Answer.self
    ).isTrue
  }

  /// Deletes expired invites; answers how many.
  static func sweep(_ database: Database) throws(PostgresError) -> Int {
    try database.execute("delete from passerelle.invites where expires_at <= now()")
  }
}
