import Postgres

/// What `metrics.sql` has counted.
package enum Metrics {
  /// One count.
  package struct Counter: RowDecodable {
    /// `launches` or `attempts`.
    package let name: String
    /// How it ended.
    package let label: String
    /// How often, since the database was made.
    package let value: Int

    package init(row: Row) throws(PostgresError) {
      name = try row.get("name")
      label = try row.get("label")
      value = try row.get("value")
    }
  }

  /// How long a platform took to take grades.
  package struct PlatformCalls: RowDecodable {
    /// Whose.
    package let issuer: String
    /// How often it was asked.
    package let calls: Int
    /// How many seconds all of that took.
    package let seconds: Double
    /// Seconds that one call took of late: the mean, in which each newer call makes the former ones count a tenth less.
    package let recentSeconds: Double

    package init(row: Row) throws(PostgresError) {
      issuer = try row.get("issuer")
      calls = try row.get("calls")
      seconds = try row.get("seconds")
      recentSeconds = try row.get("recent")
    }
  }

  /// Every counter.
  package static func counters(in database: Database) throws(PostgresError) -> [Counter] {
    try database.all(
      """
      select c.name::text, c.label::text, sum(c.value)::bigint as value from passerelle.counters c
      group by c.name, c.label order by c.name, c.label
      """)
  }

  /// Every platform that was asked.
  package static func platformCalls(in database: Database) throws(PostgresError) -> [PlatformCalls] {
    try database.all(
      """
      select p.issuer, sum(c.calls)::bigint as calls, sum(c.seconds)::float8 as seconds,
             (sum(c.recent_seconds) / sum(c.recent_calls))::float8 as recent
      from passerelle.platform_calls c join passerelle.platforms p on p.id = c.platform
      group by p.issuer order by p.issuer
      """)
  }
}
