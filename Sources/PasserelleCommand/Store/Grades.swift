import Passerelle
import Postgres
import Wire

/// Grades as the administrator looks at them.
enum Grades {
  struct Listed: RowDecodable {
    let json: JSONObject

    init(row: Row) throws(PostgresError) {
      func text(_ column: String) throws(PostgresError) -> JSONValue {
        try row.get(column, as: String?.self).map(JSONValue.string) ?? .null
      }
      func number(_ column: String) throws(PostgresError) -> JSONValue {
        try row.get(column, as: Double?.self).map(JSONValue.number) ?? .null
      }
      json = [
        "id": try text("id"), "learner": try text("learner"), "activity": try text("activity"),
        "module": try text("module"), "status": try text("status"), "score": try number("score"),
        "maximum": try number("maximum"), "attempts": try number("attempts"),
        "nextAttemptAt": try text("next_attempt_at"), "lastErrorCode": try text("last_error_code"),
        "lastError": try text("last_error"), "deliveredAt": try text("delivered_at"),
      ]
    }
  }

  /// Grades of one status, or all, oldest attempt first.
  static func list(status: String?, in database: Database) throws(PostgresError) -> [Listed] {
    try database.all(
      """
      select g.id::text, g.learner::text, g.activity::text, m.slug as module, g.status, g.score::float8 as score,
             g.maximum::float8 as maximum, g.attempts::float8 as attempts,
             to_char(g.next_attempt_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as next_attempt_at,
             g.last_error_code, g.last_error,
             to_char(g.delivered_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as delivered_at
      from public.grades g left join public.modules m on m.id = g.module
      where \(status)::text is null or g.status = \(status)
      order by g.next_attempt_at nulls last, g.date_created, g.id
      """)
  }

  struct Counts: RowDecodable {
    let pending: Int
    let failed: Int

    init(row: Row) throws(PostgresError) {
      pending = try row.get("pending")
      failed = try row.get("failed")
    }
  }

  /// How many are pending and failed.
  static func counts(in database: Database) throws(PostgresError) -> Counts {
    try database.one(
      """
      select count(*) filter (where status = 'pending') as pending, count(*) filter (where status = 'failed') as failed
      from public.grades where status in ('pending', 'failed')
      """)
  }

  /// How many are due, for the progress bar.
  static func due(includingWaiting: Bool, in database: Database) throws(PostgresError) -> Int {
    struct Count: RowDecodable {
      let count: Int
      init(row: Row) throws(PostgresError) { count = try row.get("count") }
    }
    return try database.one(
      """
      select count(*) as count from public.grades
      where status = 'pending' and (\(includingWaiting) or next_attempt_at <= now())
      """, as: Count.self
    ).count
  }
}
