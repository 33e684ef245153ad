import Postgres
import Wire

/// Platforms' JWK sets, cached for all processes.
package enum KeySets {
  /// A cached key set and how its last fetch went.
  package struct Cached: RowDecodable {
    package let document: String?
    package let isBeingFetched: Bool
    package let failed: Bool

    package init(row: Row) throws(PostgresError) {
      document = try row.get("document")
      isBeingFetched = try row.get("being_fetched")
      failed = try row.get("failed")
    }
  }

  /// The cached key set of a URL.
  package static func cached(_ url: WebURL, in database: Database) throws(PostgresError) -> Cached? {
    try database.first(
      """
      select document, failed,
             not failed and attempted_at > coalesce(fetched_at, '-infinity')
               and attempted_at > now() - interval '10 seconds' as being_fetched
      from passerelle.key_sets where url = \(url.description)
      """)
  }

  /// Asks to be the one who fetches: at most one process in 30 seconds is told yes.
  package static func claimFetch(of url: WebURL, in database: Database) throws(PostgresError) -> Bool {
    try database.value("select passerelle.claim_key_set(\(url.description))", as: Bool?.self) ?? false
  }

  /// Keeps a fetched key set for `lifetime` seconds.
  package static func store(_ document: String, from url: WebURL, lifetime: Int, in database: Database)
    throws(PostgresError)
  {
    try database.execute(
      """
      insert into passerelle.key_sets (url, document, fetched_at, expires_at, attempted_at)
      values (\(url.description), \(document), clock_timestamp(),
              clock_timestamp() + make_interval(secs => \(lifetime)), clock_timestamp())
      on conflict (url) do update set document = excluded.document, fetched_at = excluded.fetched_at,
        expires_at = excluded.expires_at, failed = false
      """)
  }

  /// Remembers that a fetch failed; what was cached stays.
  package static func markFailed(_ url: WebURL, in database: Database) throws(PostgresError) {
    try database.execute("update passerelle.key_sets set failed = true where url = \(url.description)")
  }
}
