import Foundation
import Postgres
import TestSupport
import Testing

/// Random histories on several connections at once: what was computed step by step is what a full recomputation says.
@Suite(.needsPostgres) struct GradingHistoryTests {
  private static let seed =
    ProcessInfo.processInfo.environment["PASSERELLE_TEST_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 1...999_999)

  @Test(
    "After any history of reports, edits, launches, deliveries and batches, computing everything anew changes nothing",
    arguments: 0..<4)
  func histories(round: Int) throws {
    let seed = Self.seed &+ UInt64(round) &* 1000
    let database = try ScratchDatabase()
    let course = try Course(database, grains: 5, learners: 5, activities: 2)
    try course.openSessions()
    // The second is about one grain; everybody comes to it later.
    try database.connection.execute(
      "update passerelle.activities set grain = \(course.grains[0])::uuid where id = \(course.activities[1])::uuid")
    try database.connection.execute("delete from passerelle.enrolments where activity = \(course.activities[1])::uuid")
    try database.connection.execute(
      """
      insert into passerelle.identities (platform, subject, learner, seen_name)
      select p.id, e.subject, e.learner, l.name
      from passerelle.platforms p, passerelle.enrolments e join public.learners l on l.id = e.learner
      """)
    let sessions = try (0..<5).map { _ in Unshared(try database.pooled()) }
    let failures = onThreads(5) { thread in
      var generator = SeededGenerator(seed: seed &+ UInt64(thread))
      for step in 0..<40 {
        let choice = Int.random(in: 0..<15, using: &generator)
        try Self.step(sessions[thread].connection, course, choice, thread * 100 + step, &generator)
      }
    }
    #expect(failures.isEmpty, "seed \(Self.seed): \(failures)")
    while try database.value("select computed from passerelle.recount(2)", as: Int?.self) != nil {}
    #expect(try database.value(Course.wrong) == 0, "seed \(Self.seed), round \(round)")
    let state: Statement =
      """
      select coalesce(string_agg(concat_ws(' ', g.id, g.status, g.score, g.maximum, g.version, e.owed_ratio), ';' order by g.id), '')
      from public.grades g join passerelle.enrolments e on e.id = g.id
      """
    let before: String = try database.value(state)
    try database.connection.execute("select passerelle.recompute(\(course.module)::uuid, null, null, 1000)")
    #expect(try database.value(state) == before, "seed \(Self.seed), round \(round)")
  }

  private static func step(
    _ connection: Connection, _ course: Course, _ choice: Int, _ number: Int, _ generator: inout SeededGenerator
  ) throws {
    let learner = Int.random(in: 0..<5, using: &generator)
    let person = course.learners[learner]
    let slug = "g\(Int.random(in: 0..<5, using: &generator))"
    let score = [0, 0.25, 1.0 / 3, 0.5, 1][Int.random(in: 0..<5, using: &generator)]
    switch choice {
    case 0...3:
      let report = #"[{"slug":"\#(slug)","status":"completed","score":\#(score)}]"#
      try again {
        _ = try connection.execute("select passerelle.progress_write(\(Course.token(learner)), \(report)::json, 1)")
      }
    case 4:
      try connection.execute(
        "update public.progress set status = 'completed', score = \(score) where learner = \(person)::uuid")
    case 5: try connection.execute("delete from public.progress where learner = \(person)::uuid and score < \(score)")
    case 6: try connection.execute("update public.grains set weight = \(1 + score) where slug = \(slug)")
    case 7:
      try connection.execute(
        "update public.grains set status = case status when 'active' then 'archived' else 'active' end where slug = \(slug)"
      )
    case 8:
      try connection.execute("update public.modules set grading = \(score < 0.3 ? "all-or-nothing" : "proportion")")
    case 9:
      // What the timer has to do after an edit that is too big, from the beginning.
      try connection.execute(
        """
        select passerelle.recount_from(\(course.module)::uuid, null, 10, 0)
        from (select pg_advisory_xact_lock(hashtextextended('passerelle.staff', 0))) turn
        """)
      try again { _ = try connection.execute("select computed from passerelle.recount(3)") }
    case 10:
      // An activity that the learner may open for the first time.
      try connection.execute(
        """
        insert into passerelle.login_states (state, nonce, browser, registration, expires_at)
        select int4send(\(number)), int4send(\(number)), 'x', r.id, now() + interval '1 hour' from passerelle.registrations r
        """)
      try again {
        _ = try connection.execute(
          """
          select outcome from passerelle.launch(
            int4send(\(number)), null, null, (select id from passerelle.platforms), (select id from passerelle.deployments),
            \(String(learner)), null, null, null, null, null, '1', 'Title', null, null, null, null, 'module', null, null,
            array['Learner'], false, true, 'https://moodle.example/lineitem', null, array['s'], 's', null, null,
            int4send(\(number)), null, p_grain => 'g0')
          """)
      }
    case 11:
      try connection.execute(
        "update public.modules set scope = case scope when 'learner' then 'activity' else 'learner' end")
    case 12:
      // The learner begins anew; a grade on its way keeps them waiting, and nothing is lost.
      try again {
        _ = try connection.execute(
          """
          select outcome from passerelle.restart(
            \(person)::uuid, null, \(course.activities[score < 0.3 ? 1 : 0])::uuid, \(score < 0.5 ? "keep" : "withdraw"))
          """)
      }
    case 13:
      try again {
        _ = try connection.execute(
          "select outcome from passerelle.restart(\(person)::uuid, \(course.module)::uuid, null, 'withdraw')")
      }
    default: try deliver(connection, maximum: score < 0.3 ? 20 : 60)
    }
  }

  /// Delivers what has waited longest, after its line item was read.
  private static func deliver(_ connection: Connection, maximum: Double) throws {
    let rows = try connection.query(
      """
      select x->>'grade' as grade, x->>'lease' as lease, (x->>'version')::bigint as version, (x->>'score')::float8 as score
      from json_array_elements(passerelle.lease_due(true, now(), 1)::json) x
      """)
    for row in rows {
      let (grade, lease): (String, String) = (try row.get("grade"), try row.get("lease"))
      let (version, score): (Int64, Double) = (try row.get("version"), try row.get("score"))
      try again {
        _ = try connection.execute(
          "select passerelle.line_item_found(\(grade)::uuid, \(lease)::uuid, 'https://moodle.example/lineitem', \(maximum)::numeric)"
        )
      }
      try again {
        _ = try connection.execute(
          """
          select status from passerelle.grade_delivered(
            \(grade)::uuid, \(lease)::uuid, \(version), \(score)::numeric, 100, true, 1)
          """)
      }
    }
  }

  /// As the program does when it was refused for another's sake; what remains in vain changes nothing.
  private static func again(_ body: () throws -> Void) throws {
    for attempt in 1...8 {
      do { return try body() } catch let error as PostgresError {
        guard error.sqlState == "55P03" || error.sqlState == "40P01" else { throw error }
        usleep(UInt32.random(in: 1000...(10_000 << UInt32(attempt))))
      }
    }
  }
}
