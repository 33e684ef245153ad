import Foundation
import Postgres
import TestSupport
import Testing

/// What pages keep for learners, in the database: what a restart, a merge and an erasure do with it.
@Suite(.needsPostgres) struct StateTests {
  private let database: ScratchDatabase
  private let course: Course

  init() throws {
    database = try ScratchDatabase()
    course = try Course(database, grains: 2, learners: 2, activities: 2)
    try course.openSessions()
  }

  /// Keeps a value for a learner's grain, as their page does; answers the outcome.
  @discardableResult
  private func write(
    _ learner: Int, _ grain: String, _ value: String, matches: String? = nil, isNew: Bool = false
  ) throws -> String {
    try database.value(
      """
      select outcome
      from passerelle.state_write(\(Course.token(learner)), \(grain), \(value)::json, \(matches), \(isNew))
      """)
  }

  private func read(_ learner: Int, _ grain: String) throws -> String? {
    let rows: [String?] = try database.connection.values(
      "select value from passerelle.state_read(\(Course.token(learner)), \(grain))")
    return rows.first ?? nil
  }

  private func count(_ condition: String = "true") throws -> Int {
    try database.value("select count(*) from passerelle.states where \(unescaped: condition)")
  }

  /// Runs a statement that waits for what another connection has begun, and has that one commit as soon as it does. On
  /// threads, never in a task: tasks have as many threads as the machine has cores, and who waits would hold one.
  private func committing(_ begun: Connection, whileWaiting body: @escaping () throws -> Void) throws {
    let looker = try database.another()
    let failures = onThreads(2) { thread in
      if thread == 0 { return try body() }
      let end = ContinuousClock.now + .seconds(60)
      while ContinuousClock.now < end {
        let waiting: Int = try looker.value(
          "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'")
        if waiting > 0 { break }
        usleep(10_000)
      }
      try begun.script("commit")
    }
    #expect(failures == [])
  }

  @Test("A restart sets a learner's states of the module aside with the number of the run, and the page begins anew")
  func restart() throws {
    try write(0, "g0", "1")
    try write(0, "g1", "2")
    try write(1, "g0", "3")
    let set: Int = try database.value(
      "select passerelle.set_aside_states(\(course.learners[0])::uuid, \(course.grains)::uuid[], null, 4)")
    #expect(set == 2)
    #expect(try read(0, "g0") == nil && read(0, "g1") == nil)
    #expect(try read(1, "g0") == "3")
    #expect(try count("set_aside_at is not null and run = 4") == 2)
    try write(0, "g0", "\"new\"")
    #expect(try read(0, "g0") == "\"new\"")
    #expect(try count() == 4)
  }

  @Test("A restart of one activity leaves what belongs to another, or to the learner")
  func restartOfOne() throws {
    try write(0, "g0", "1")
    for activity in course.activities {
      try database.connection.execute(
        """
        insert into passerelle.states (learner, grain, activity, value)
        values (\(course.learners[0])::uuid, \(course.grains[0])::uuid, \(activity)::uuid, '2')
        """)
    }
    let set: Int = try database.value(
      """
      select passerelle.set_aside_states(
        \(course.learners[0])::uuid, \(course.grains)::uuid[], array[\(course.activities[1])::uuid], 1)
      """)
    #expect(set == 1)
    #expect(try read(0, "g0") == "1")
    #expect(try count("activity = '\(course.activities[0])' and set_aside_at is null") == 1)
  }

  @Test("Whoever begins anew finds no state, also where nothing was recorded yet; another learner's stays")
  func begunAnew() throws {
    try write(0, "g0", "1")
    try write(1, "g0", "2")
    let outcome: String = try database.value(
      """
      select outcome from passerelle.restart(
        \(course.learners[0])::uuid, null, \(course.activities[0])::uuid, 'keep')
      """)
    #expect(outcome == "restarted")
    #expect(try read(0, "g0") == nil)
    #expect(try read(1, "g0") == "2")
    #expect(try database.value("select count(*) from passerelle.runs where progress::text = '[]'", as: Int.self) == 1)
  }

  @Test("Where activities keep their own progress, each keeps its own states, and shows the person's until then")
  func apart() throws {
    try write(0, "g0", "\"person\"")
    try database.connection.script("update public.modules set scope = 'activity'")
    #expect(try read(0, "g0") == "\"person\"")
    try write(0, "g0", "\"own\"")
    #expect(try read(0, "g0") == "\"own\"")
    #expect(try count("activity is null") == 1)
    #expect(try count("activity = '\(course.activities[0])'") == 1)
  }

  @Test("Two records become one, and what pages keep comes along")
  func mergedLearners() throws {
    try write(0, "g0", "\"kept\"")
    let outcome: String = try database.value(
      "select outcome from passerelle.merge_learners(\(course.learners[0])::uuid, \(course.learners[1])::uuid)")
    #expect(outcome == "merged")
    #expect(try read(1, "g0") == "\"kept\"")
  }

  @Test("A merge keeps the newer of two states, whoever's it was, and gives the others away", arguments: [false, true])
  func merge(isOlder: Bool) throws {
    for learner in isOlder ? [1, 0] : [0, 1] { try write(learner, "g0", "\(learner)") }
    try write(0, "g1", "\"only\"")
    let moved: Int = try database.value(
      "select passerelle.merge_states(\(course.learners[0])::uuid, \(course.learners[1])::uuid)")
    #expect(moved == 2)
    #expect(try read(1, "g0") == (isOlder ? "0" : "1"))
    #expect(try read(1, "g1") == "\"only\"")
    #expect(try count("learner = '\(course.learners[0])'") == 0)
    #expect(try count("set_aside_at is not null") == 1)
  }

  @Test(
    "Whoever is erased, or deleted by plain SQL, leaves no state; the others keep theirs", arguments: [false, true])
  func forgotten(bySQL: Bool) throws {
    try write(0, "g0", "1")
    try write(1, "g0", "2")
    try database.connection.script(
      bySQL
        ? "delete from public.learners where id = '\(course.learners[0])'"
        : "select passerelle.learner_delete('\(course.learners[0])')")
    #expect(try count() == 1)
    #expect(try read(1, "g0") == "2")
  }

  @Test("Who keeps something while they are erased waits, and then keeps nothing")
  func erasedMeanwhile() throws {
    let eraser = try database.another()
    try eraser.script("begin; select passerelle.learner_delete('\(course.learners[0])')")
    var outcome = ""
    try committing(eraser) { outcome = try write(0, "g0", "1") }
    #expect(outcome == "invalid_token")
    #expect(try count() == 0)
  }

  @Test("Two first writes at once leave one state, the later's; with preconditions one of them loses")
  func atOnce() throws {
    let first = try database.another()
    try first.script("begin; select passerelle.state_write('token 0', 'g0', '1', null, false)")
    var outcomes: [String] = []
    try committing(first) { outcomes = try [false, true].map { try write(0, "g0", "2", isNew: $0) } }
    #expect(outcomes == ["accepted", "state_changed"])
    #expect(try read(0, "g0") == "2")
    #expect(try count() == 1)
  }
}
