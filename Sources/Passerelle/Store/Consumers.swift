import LTI
import Postgres

/// LTI 1.1 credentials, and the nonces that were seen with them.
package enum Consumers {
  /// Whose secret proves a launch.
  package struct Found: RowDecodable {
    let id: String
    let platform: String
    let platformIsEnabled: Bool
    /// The shared secret, sealed for ``ConsumerSecret/purpose``.
    package let sealed: [UInt8]

    /// A row of `find`.
    package init(row: Row) throws(PostgresError) {
      id = try row.get("id")
      platform = try row.get("platform")
      platformIsEnabled = try row.get("enabled")
      sealed = try row.get("sealed")
    }
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

  /// Deletes nonces that are too old to be accepted again; answers how many.
  static func sweep(_ database: Database) throws(PostgresError) -> Int {
    try database.execute("delete from passerelle.nonces where expires_at <= now()")
  }
}
