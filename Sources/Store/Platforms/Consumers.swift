import JOSE
import LTI
import Postgres

/// LTI 1.1 credentials, and the nonces that were seen with them.
package enum Consumers {
  /// Whose secret proves a launch.
  package struct Found: RowDecodable {
    package let id: String
    package let platform: String
    package let platformIsEnabled: Bool
    private let sealed: [UInt8]

    /// A row of `find`.
    package init(row: Row) throws(PostgresError) {
      id = try row.get("id")
      platform = try row.get("platform")
      platformIsEnabled = try row.get("enabled")
      sealed = try row.get("sealed")
    }

    /// The shared secret; nil when it was sealed with another `PASSERELLE_SECRET`.
    package func secret(_ sealer: Sealer) -> String? { sealer.text(of: sealed, as: .consumerSecret) }
  }

  /// The credentials of a consumer key; nil when there are none.
  package static func find(_ key: ConsumerKey, in database: Database) throws(PostgresError) -> Found? {
    try database.first(
      """
      select c.id::text, c.platform::text, p.enabled, c.sealed
      from passerelle.consumers c join passerelle.platforms p on p.id = c.platform
      where c.consumer_key = \(key.value)
      """)
  }

  /// What was new about credentials.
  package struct Added: RowDecodable {
    package let name: String
    package let platformIsNew: Bool
    package let keyIsNew: Bool

    package init(row: Row) throws(PostgresError) {
      name = try row.get("name")
      platformIsNew = try row.get("platform_is_new")
      keyIsNew = try row.get("key_is_new")
    }
  }

  /// Adds credentials, and their platform when it is not known, which needs a name then; nil, with nothing stored, when
  /// the key is another platform's. `sealed` is the secret, sealed as ``SealedSecret/consumerSecret``.
  package static func add(_ key: String, sealed: [UInt8], name: String?, issuer: Issuer, in database: Database)
    throws(PostgresError) -> Added?
  {
    try database.first(
      """
      with others as (
        select from passerelle.consumers c join passerelle.platforms o on o.id = c.platform
        where c.consumer_key = \(key) and o.issuer <> \(issuer.value)),
      platform as (
        \(platform: issuer, named: name, where: "where not exists (select from others)")),
      consumer as (
        insert into passerelle.consumers as c (platform, consumer_key, sealed)
        select platform.id, \(key), \(sealed) from platform
        on conflict (consumer_key) do update set sealed = excluded.sealed where c.platform = excluded.platform
        returning c.xmax = 0 as is_new)
      select platform.name, platform.is_new as platform_is_new, consumer.is_new as key_is_new from platform, consumer
      """)
  }

  /// Deletes nonces that are too old to be accepted again; answers how many.
  package static func sweep(_ database: Database) throws(PostgresError) -> Int {
    try database.execute("delete from passerelle.nonces where expires_at <= now()")
  }
}
