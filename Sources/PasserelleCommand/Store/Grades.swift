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

  /// Grades of one status, or all, that are selected; oldest attempt first.
  static func list(status: String?, _ selection: GradeSelection, in database: Database) throws(PostgresError)
    -> [Listed]
  {
    try database.all(
      """
      select g.id::text, g.learner::text, g.activity::text, m.slug as module, g.status, g.score::float8 as score,
             g.maximum::float8 as maximum, g.attempts::float8 as attempts,
             to_char(g.next_attempt_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as next_attempt_at,
             g.last_error_code, g.last_error,
             to_char(g.delivered_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as delivered_at
      from public.grades g left join passerelle.module_rows m on m.id = g.module
      where (\(status)::text is null or g.status = \(status))
        and (\(selection.module)::text is null or m.slug = \(selection.module))
        and (\(selection.activity)::text is null or g.activity::text = lower(\(selection.activity)))
        and (\(selection.learner)::text is null or g.learner::text = lower(\(selection.learner)))
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

  private struct Count: RowDecodable {
    let count: Int
    init(row: Row) throws(PostgresError) { count = try row.get("count") }
  }

  /// Those of the ids that are grades.
  static func known(_ ids: [String], in database: Database) throws(PostgresError) -> Set<String> {
    struct Found: RowDecodable {
      let id: String
      init(row: Row) throws(PostgresError) { id = try row.get("id") }
    }
    return Set(
      try database.all(
        "select x.id from unnest(\(ids)::text[]) x (id) join public.grades g on g.id::text = lower(x.id)",
        as: Found.self
      ).map(\.id))
  }

  /// Makes grades pending again, whatever they are; answers how many have something to send.
  static func sendAgain(_ ids: [String], in database: Database) throws(PostgresError) -> Int {
    try database.one("select passerelle.grades_again(\(ids)::text[]::uuid[]) as count", as: Count.self).count
  }

  /// Computes again what the selected learners are owed; answers for how many learners and modules.
  static func recompute(_ selection: GradeSelection, in database: Database) throws(PostgresError) -> Int {
    try database.one(
      """
      select count(passerelle.owe(x.learner, x.module)::text) as count
      from (
        select distinct e.learner, a.module
        from passerelle.enrolments e
        join passerelle.activities a on a.id = e.activity
        join passerelle.module_rows m on m.id = a.module
        where (\(selection.module)::text is null or m.slug = \(selection.module))
          and (\(selection.activity)::text is null or a.id::text = lower(\(selection.activity)))
          and (\(selection.learner)::text is null or e.learner::text = lower(\(selection.learner)))
        order by e.learner, a.module) x
      """, as: Count.self
    ).count
  }
}
