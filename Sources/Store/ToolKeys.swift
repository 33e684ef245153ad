import JOSE
import Postgres
import Wire

/// The tool's own keys: public halves to publish, private halves sealed.
package enum ToolKeys {
  /// A key, by its `kid`.
  package struct Published: RowDecodable {
    /// The key's id, its RFC 7638 thumbprint.
    package let kid: String
    /// The public JWK, as JSON text.
    package let publicJWK: String
    /// When it was made, RFC 3339.
    package let createdAt: String
    /// When it was or will be retired, RFC 3339; nil while it signs.
    package let retiredAt: String?

    /// Decodes a row of ``ToolKeys/published(in:)``.
    package init(row: Row) throws(PostgresError) {
      kid = try row.get("kid")
      publicJWK = try row.get("public_jwk")
      createdAt = try row.get("created_at")
      retiredAt = try row.get("retired_at")
    }
  }

  /// The key that signs now.
  package struct Signing: RowDecodable {
    /// The key's id.
    package let kid: String
    private let sealed: [UInt8]

    /// Decodes a row of ``ToolKeys/signing(in:)``.
    package init(row: Row) throws(PostgresError) {
      kid = try row.get("kid")
      sealed = try row.get("sealed")
    }

    /// The private key; nil when it was sealed with another `PASSERELLE_SECRET`.
    package func privateKey(_ sealer: Sealer) -> RSAPrivateKey? { sealer.toolKey(of: sealed) }
  }

  /// Every key that platforms may still need, newest first; those that are retired only when asked for.
  package static func published(retired: Bool = false, in database: Database) throws(PostgresError) -> [Published] {
    try database.all(
      """
      select kid, public_jwk, passerelle.utc(created_at) as created_at,
             passerelle.utc(retired_at) as retired_at
      from passerelle.tool_keys t where \(retired) or t.retired_at is null or t.retired_at > now()
      order by t.created_at desc, t.kid
      """)
  }

  /// The newest key in use; nil before `passerelle migrate`.
  package static func signing(in database: Database) throws(PostgresError) -> Signing? {
    try database.first(
      "select kid, sealed from passerelle.tool_keys where retired_at is null order by created_at desc, kid limit 1")
  }

  /// A key that no platform has seen yet, as the database keeps it.
  package struct New {
    /// The key's id.
    package let kid: String
    fileprivate let publicJWK: String
    fileprivate let sealed: [UInt8]

    /// A fresh RSA key of 2048 bits.
    package init(_ sealer: Sealer) throws(JOSEError) {
      var key = try RSAPrivateKey.generate()
      // One in 64 thumbprints begins with a hyphen, which `key retire` would take for an option.
      while key.publicJWK.kid?.utf8.first == UInt8(ascii: "-") { key = try RSAPrivateKey.generate() }
      let jwk = key.publicJWK
      guard let kid = jwk.kid else { throw .keyUnusable }
      self.kid = kid
      publicJWK = JSONValue.object(jwk.json).encoded
      sealed = try sealer.seal(key.der, as: .toolKey)
    }
  }

  /// Adds a first key; does nothing when there is one in use, so that two migrations at once leave one key.
  package static func addFirst(_ key: New, in database: Database) throws(PostgresError) -> Bool {
    try database.execute(
      """
      with serial as (select pg_advisory_xact_lock(hashtextextended('passerelle.tool_keys', 0)))
      insert into passerelle.tool_keys (kid, public_jwk, sealed)
      select \(key.kid), \(key.publicJWK), \(key.sealed) from serial
      where not exists (select from passerelle.tool_keys where retired_at is null)
      """) > 0
  }

  /// Adds a key that signs from now on. The former ones stay published for a day, for what they have signed and for
  /// platforms that look at the key set only now and then.
  package static func rotate(to key: New, in database: Database) throws(PostgresError) {
    try database.execute(
      """
      with former as (
        update passerelle.tool_keys set retired_at = now() + interval '24 hours' where retired_at is null)
      insert into passerelle.tool_keys (kid, public_jwk, sealed) values (\(key.kid), \(key.publicJWK), \(key.sealed))
      """)
  }

  /// Retires a key at once; false when there is none of that id that is still published.
  package static func retire(_ kid: String, in database: Database) throws(PostgresError) -> Bool {
    try database.execute(
      """
      update passerelle.tool_keys set retired_at = now()
      where kid = \(kid) and (retired_at is null or retired_at > now())
      """) > 0
  }
}
