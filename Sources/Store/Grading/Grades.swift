import Postgres
import Wire

/// Grades as the administrator looks at them.
package enum Grades {
  package struct Listed: RowDecodable {
    package let json: JSONObject

    package init(row: Row) throws(PostgresError) {
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

  /// Which grades are meant; nil members leave open what they stand for.
  package struct Selection {
    /// The module's slug.
    let module: String?
    /// The activity's id.
    let activity: String?
    /// The learner's id.
    let learner: String?

    /// Those that all three name.
    package init(module: String? = nil, activity: String? = nil, learner: String? = nil) {
      self.module = module
      self.activity = activity
      self.learner = learner
    }
  }

  /// Grades of one status, or all, that are selected; oldest attempt first.
  package static func list(status: GradeStatus?, _ selection: Selection, in database: Database) throws(PostgresError)
    -> [Listed]
  {
    try database.all(
      """
      select g.id::text, g.learner::text, g.activity::text, m.slug as module, g.status, g.score::float8 as score,
             g.maximum::float8 as maximum, g.attempts::float8 as attempts,
             passerelle.utc(g.next_attempt_at) as next_attempt_at,
             g.last_error_code, g.last_error,
             passerelle.utc(g.delivered_at) as delivered_at
      from public.grades g left join passerelle.module_rows m on m.id = g.module
      where (\(status?.rawValue)::text is null or g.status = \(status?.rawValue))
        and (\(selection.module)::text is null or m.slug = \(selection.module))
        and (\(selection.activity)::text is null or g.activity::text = lower(\(selection.activity)))
        and (\(selection.learner)::text is null or g.learner::text = lower(\(selection.learner)))
      order by g.next_attempt_at nulls last, g.date_created, g.id
      """)
  }

  /// How many grades are pending and failed, and how long the oldest has waited.
  package struct Counts: RowDecodable {
    package let pending: Int
    package let failed: Int
    /// Seconds since the oldest pending grade was last owed anew; nil when none is pending.
    package let oldestPending: Int?

    package init(row: Row) throws(PostgresError) {
      pending = try row.get("pending")
      failed = try row.get("failed")
      oldestPending = try row.get("oldest_pending")
    }
  }

  /// Counts what waits and what is parked.
  package static func counts(in database: Database) throws(PostgresError) -> Counts {
    try database.one(
      """
      select count(*) filter (where g.status = 'pending') as pending,
             count(*) filter (where g.status = 'failed') as failed,
             extract(epoch from now() - min(coalesce(e.failing_since, g.next_attempt_at))
               filter (where g.status = 'pending'))::bigint as oldest_pending
      from public.grades g left join passerelle.enrolments e on e.id = g.id
      where g.status in ('pending', 'failed')
      """)
  }

  /// How many are due, for the progress bar.
  package static func due(includingWaiting: Bool, in database: Database) throws(PostgresError) -> Int {
    try database.value(
      """
      select count(*) from public.grades
      where status = 'pending' and (\(includingWaiting) or next_attempt_at <= now())
      """)
  }

  /// Those of the ids that are grades.
  package static func known(_ ids: [String], in database: Database) throws(PostgresError) -> Set<String> {
    Set(
      try database.values(
        "select x.id from unnest(\(ids)::text[]) x (id) join public.grades g on g.id::text = lower(x.id)"))
  }

  /// Makes grades pending again, whatever they are; answers how many have something to send.
  package static func sendAgain(_ ids: [String], in database: Database) throws(PostgresError) -> Int {
    try database.value("select passerelle.grades_again(\(ids)::text[]::uuid[])")
  }

  /// Computes again what the selected learners are owed; answers for how many learners and modules.
  package static func recompute(_ selection: Selection, in database: Database) throws(PostgresError) -> Int {
    try database.value(
      """
      select count(passerelle.owe(x.learner, x.module)::text)
      from (
        select distinct e.learner, a.module
        from passerelle.enrolments e
        join passerelle.activities a on a.id = e.activity
        join passerelle.module_rows m on m.id = a.module
        where (\(selection.module)::text is null or m.slug = \(selection.module))
          and (\(selection.activity)::text is null or a.id::text = lower(\(selection.activity)))
          and (\(selection.learner)::text is null or e.learner::text = lower(\(selection.learner)))
        order by e.learner, a.module) x
      """)
  }
}
