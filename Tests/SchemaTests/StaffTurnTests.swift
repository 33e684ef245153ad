import Foundation
import Postgres
import TestSupport
import Testing

/// Staff in Directus, the mini-site's calls and the timer on the same rows at once: Directus makes a batch one statement, and a
/// nested edit several statements of one transaction, the learner first. It shows whoever edits what PostgreSQL says, and does
/// not try again; the program does.
@Suite(.needsPostgres) struct StaffTurnTests {
  private static let seconds =
    Double(ProcessInfo.processInfo.environment["PASSERELLE_TEST_TURN_SECONDS"] ?? "") ?? 8
  private static let seed =
    ProcessInfo.processInfo.environment["PASSERELLE_TEST_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 1...999_999)

  @Test(
    "Three who edit batches, nested rows and the catalogue never meet a deadlock, and learners at work one at worst")
  func noneForStaff() throws {
    let database = try ScratchDatabase()
    let course = try Course(database, grains: 6, learners: 6, activities: 2)
    try course.openSessions()
    try database.connection.execute(
      """
      insert into public.progress (learner, grain, status)
      select l.id, g.id, 'completed' from public.learners l, public.grains g where g.slug in ('g0', 'g1', 'g2', 'g3')
      """)
    let end = Date(timeIntervalSinceNow: Self.seconds)
    let sessions = try (0..<10).map { _ in Unshared(try database.pooled()) }
    let unavailable = Counter()
    let done = Counter()
    let failures = onThreads(10) { thread in
      var generator = SeededGenerator(seed: Self.seed &+ UInt64(thread))
      let connection = sessions[thread].connection
      while Date() < end {
        switch thread {
        case 0...2:
          try Self.staffEdit(connection, course, &generator)
          done.add()
        case 3:
          _ = try? connection.value("select computed from passerelle.recount(10)", as: Int?.self)
          try Self.programCall { try Self.deliverOne(connection) }
        default:
          let learner = thread - 4
          let grain = Int.random(in: 0..<6, using: &generator)
          let score = Double(Int.random(in: 0...100, using: &generator)) / 100
          let report = #"[{"slug":"g\#(grain)","status":"completed","score":\#(score)}]"#
          let accepted = try Self.programCall {
            let outcome: String = try connection.value(
              "select outcome from passerelle.progress_write(\(Course.token(learner)), \(report)::json, 1)")
            // A grain that is archived at this moment is none.
            #expect(outcome == "accepted" || outcome == "unknown_grain")
          }
          if !accepted { unavailable.add() }
          done.add()
        }
      }
    }
    // Nothing at all reached the three; what the program was refused six times is all that may remain for learners.
    #expect(failures.isEmpty, "seed \(Self.seed): \(failures)")
    #expect(done.value > 50)
    #expect(unavailable.value * 20 < done.value, "\(unavailable.value) of \(done.value) were sent away")
    while let computed: Int = try database.value("select computed from passerelle.recount(100)", as: Int?.self) {
      #expect(computed >= 0)
    }
    #expect(try database.value(Course.wrong) == 0, "seed \(Self.seed)")
  }

  /// What the program does when it was refused for another's sake; false when that was in vain, which is a 503.
  @discardableResult
  private static func programCall(_ body: () throws -> Void) throws -> Bool {
    for attempt in 1...6 {
      do {
        try body()
        return true
      } catch let error as PostgresError {
        guard error.sqlState == "55P03" || error.sqlState == "40P01" else { throw error }
        usleep(UInt32.random(in: 1000...(10_000 << UInt32(attempt))))
      }
    }
    return false
  }

  private static func deliverOne(_ connection: Connection) throws {
    let rows = try connection.query(
      """
      select x->>'grade' as grade, x->>'lease' as lease, (x->>'version')::bigint as version,
             (x->>'score')::float8 as score, (x->>'maximum')::float8 as maximum
      from json_array_elements(passerelle.lease_due(true, now(), 1)::json) x
      """)
    for row in rows {
      try connection.execute(
        """
        select status from passerelle.grade_delivered(
          \(row.get("grade", as: String.self))::uuid, \(row.get("lease", as: String.self))::uuid,
          \(row.get("version", as: Int64.self)), \(row.get("score", as: Double.self))::numeric,
          \(row.get("maximum", as: Double.self))::numeric, true, 1)
        """)
    }
  }

  private static func staffEdit(_ connection: Connection, _ course: Course, _ generator: inout SeededGenerator) throws {
    let score = Double(Int.random(in: 0...10, using: &generator)) / 10
    let learner = course.learners[Int.random(in: 0..<6, using: &generator)]
    let slug = "g\(Int.random(in: 0..<4, using: &generator))"
    switch Int.random(in: 0..<6, using: &generator) {
    case 0, 1:
      // A batch of several people's rows, in whatever order they lie.
      try connection.execute(
        """
        update public.progress set status = 'completed', score = \(score)
        where id in (select p.id from public.progress p order by random() limit 8)
        """)
    case 2, 3:
      // A nested edit: the learner, then each of their rows.
      try connection.transaction { () throws(PostgresError) in
        try connection.execute("update public.learners set locale = \(slug) where id = \(learner)::uuid")
        for name in ["g0", "g1", "g2", "g3"].shuffled(using: &generator) {
          try connection.execute(
            """
            update public.progress set score = \(score) where learner = \(learner)::uuid
              and grain = (select id from public.grains where slug = \(name))
            """)
          usleep(2000)
        }
      }
    case 4:
      try connection.execute(
        "update public.grains set status = case status when 'active' then 'archived' else 'active' end where slug = \(slug)"
      )
    default:
      try connection.transaction { () throws(PostgresError) in
        try connection.execute("update public.grains set weight = \(1 + score) where slug = \(slug)")
        try connection.execute("update public.grades set status = 'pending' where learner = \(learner)::uuid")
        try connection.execute("update public.modules set grading = \(score < 0.3 ? "all-or-nothing" : "proportion")")
      }
    }
  }
}

/// What several threads count.
private final class Counter: @unchecked Sendable {
  private let lock = NSLock()
  private var count = 0
  func add() { lock.withLock { count += 1 } }
  var value: Int { lock.withLock { count } }
}
