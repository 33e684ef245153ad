import LTI
import Postgres
import Wire

/// What tells whether a site under another address is one that is known: a Moodle that moved keeps its keys.
package struct Relocation: RowDecodable {
  /// The platform that is known.
  package let platform: String
  package let name: String
  package let issuer: String
  /// Where its key set is, and what was read there last; nil when it never was.
  package let jwksURL: String
  package let document: String?

  package init(row: Row) throws(PostgresError) {
    platform = try row.get("platform")
    name = try row.get("name")
    issuer = try row.get("issuer")
    jwksURL = try row.get("jwks_url")
    document = try row.get("document")
  }

  /// The registrations of a client id under other issuers, oldest first.
  package static func ofClient(_ clientID: String, otherThan issuer: String, in database: Database)
    throws(PostgresError) -> [Relocation]
  {
    try database.all(
      """
      select p.id::text as platform, p.name, p.issuer, r.jwks_url, k.document
      from passerelle.registrations r
      join passerelle.platforms p on p.id = r.platform
      left join passerelle.key_sets k on k.url = r.jwks_url
      where r.client_id = \(clientID) and p.issuer <> \(issuer)
      order by r.created_at
      """)
  }

  /// The registrations of a platform.
  package static func ofPlatform(_ platform: String, in database: Database) throws(PostgresError) -> [Relocation] {
    try database.all(
      """
      select p.id::text as platform, p.name, p.issuer, r.jwks_url, k.document
      from passerelle.registrations r
      join passerelle.platforms p on p.id = r.platform
      left join passerelle.key_sets k on k.url = r.jwks_url
      where p.id = \(platform)::uuid
      order by r.created_at
      """)
  }

  /// Where the key set is when the site has another address.
  package func jwksURL(under address: String) -> WebURL? {
    guard jwksURL.hasPrefix(issuer + "/") else { return WebURL(jwksURL) }
    return WebURL(address + jwksURL.dropFirst(issuer.count))
  }

  /// Asks to be the one who looks for this platform elsewhere: at most one process in 30 seconds is told yes, whatever address
  /// somebody names.
  package func claimLook(in database: Database) throws(PostgresError) -> Bool {
    try database.value("select passerelle.claim_key_set(\("moved:" + platform))", as: Bool?.self) ?? false
  }
}
