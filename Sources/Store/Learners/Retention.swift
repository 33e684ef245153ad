import Postgres

/// Learners who are long gone (GDPR, article 5(1)(e)): nobody who was launched, reported or finished a grain since, nobody who ever
/// taught, nobody whose grade is on its way.
package enum Retention {
  /// A learner, and when they were here last.
  package struct Gone: RowDecodable {
    package let id: String
    package let name: String?
    package let lastSeenAt: String

    package init(row: Row) throws(PostgresError) {
      id = try row.get("id")
      name = try row.get("name")
      lastSeenAt = try row.get("last_seen_at")
    }
  }

  /// Who is gone since before so long ago, in the words of a PostgreSQL interval; `learner` narrows it to one.
  package static func gone(_ interval: String, among learner: String? = nil, in database: Database)
    throws(PostgresError)
    -> [Gone]
  {
    try database.all(
      """
      select g.id::text as id, g.name, passerelle.utc(g.last_seen_at) as last_seen_at
      from passerelle.gone_since(now() - \(interval)::interval, \(learner)::uuid) g order by g.last_seen_at, g.id
      """)
  }
}
