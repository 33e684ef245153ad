import Postgres
import Wire

/// Starting over: what somebody did is set aside, kept and counted no more (`runs.sql`).
package enum Runs {
  /// What becomes of the grade that the platform has.
  package enum FormerGrade: String, CaseIterable, Sendable {
    /// It is taken back: the platform's is empty then.
    case withdraw
    /// It stays until the new run owes one.
    case keep
  }

  /// What was done for one learner.
  package enum Outcome: String {
    case restarted
    /// There was nothing to set aside.
    case nothing
    /// A grade is on its way just now.
    case busy
    /// The learner never came, or there is no such module or activity.
    case unknown
    /// What they did counts in an activity, too, that the teacher does not teach.
    case shared = "progress_shared"
  }

  /// What was done, and which grades the platform still has of the former run.
  package struct Done: RowDecodable {
    package let outcome: Outcome
    /// The learner's id.
    package let learner: String?
    /// Ids of grades.
    package let grades: [String]

    package init(row: Row) throws(PostgresError) {
      guard let known = Outcome(rawValue: try row.get("done")) else {
        throw PostgresError(.decoding, "column done has a word that is not known")
      }
      outcome = known
      learner = try row.get("learner")
      grades = try row.get("grades", as: [String]?.self) ?? []
    }
  }

  /// Sets aside what one learner did in a module, wherever it counts.
  package static func restart(learner: UUIDText, module: String, grade: FormerGrade, in database: Database)
    throws(PostgresError) -> Done
  {
    try database.oneAgain(
      """
      select r.outcome as done, \(learner.value) as learner, r.grades::text[] as grades
      from passerelle.restart(
        \(learner.value)::uuid, (select m.id from passerelle.module_rows m where m.slug = \(module)), null, \(grade.rawValue)) r
      """)
  }

  /// Sets aside what counts for one learner in an activity.
  package static func restart(learner: UUIDText, activity: UUIDText, grade: FormerGrade, in database: Database)
    throws(PostgresError) -> Done
  {
    try database.oneAgain(
      """
      select r.outcome as done, \(learner.value) as learner, r.grades::text[] as grades
      from passerelle.restart(\(learner.value)::uuid, null, \(activity.value)::uuid, \(grade.rawValue)) r
      """)
  }

  /// The learners of an activity, by their ids; nil when there is no such activity.
  package static func learners(of activity: UUIDText, in database: Database) throws(PostgresError) -> [String]? {
    guard
      try database.value("select exists (select from passerelle.activities a where a.id = \(activity.value)::uuid)")
    else { return nil }
    return try database.values(
      """
      select e.learner::text from passerelle.enrolments e
      where e.activity = \(activity.value)::uuid and not e.instructor order by 1
      """)
  }

  /// The other activities in which what counts for a learner in this one counts, too, by title and course.
  package static func alsoCounted(learner: UUIDText, activity: UUIDText, in database: Database) throws(PostgresError)
    -> [String]
  {
    try database.values(
      """
      select concat_ws(', ', coalesce(b.title, b.resource_link_id), coalesce(b.context_title, b.context_label))
      from passerelle.enrolments e
      join passerelle.activities a on a.id = e.activity
      join passerelle.enrolments o on o.learner = e.learner and o.id <> e.id and not o.own_progress
      join passerelle.activities b on b.id = o.activity and b.module = a.module
      where e.learner = \(learner.value)::uuid and e.activity = \(activity.value)::uuid and not e.own_progress
        and not passerelle.counts_apart(a.module)
      order by 1
      """)
  }

  /// What a teacher's act came to: whether the session may do this, and what was done for each learner.
  package struct Taught {
    package let outcome: String
    package let locale: String?
    package let learners: [Done]
  }

  private struct TaughtRow: RowDecodable {
    let outcome: String
    let locale: String?
    let done: Done?

    init(row: Row) throws(PostgresError) {
      outcome = try row.get("outcome")
      locale = try row.get("locale")
      done = try row.get("learner", as: String?.self) == nil ? nil : try Done(row: row)
    }
  }

  /// Sets aside, within a teacher's session, what counts in its activity for these learners, or for everybody.
  package static func restart(
    token: [UInt8], learners: [String]?, grade: FormerGrade, in database: Database
  ) throws(PostgresError) -> Taught {
    let rows: [TaughtRow] = try database.again { () throws(PostgresError) in
      try database.all(
        """
        select t.outcome, t.locale, t.learner::text as learner, t.done, t.grades::text[] as grades
        from passerelle.restart_taught(\(token), \(learners)::text[]::uuid[], \(grade.rawValue)) t
        """)
    }
    return Taught(
      outcome: rows.first?.outcome ?? "accepted", locale: rows.first?.locale, learners: rows.compactMap(\.done))
  }

  /// The grades of runs that were set aside which are to be taken back now; `grades` narrows it, `includingWaiting` also names
  /// those that could not be taken back a moment ago.
  package static func withdrawals(
    of grades: [String]? = nil, includingWaiting: Bool = false, in database: Database
  ) throws(PostgresError) -> [String] {
    try database.values(
      "select d::text from passerelle.withdrawals_due(\(grades)::text[]::uuid[], \(includingWaiting)) d")
  }
}
