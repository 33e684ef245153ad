import Foundation
import Postgres
import TestSupport
import Testing

/// `passerelle.roster_lines`: everybody's standing at once is everybody's standing one by one.
@Suite(.needsPostgres) struct RosterTests {
  private static let seed =
    ProcessInfo.processInfo.environment["PASSERELLE_TEST_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 1...999_999)

  /// What the roster says of each learner, beside what standing, points and progress say.
  private static let comparison =
    """
    select count(*) filter (where
        (x->>'completed')::integer is distinct from s.completed or (x->>'total')::integer is distinct from s.total
        or (x->>'ratio')::float8 is distinct from s.ratio::float8
        or r.score is distinct from passerelle.points(s.ratio, a.maximum)::float8
        or x->>'grains' is distinct from w.grains
        or (y->>'completed')::integer is distinct from s.completed
        or (y->>'ratio')::float8 is distinct from round(s.ratio, 5)::float8
        or y->>'cells' is distinct from nullif(w.cells, '')) as wrong,
      count(*) as all
    from (select t.id, t.module, t.grain, coalesce(t.line_item_maximum, 100) as maximum from passerelle.activities t) a
    cross join lateral passerelle.roster_lines(a.id, a.module, null, null, 'full') r
    cross join lateral (select (r.line || '}')::json) f (x)
    join lateral (
      select (c.line || '}')::json from passerelle.roster_lines(a.id, a.module, null, null, 'compact') c) k (y)
      on k.y->>'id' = f.x->>'id'
    join passerelle.enrolments e on e.activity = a.id and e.learner = (x->>'id')::uuid
    cross join lateral passerelle.standing(e.learner, a.module, e.id) s
    cross join lateral (
      select '{' || coalesce(string_agg(format('"%s":"%s"', g.slug, coalesce(p.status, 'none')), ',' order by g.sort, g.slug), '') || '}'
               as grains,
             coalesce(string_agg(case
               when p.status is null then '--' when p.status = 'started' then 'ss' when p.score is null then 'cc'
               when p.score = 1 then 'XX' else lpad(round(p.score * 100)::text, 2, '0') end, '' order by g.sort, g.slug), '') as cells
      from public.grains g
      left join public.progress p on p.grain = g.id and p.learner = (x->>'id')::uuid
        and p.activity is not distinct from case when e.own_progress then e.activity end
      where g.module = a.module and g.status = 'active' and (a.grain is null or g.id = a.grain)) w
    """

  @Test("The roster says of everybody what their standing says", arguments: ["proportion", "all-or-nothing"])
  func standing(grading: String) throws {
    var generator = SeededGenerator(seed: Self.seed)
    for round in 0..<4 {
      let database = try ScratchDatabase()
      let grains = [1, 3, 7, 12][round]
      let course = try Course(database, grains: grains, learners: 25, activities: 2)
      try database.connection.execute("update public.modules set grading = \(grading)")
      try database.connection.execute(
        "update passerelle.activities set line_item_maximum = 17.5 where id = \(course.activities[0])::uuid")
      for grain in course.grains {
        let weight: Double = [0.5, 1, 3, 7.25][Int.random(in: 0..<4, using: &generator)]
        try database.connection.execute(
          "update public.grains set weight = \(weight)::numeric, status = \(Int.random(in: 0..<6, using: &generator) == 0 ? "archived" : "active") where id = \(grain)::uuid"
        )
        for learner in course.learners where Int.random(in: 0..<4, using: &generator) > 0 {
          let isCompleted = Int.random(in: 0..<4, using: &generator) > 0
          let scores: [Double?] = [nil, 0, 1.0 / 3, 0.5, 1]
          try Course.record(
            database.connection, learner, grain, isCompleted ? "completed" : "started",
            isCompleted ? scores[Int.random(in: 0..<5, using: &generator)] : nil)
        }
      }
      let row = try #require(try database.connection.query(Statement(stringLiteral: Self.comparison)).first)
      #expect(try row.get("wrong", as: Int.self) == 0, "seed \(Self.seed), round \(round)")
      #expect(try row.get("all", as: Int.self) == 50)
    }
  }

  @Test("A module without grains and an activity without learners have a roster, too")
  func empty() throws {
    let database = try ScratchDatabase()
    let course = try Course(database, grains: 0, learners: 1)
    func lines(_ form: String) throws -> [String] {
      try database.connection.query(
        """
        select line from passerelle.roster_lines(
          \(course.activities[0])::uuid, \(course.module)::uuid, null, null, \(form))
        """
      ).map { try $0.get("line") }
    }
    #expect(try lines("full")[0].hasSuffix(#""grains":{},"completed":0,"total":0,"ratio":0"#))
    #expect(try lines("compact")[0].hasSuffix(#""completed":0,"ratio":0"#))
    #expect(try lines("csv")[0].hasPrefix("Learner 0,,0,0,0,none,0,100,"))
    try database.connection.execute("delete from public.learners")
    for form in ["full", "compact", "csv"] { #expect(try lines(form) == []) }
  }

  @Test(
    "People who are forgotten one after another while their list is written do not stand in its way, nor it in theirs")
  func forgetting() throws {
    let database = try ScratchDatabase()
    let course = try Course(database, learners: 2)
    let (first, second) = (course.learners[0], course.learners[1])
    try database.connection.execute(
      """
      insert into passerelle.identities (platform, subject, learner)
      select p.id, x.subject, x.learner
      from passerelle.platforms p, (values ('1', \(first)::uuid), ('2', \(second)::uuid)) x (subject, learner)
      """)
    let member = #"{"subject":"%","roles":[],"instructor":false,"status":"Active"}"#
    let members = "[" + ["1", "2"].map { member.replacing("%", with: $0) }.joined(separator: ",") + "]"
    let write: Statement =
      """
      select passerelle.memberships_read(r.id, 'https://moodle.example/members', \(members)::json)
      from passerelle.registrations r
      """
    let waiting: Statement =
      """
      select count(*)::integer from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'
      """
    let (writer, watcher) = (Unshared(try database.another()), Unshared(try database.another()))
    let forgetter = Unshared(database.connection)
    try writer.connection.execute(write)
    try forgetter.connection.script("begin")
    try forgetter.connection.execute("delete from passerelle.identities where subject = '2'")
    let failures = onThreads(2) { index in
      if index == 0 {
        try writer.connection.execute(write)
      } else {
        while try watcher.connection.value(waiting) == 0 { Thread.sleep(forTimeInterval: 0.02) }
        try forgetter.connection.execute("delete from passerelle.identities where subject = '1'")
        try forgetter.connection.script("commit")
      }
    }
    #expect(failures == [])
    #expect(try database.value("select count(*)::integer from passerelle.members") == 2)
  }

  @Test("Writing a list twice replaces it; one of a registration that is gone is dropped")
  func lists() throws {
    let database = try ScratchDatabase()
    _ = try Course(database)
    let registration: String = try database.value("select id::text from passerelle.registrations")
    func store(_ registration: String, _ subjects: String...) throws {
      let members = subjects.map {
        "{\"subject\":\"\($0)\",\"roles\":[\"Learner\"],\"instructor\":false,\"status\":\"Active\"}"
      }
      try database.connection.execute(
        """
        select passerelle.memberships_read(\(registration)::uuid, 'https://moodle.example/members',
          \("[" + members.joined(separator: ",") + "]")::json)
        """)
    }
    try store(registration, "1", "2")
    try store(registration, "2", "3")
    #expect(try database.value("select string_agg(subject, ',' order by subject) from passerelle.members") == "2,3")
    try store("00000000-0000-0000-0000-000000000000", "9")
    #expect(try database.value("select count(*)::integer from passerelle.members") == 2)
    try database.connection.execute("delete from passerelle.registrations")
    #expect(try database.value("select count(*)::integer from passerelle.members") == 0)
  }
}
