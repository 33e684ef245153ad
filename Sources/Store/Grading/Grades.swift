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
        "platform": try text("issuer"), "course": try text("course"), "title": try text("title"),
        "name": try text("name"),
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
    /// The platform's issuer.
    let platform: String?
    /// The course, by the platform's id for it.
    let course: String?

    /// Those that all of these name.
    package init(
      module: String? = nil, activity: String? = nil, learner: String? = nil, platform: String? = nil,
      course: String? = nil
    ) {
      self.module = module
      self.activity = activity
      self.learner = learner
      self.platform = platform
      self.course = course
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
             passerelle.utc(g.delivered_at) as delivered_at,
             p.issuer, passerelle.title_text(coalesce(a.context_title, a.context_label, a.context_id)) as course,
             g.activity_title as title, l.name
      from public.grades g
      left join passerelle.module_rows m on m.id = g.module
      left join passerelle.learner_rows l on l.id = g.learner
      left join passerelle.activities a on a.id = g.activity
      left join passerelle.platforms p on p.id = a.platform
      where (\(status?.rawValue)::text is null or g.status = \(status?.rawValue))
        and (\(selection.module)::text is null or m.slug = \(selection.module))
        and (\(selection.activity)::text is null or g.activity::text = lower(\(selection.activity)))
        and (\(selection.learner)::text is null or g.learner::text = lower(\(selection.learner)))
        and (\(selection.platform)::text is null or p.issuer = \(selection.platform))
        and (\(selection.course)::text is null or a.context_id = \(selection.course))
      order by g.next_attempt_at nulls last, g.date_created, g.id
      """)
  }

  /// How many grades are pending, failed, emptied and gone, and how long the oldest has waited.
  package struct Counts: RowDecodable {
    package let pending: Int
    package let failed: Int
    /// Those that the platform had, and has no more.
    package let emptied: Int
    /// Seconds since the oldest pending grade was last owed anew; nil when none is pending.
    package let oldestPending: Int?

    package init(row: Row) throws(PostgresError) {
      pending = try row.get("pending")
      failed = try row.get("failed")
      emptied = try row.get("emptied")
      oldestPending = try row.get("oldest_pending")
    }
  }

  /// Counts what waits and what is parked, `limit` of each at most; nil counts all.
  ///
  /// Partial indexes answer: those of grades that are pending, failed and emptied, and that of enrolments whose grade is asked for
  /// again. A grade's next attempt is not earlier than its first failure, so the earliest of both is the oldest.
  package static func counts(limit: Int? = nil, in database: Database) throws(PostgresError) -> Counts {
    try database.one(
      """
      select (select count(*) from (select from public.grades g where g.status = 'pending' limit \(limit)::bigint) x) as pending,
             (select count(*) from (select from public.grades g where g.status = 'failed' limit \(limit)::bigint) x) as failed,
             (select count(*) from (select from public.grades g where g.status = 'emptied' limit \(limit)::bigint) x) as emptied,
             extract(epoch from now() - least(
               (select g.next_attempt_at from public.grades g where g.status = 'pending' order by g.next_attempt_at limit 1),
               (select e.failing_since from passerelle.enrolments e join public.grades g on g.id = e.id
                  where e.failing_since is not null and g.status = 'pending' order by e.failing_since limit 1)
             ))::bigint as oldest_pending
      """)
  }

  /// How many grades of those whom a teacher sees in an activity stand where.
  package struct Standing: RowDecodable {
    package let status: String
    package let count: Int

    package init(row: Row) throws(PostgresError) {
      status = try row.get("status")
      count = try row.get("count")
    }
  }

  /// The grades of those whom a session's teacher sees, by status; `token` is a digest.
  package static func counts(token: [UInt8], in database: Database) throws(PostgresError) -> [Standing] {
    try database.all(
      """
      select g.status, count(*) as count
      from passerelle.sessions s
      join passerelle.enrolments t on t.id = s.enrolment
      join passerelle.enrolments e on e.activity = t.activity and not e.instructor
      join public.grades g on g.id = e.id
      where s.token = \(token) and passerelle.teacher_sees(s.enrolment, e.learner) group by g.status order by g.status
      """)
  }

  /// Seconds by which the grade that should have been sent first is late; 0 when none is.
  package static func overdue(in database: Database) throws(PostgresError) -> Int {
    try database.value(
      """
      select coalesce(greatest(0, extract(epoch from now() - min(g.next_attempt_at)))::bigint, 0)
      from public.grades g join passerelle.enrolments e on e.id = g.id
      join passerelle.activities a on a.id = e.activity join passerelle.platforms p on p.id = a.platform
      where g.status = 'pending' and p.enabled
        and coalesce(p.breaker_until, e.leased_until, now()) <= now()
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

  /// The same of all that are selected, a thousand at a time, each time for good.
  package static func sendAgain(status: GradeStatus?, _ selection: Selection, in database: Database)
    throws(PostgresError) -> Int
  {
    let ids = try list(status: status, selection, in: database).compactMap { $0.json["id"]?.stringValue }
    var again = 0
    for start in stride(from: 0, to: ids.count, by: 1000) {
      again += try sendAgain(Array(ids[start..<min(start + 1000, ids.count)]), in: database)
    }
    return again
  }

  /// Whether there is an activity of this id.
  package static func hasActivity(_ id: String, in database: Database) throws(PostgresError) -> Bool {
    try database.value(
      "select exists (select from passerelle.activities a where a.id::text = lower(\(id)))")
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
