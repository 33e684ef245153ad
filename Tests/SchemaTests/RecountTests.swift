import Postgres
import TestSupport
import Testing

/// An edit that concerns more learners than can be computed while somebody waits is finished by the timer.
@Suite(.needsPostgres) struct RecountTests {
  /// A course of so many learners, each with one of two grains, whose grade Moodle has.
  private static func crowd(_ learners: Int) throws -> (ScratchDatabase, Course) {
    let database = try ScratchDatabase()
    let course = try Course(database, grains: 2, learners: 1)
    try course.openSessions()
    try database.connection.script(
      """
      set session_replication_role = replica;
      insert into public.learners (name) select 'Crowd ' || n from generate_series(2, \(learners)) n;
      insert into passerelle.enrolments (learner, activity, subject, gradable, line_item, token_scope)
        select l.id, a.id, l.name, true, 'https://moodle.example/lineitem', 's'
        from public.learners l, passerelle.activities a where l.name like 'Crowd %';
      insert into public.progress (learner, grain, status, completed_at)
        select l.id, g.id, 'completed', now() from public.learners l, public.grains g where g.slug = 'g0';
      update passerelle.enrolments set owed_ratio = 0.5, owed_version = 1, delivered_ratio = 0.5, last_timestamp = 1;
      insert into public.grades (id, learner, activity, module, activity_title, status, score, maximum,
          delivered_score, delivered_maximum, delivered_version)
        select e.id, e.learner, e.activity, a.module, a.title, 'delivered', 50, 100, 50, 100, 1
        from passerelle.enrolments e join passerelle.activities a on a.id = e.activity;
      reset session_replication_role;
      analyze
      """)
    return (database, course)
  }

  private static let notice: Statement = "select coalesce(notice, '') from public.modules"
  private static let of75: Statement = "select count(*) from public.grades where score = 75"
  private static let weigh: Statement = "update public.grains set weight = 3 where slug = 'g0'"

  @Test("More than a thousand are computed within the edit, in batches of so many, and nothing is left to the timer")
  func within() throws {
    let (database, _) = try Self.crowd(1500)
    try database.connection.execute(Self.weigh)
    #expect(try database.value(Self.of75) == 1500)
    #expect(try database.value(Course.wrong) == 0)
    #expect(try database.value(Self.notice) == "")
    #expect(try database.value("select count(*) from passerelle.recounts") == 0)
  }

  @Test("Staff wait two seconds at most: what a slow database has not computed by then is left to the timer")
  func slow() throws {
    let (database, _) = try Self.crowd(2500)
    try database.connection.script(
      """
      create function public.slow() returns trigger language plpgsql as 'begin perform pg_sleep(1.7); return null; end';
      create trigger slow after update on public.grades for each statement execute function public.slow()
      """)
    try database.connection.execute(Self.weigh)
    #expect(try database.value(Self.of75) == 1000)
    #expect(try database.value("select done from passerelle.recounts") == 1000)
    #expect(try database.value("select learners from passerelle.recounts") == 2500)
    #expect(try database.value(Self.notice, as: String.self).contains("recalculent"))

    try database.connection.script("drop trigger slow on public.grades")
    #expect(try database.value("select computed from passerelle.recount(3000)") == 1500)
    #expect(try database.value("select computed from passerelle.recount(3000)") == 0)
    #expect(try database.value(Self.of75) == 2500)
    #expect(try database.value(Course.wrong) == 0)
    #expect(try database.value(Self.notice) == "")
  }

  @Test("More than 20,000 enrolments are left to the timer, which says so to staff until it is done")
  func left() throws {
    let (database, _) = try Self.crowd(20_001)
    try database.connection.execute(Self.weigh)
    #expect(try database.value(Self.of75) == 0)
    #expect(try database.value(Self.notice, as: String.self).contains("recalculent"))
    #expect(
      try database.value("select learners - done from passerelle.recounts r join public.modules m on m.id = r.module")
        == 20_001)

    // A learner's own report is computed at once, from the present state.
    let progress: String = try database.value(
      """
      select grade::json ->> 'score' from passerelle.progress_write(
        \(Course.token(0)), '[{"slug":"g1","status":"completed","score":0}]', 60)
      """)
    // (3 + 0) of 4.
    #expect(progress == "75")

    var batches = 0
    while try database.value("select computed from passerelle.recount(3000)", as: Int?.self) != nil { batches += 1 }
    #expect(batches == 8)
    #expect(try database.value(Self.of75) == 20_001)
    #expect(try database.value(Course.wrong) == 0)
    #expect(try database.value(Self.notice) == "")
    #expect(try database.value("select count(*) from passerelle.recounts") == 0)
  }

  @Test("An edit while the timer is at work begins it again; one small enough by now ends it")
  func editedMeanwhile() throws {
    let (database, _) = try Self.crowd(20_001)
    try database.connection.execute(Self.weigh)
    #expect(try database.value("select computed from passerelle.recount(500)") == 500)
    #expect(try database.value("select done from passerelle.recounts") == 500)
    try database.connection.execute("update public.modules set grading = 'all-or-nothing'")
    #expect(try database.value("select done from passerelle.recounts") == 0)
    #expect(try database.value(Self.of75) == 500)

    try database.connection.execute("delete from passerelle.enrolments where subject not like 'Crowd 1___'")
    try database.connection.execute("update public.modules set grading = 'proportion'")
    #expect(try database.value("select count(*) from passerelle.recounts") == 0)
    #expect(try database.value(Self.notice) == "")
    #expect(try database.value(Course.wrong) == 0)
  }

  @Test("A batch of the timer gives way to whoever works on one of its learners, and nothing of it is left half done")
  func givesWay() throws {
    let (database, course) = try Self.crowd(20_001)
    try database.connection.execute(Self.weigh)
    let staff = try database.another()
    try staff.script("begin")
    try staff.execute("update public.progress set score = 0.5 where learner = \(course.learners[0])::uuid")
    let error = caught(PostgresError.self) {
      // Everybody, so that this learner is among them.
      try database.connection.execute("select computed from passerelle.recount(30000)")
    }
    #expect(error?.sqlState == "55P03")
    #expect(try database.value("select done from passerelle.recounts") == 0)
    try staff.script("commit")
    #expect(try database.value("select computed from passerelle.recount(30000)") == 20_001)
    #expect(try database.value(Course.wrong) == 0)
  }
}
