import Postgres
import TestSupport
import Testing

/// What the tables refuse, whoever writes, and the dates that they keep.
@Suite(.needsPostgres) struct ConstraintTests {
  @Test("Values that cannot be meant are refused by name")
  func refusals() throws {
    let database = try ScratchDatabase()
    let course = try Course(database)
    let (learner, grain, module) = (course.learners[0], course.grains[0], course.module)
    let cases: [(String, Statement)] = [
      ("modules_slug_unique", "insert into public.modules (slug, title) values ('module', 'Again')"),
      ("modules_slug_is_url_safe", "insert into public.modules (slug, title) values ('à la carte', 'T')"),
      ("modules_slug_is_url_safe", "insert into public.modules (slug, title) values ('-x', 'T')"),
      ("modules_title_is_not_empty", "insert into public.modules (slug, title) values ('x', '')"),
      ("modules_url_is_http", "insert into public.modules (slug, title, url) values ('x', 'T', 'javascript:alert(1)')"),
      ("modules_grading_is_known", "insert into public.modules (slug, title, grading) values ('x', 'T', 'mean')"),
      ("modules_status_is_known", "update public.modules set status = 'draft'"),
      (
        "grains_slug_unique_in_module",
        "insert into public.grains (module, slug, title) values (\(module)::uuid, 'g0', 'T')"
      ),
      ("grains_slug_is_url_safe", "update public.grains set slug = 'a/b' where id = \(grain)::uuid"),
      ("grains_weight_is_positive", "update public.grains set weight = 0"),
      ("grains_weight_is_positive", "update public.grains set weight = -1"),
      ("grains_status_is_known", "update public.grains set status = 'hidden'"),
      (
        "progress_status_is_known",
        "insert into public.progress (learner, grain, status) values (\(learner), \(grain), 'done')"
      ),
      (
        "progress_score_is_between_0_and_1",
        "insert into public.progress (learner, grain, score) values (\(learner), \(grain), 1.01)"
      ),
      (
        "progress_score_is_between_0_and_1",
        "insert into public.progress (learner, grain, score) values (\(learner), \(grain), -0.01)"
      ),
      (
        "grades_status_is_known",
        "insert into public.grades (learner, activity, status) values (\(learner), \(grain), 'sent')"
      ),
      (
        "grades_score_has_a_maximum",
        "insert into public.grades (learner, activity, score) values (\(learner), \(grain), 1)"
      ),
    ]
    for (constraint, statement) in cases {
      let error = caught(PostgresError.self, "\(constraint)") { try database.connection.execute(statement) }
      #expect(error?.constraint == constraint)
    }
    try Course.record(database.connection, learner, grain, "started")
    let twice = caught(PostgresError.self) {
      try database.connection.execute("insert into public.progress (learner, grain) values (\(learner), \(grain))")
    }
    #expect(twice?.constraint == "progress_once_per_learner_and_grain")
    // A grade stays; a grain with progress and a module with grains are put away in place of going (StaffEditTests).
    try Course.record(database.connection, learner, grain, "completed")
    let deleted = caught(PostgresError.self) { try database.connection.execute("delete from public.grades") }
    #expect(deleted?.constraint == "grades_stay")
    #expect(try database.connection.execute("delete from public.grains where id = \(grain)::uuid") == 0)
    #expect(try database.connection.execute("delete from public.modules") == 0)
    #expect(try database.value("select count(*) from public.progress") == 1)
  }

  @Test("States are varchar(20) with a CHECK that lists them, and numbers that people see are double precision")
  func columns() throws {
    let database = try ScratchDatabase()
    let columns = """
      select c.relname || '.' || a.attname from pg_attribute a join pg_class c on c.oid = a.attrelid
      where c.relnamespace in ('public'::regnamespace, 'passerelle'::regnamespace) and c.relkind = 'r' and a.attnum > 0
        and not a.attisdropped
      """
    func wrong(_ condition: String) throws -> [String] {
      try database.values("\(unescaped: columns) and \(unescaped: condition) order by 1")
    }
    let type = "format_type(a.atttypid, a.atttypmod)"
    let states = """
      a.attname in ('status', 'grading')
        or c.relname || '.' || a.attname in ('modules.scope', 'codes.role', 'sessions.role', 'runs.grade', 'roles.purpose')
      """
    #expect(try wrong("(\(states))").count == 12)
    #expect(try wrong("(\(states)) and \(type) <> 'character varying(20)'") == [])
    #expect(
      try wrong(
        """
        \(type) = 'character varying(20)' and not exists (
          select from pg_constraint k where k.conrelid = c.oid and k.contype = 'c' and k.conkey = array[a.attnum]
            and pg_get_constraintdef(k.oid) like '%= ANY (%')
        """) == [])
    let numbers = [
      "grades.delivered_maximum", "grades.delivered_score", "grades.maximum", "grades.score", "grains.weight",
      "progress.score",
    ]
    let named = "c.relname || '.' || a.attname in (\(numbers.map { "'\($0)'" }.joined(separator: ", ")))"
    #expect(try wrong("\(named) and \(type) = 'double precision'") == numbers)
  }

  @Test("Completion dates itself, keeps its date, and gives it up when staff reopen the grain")
  func completion() throws {
    let database = try ScratchDatabase()
    let course = try Course(database)
    let connection = database.connection
    func date() throws -> String? {
      try connection.value("select completed_at::text from public.progress", as: String?.self)
    }
    try Course.record(connection, course.learners[0], course.grains[0], "started")
    #expect(try date() == nil)
    try Course.record(connection, course.learners[0], course.grains[0], "completed", 0.5)
    let first = try #require(try date())
    try Course.record(connection, course.learners[0], course.grains[0], "completed", 0.9)
    #expect(try date() == first)
    try connection.execute("update public.progress set status = 'started'")
    #expect(try date() == nil)
    try connection.execute("update public.progress set status = 'completed', completed_at = '2026-01-02T03:04:05Z'")
    #expect(try date()?.hasPrefix("2026-01-02") == true)
  }

  @Test("Every collection notes when a row was changed, and not when it was made")
  func dateUpdated() throws {
    let database = try ScratchDatabase()
    let course = try Course(database)
    try Course.record(database.connection, course.learners[0], course.grains[0], "completed")
    let changes: [(String, Statement)] = [
      ("learners", "update public.learners set name = 'N'"), ("modules", "update public.modules set title = 'N'"),
      ("grains", "update public.grains set title = 'N'"), ("progress", "update public.progress set score = 0.5"),
      ("grades", "update public.grades set activity_title = 'N'"),
    ]
    for (table, change) in changes where table != "grades" {
      #expect(
        try database.value("select count(*) from public.\(unescaped: table) where date_updated is not null") == 0,
        "\(table)")
      try database.connection.execute(change)
    }
    try database.connection.execute("update public.grades set activity_title = 'N'")
    for (table, _) in changes {
      #expect(
        try database.value(
          "select count(*) from public.\(unescaped: table) where date_updated is null or date_updated < date_created")
          == 0,
        "\(table)")
    }
  }

  @Test("The best score is kept, and a completion without a score counts whole")
  func best() throws {
    let database = try ScratchDatabase()
    let course = try Course(database, grains: 1)
    let (learner, grain) = (course.learners[0], course.grains[0])
    func row() throws -> String {
      try database.value("select concat_ws(' ', status, score::float8) from public.progress")
    }
    let steps: [(String, Double?, String)] = [
      ("started", 0.9, "started"), ("completed", 0.25, "completed 0.25"), ("started", nil, "completed 0.25"),
      ("completed", 0.125, "completed 0.25"), ("completed", 0.5, "completed 0.5"), ("completed", nil, "completed 0.5"),
    ]
    for (status, score, expected) in steps {
      try Course.record(database.connection, learner, grain, status, score)
      #expect(try row() == expected)
    }
  }
}
