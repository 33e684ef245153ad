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

  /// Counts what waits and what is parked, `limit` of each at most; nil counts all.
  ///
  /// Three partial indexes answer: those of grades that are pending and failed, and that of enrolments whose grade is asked for
  /// again. A grade's next attempt is not earlier than its first failure, so the earliest of both is the oldest.
  package static func counts(limit: Int? = nil, in database: Database) throws(PostgresError) -> Counts {
    try database.one(
      """
      select (select count(*) from (select from public.grades g where g.status = 'pending' limit \(limit)::bigint) x) as pending,
             (select count(*) from (select from public.grades g where g.status = 'failed' limit \(limit)::bigint) x) as failed,
             extract(epoch from now() - least(
               (select g.next_attempt_at from public.grades g where g.status = 'pending' order by g.next_attempt_at limit 1),
               (select e.failing_since from passerelle.enrolments e join public.grades g on g.id = e.id
                  where e.failing_since is not null and g.status = 'pending' order by e.failing_since limit 1)
             ))::bigint as oldest_pending
      """)
  }

  /// Whether an instant lies further ahead than the program ever sets one: the database's clock was put back.
  package static func clockWasPutBack(in database: Database) throws(PostgresError) -> Bool {
    try database.value(
      """
      select exists (
          select from public.grades g where g.status = 'pending' and g.next_attempt_at > now() + interval '25 hours')
        or exists (select from passerelle.enrolments e where e.leased_until > now() + interval '10 minutes')
        or exists (select from passerelle.enrolments e where e.confirm_at > now() + interval '10 minutes')
        or exists (select from passerelle.platforms p where p.breaker_until > now() + interval '2 minutes')
        or exists (select from passerelle.membership_lists l where l.retry_at > now() + interval '10 minutes')
      """)
  }

  /// How many are due, for the progress bar.
  package static func due(includingWaiting: Bool, in database: Database) throws(PostgresError) -> Int {
    try database.value(
      """
      select count(*) from public.grades
      where status = 'pending' and (\(includingWaiting) or passerelle.is_over(next_attempt_at, interval '25 hours'))
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

  /// Computes again what the selected learners are owed, a thousand at a time, each time for good; answers for how many learners
  /// and modules.
  package static func recompute(_ selection: Selection, in database: Database) throws(PostgresError) -> Int {
    let places = try database.connection().query(
      """
      select distinct a.module::text as module,
             case when \(selection.activity)::text is not null then a.id::text end as activity,
             case when \(selection.learner)::text is not null then e.learner::text end as learner
      from passerelle.activities a
      join passerelle.module_rows m on m.id = a.module
      left join passerelle.enrolments e on e.activity = a.id and e.learner::text = lower(\(selection.learner))
      where (\(selection.module)::text is null or m.slug = \(selection.module))
        and (\(selection.activity)::text is null or a.id::text = lower(\(selection.activity)))
        and (\(selection.learner)::text is null or e.id is not null)
      order by module
      """)
    var computed = 0
    for place in places {
      let module: String = try place.get("module")
      if let learner = try place.get("learner", as: String?.self) {
        try database.again { () throws(PostgresError) in
          _ = try database.execute("select passerelle.owe(\(learner)::uuid, \(module)::uuid)")
        }
        computed += 1
        continue
      }
      var last: String?
      repeat {
        let step: Step = try database.oneAgain(
          """
          select last::text, computed from passerelle.recompute(
            \(module)::uuid, \(try place.get("activity", as: String?.self))::uuid, \(last)::uuid, 1000)
          """)
        last = step.last
        computed += step.computed
      } while last != nil
    }
    return computed
  }

  private struct Step: RowDecodable {
    let last: String?
    let computed: Int

    init(row: Row) throws(PostgresError) {
      last = try row.get("last")
      computed = try row.get("computed")
    }
  }
}
