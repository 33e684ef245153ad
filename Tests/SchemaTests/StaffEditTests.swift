import Postgres
import TestSupport
import Testing

/// What staff may write, and in which words the rest is refused.
@Suite(.needsPostgres) struct StaffEditTests {
  /// A refusal as whoever wrote the row meets it.
  private func refusal(_ connection: Connection, _ statement: Statement) -> PostgresError? {
    do {
      try connection.execute(statement)
      return nil
    } catch { return error }
  }

  /// What Directus 10 to 12 make of a foreign key error: the first parentheses of its detail, taken for a field's name.
  private func shownByDirectus(_ error: PostgresError) -> String? {
    guard error.sqlState == "23503" else { return nil }
    let groups = error.debugDetail.matches(of: /\(([^)]+)\)/).map { String($0.1) }
    return groups.count >= 2 ? groups[0] : nil
  }

  @Test("Deleting a grain with work, or a module with grains, archives it and loses nothing; one without goes as ever")
  func archived() throws {
    let database = try ScratchDatabase()
    let course = try Course(database)
    let connection = database.connection
    try Course.record(connection, course.learners[0], course.grains[0], "completed", 0.5)
    try Course.record(connection, course.learners[0], course.grains[1], "completed", 1)
    // One item, then a batch of one with work and one without.
    #expect(try connection.execute("delete from public.grains where id = \(course.grains[0])::uuid") == 0)
    #expect(
      try connection.execute(
        "delete from public.grains where id in (\(course.grains[1])::uuid, \(course.grains[2])::uuid)") == 1)
    #expect(
      try database.values("select slug || ' ' || status from public.grains order by slug")
        == ["g0 archived", "g1 archived", "g3 active"])
    #expect(try database.value("select count(*) from public.progress") == 2)
    #expect(try database.value(Course.wrong) == 0)
    #expect(try connection.execute("delete from public.grains where id = \(course.grains[0])::uuid") == 0)
    #expect(try connection.execute("delete from public.modules") == 0)
    #expect(try database.values("select status from public.modules") == ["archived"])
    try connection.execute("insert into public.modules (slug, title) values ('leer', 'Leer')")
    #expect(try connection.execute("delete from public.modules where slug = 'leer'") == 1)
    // A learner's work goes with the learner only.
    #expect(try connection.execute("delete from public.learners") == 1)
    #expect(try connection.execute("delete from public.grains where id = \(course.grains[0])::uuid") == 1)
  }

  @Test("What cannot be is refused in French and English, in the one way in which Directus passes words on")
  func words() throws {
    let database = try ScratchDatabase()
    let course = try Course(database)
    let connection = database.connection
    let (learner, grain, other) = (course.learners[0], course.grains[0], course.grains[1])
    try Course.record(connection, learner, grain, "completed", 0.5)
    try Course.record(connection, learner, other, "started")
    let insert = { (columns: String, values: String) -> Statement in
      """
      insert into public.progress (learner, grain, \(unescaped: columns))
      values (\(learner), \(course.grains[2]), \(unescaped: values))
      """
    }
    let cases: [(constraint: String, statement: Statement, french: String, english: String)] = [
      ("progress_score_is_between_0_and_1", "update public.progress set score = 1.7", "de 0 à 1", "between 0 and 1"),
      ("progress_score_is_between_0_and_1", "update public.progress set score = -0.1", "de 0 à 1", "between 0 and 1"),
      ("progress_score_is_between_0_and_1", "update public.progress set score = 'NaN'", "de 0 à 1", "between 0 and 1"),
      ("progress_score_is_between_0_and_1", insert("status, score", "'completed', 1.7"), "résultat", "score"),
      ("progress_status_is_known", "update public.progress set status = 'done'", "état", "status"),
      ("progress_completed_has_a_date", insert("completed_at", "now()"), "date de fin", "completion date"),
      (
        "progress_completed_has_a_date",
        "update public.progress set completed_at = now() where status = 'started'", "Terminé", "Completed"
      ),
      (
        "progress_completed_has_a_date",
        "update public.progress set status = 'started', completed_at = '2026-01-01' where status = 'completed'",
        "Terminé", "Completed"
      ),
      ("progress_score_is_of_a_completed_grain", insert("score", "0.5"), "résultat", "score"),
      (
        "progress_score_is_of_a_completed_grain", "update public.progress set score = 0.5 where status = 'started'",
        "Terminé", "Completed"
      ),
      ("grains_weight_is_positive", "update public.grains set weight = 0", "poids", "weight"),
      ("grains_weight_is_positive", "update public.grains set weight = -2", "s’archive", "archived"),
      ("grains_weight_is_positive", "update public.grains set weight = 'NaN'", "poids", "weight"),
      ("grains_weight_is_positive", "update public.grains set weight = 1000000", "poids", "weight"),
      ("grains_slug_is_url_safe", "update public.grains set slug = 'à la carte'", "sans accent", "without accents"),
      ("grains_title_is_not_empty", "update public.grains set title = ' '", "titre", "title"),
      ("grains_status_is_known", "update public.grains set status = 'draft'", "archived", "archived"),
      ("modules_slug_is_url_safe", "update public.modules set slug = ''", "sans accent", "without accents"),
      ("modules_title_is_not_empty", "update public.modules set title = ''", "titre", "title"),
      ("modules_url_is_http", "update public.modules set url = 'ftp://x'", "https://", "http://"),
      ("modules_grading_is_known", "update public.modules set grading = 'mean'", "notation", "grading"),
      ("modules_status_is_known", "update public.modules set status = 'draft'", "état", "status"),
    ]
    for (constraint, statement, french, english) in cases {
      let error = try #require(refusal(connection, statement), "\(statement.sql)")
      #expect(error.constraint == constraint, "\(statement.sql) \(error.debugDetail)")
      let words = try #require(shownByDirectus(error), "\(error.debugDetail)").components(separatedBy: " · ")
      #expect(words.count == 2, "\(words)")
      #expect(words.first?.contains(french) == true && words.last?.contains(english) == true, "\(words)")
    }
    // However large a number is, it reaches the words.
    for (constraint, statement) in [
      ("progress_score_is_between_0_and_1", "update public.progress set score = 1e300"),
      ("grains_weight_is_positive", "update public.grains set weight = 'Infinity'"),
    ] {
      #expect(refusal(connection, "\(unescaped: statement)")?.constraint == constraint)
    }
    #expect(try database.value("select count(*) from public.grades where score = 12.5 and status = 'pending'") == 1)
  }

  @Test("A completion keeps the date it is given, finds its former one, and is dated without either")
  func dates() throws {
    let database = try ScratchDatabase()
    let course = try Course(database)
    let connection = database.connection
    func date() throws -> String? {
      try connection.value(
        "select to_char(completed_at at time zone 'UTC', 'YYYY-MM-DD') from public.progress", as: String?.self)
    }
    try connection.execute(
      """
      insert into public.progress (learner, grain, status, completed_at)
      values (\(course.learners[0]), \(course.grains[0]), 'completed', '2026-01-02T03:04:05Z')
      """)
    #expect(try date() == "2026-01-02")
    try connection.execute("update public.progress set completed_at = null")
    #expect(try date() == "2026-01-02")
    try connection.execute("update public.progress set completed_at = '2026-02-03T03:04:05Z', score = 0.25")
    #expect(try date() == "2026-02-03")
    // Reopened as Directus's form does it, and as a revision is brought back.
    try connection.execute("update public.progress set status = 'started'")
    #expect(try date() == nil)
    #expect(try database.value("select score::float8 from public.progress") == 0.25)
    try connection.execute("update public.progress set status = 'completed'")
    #expect(try database.value("select count(*) from public.progress where completed_at = date_updated") == 1)
    try connection.execute("update public.progress set status = 'started', completed_at = null, score = null")
    #expect(try date() == nil)
  }

  @Test("The date of change is that of the change: not another writer's, not that of a write that changed nothing")
  func dateUpdated() throws {
    let database = try ScratchDatabase()
    let course = try Course(database)
    let connection = database.connection
    try Course.record(connection, course.learners[0], course.grains[0], "completed")
    // A column of staff's own, of a type that cannot be compared.
    try connection.execute("alter table public.learners add column remarks json default '{}'")
    let changes = [
      ("learners", "name = 'A', remarks = '{\"a\": 1}'", "name = 'B'"), ("modules", "title = 'A'", "title = 'B'"),
      ("grains", "weight = 2", "weight = 3"), ("progress", "score = 0.5", "score = 0.75"),
      ("grades", "activity_title = 'A'", "activity_title = 'B'"),
    ]
    func date(_ table: String) throws -> String {
      try database.value("select max(date_updated)::text from public.\(unescaped: table)")
    }
    for (table, one, two) in changes {
      try connection.execute("update public.\(unescaped: table) set \(unescaped: one)")
      let first = try date(table)
      // The same again, with a date of the writer's own.
      try connection.execute("update public.\(unescaped: table) set \(unescaped: one), date_updated = '1999-01-01'")
      #expect(try date(table) == first, "\(table)")
      try connection.execute("update public.\(unescaped: table) set \(unescaped: two), date_updated = '1999-01-01'")
      #expect(try date(table) > first, "\(table)")
    }
  }

  @Test("A grade is not written by hand: only pending may be set, and the row stays as long as the enrolment")
  func grades() throws {
    let database = try ScratchDatabase()
    let course = try Course(database, learners: 2, activities: 2)
    let connection = database.connection
    for learner in course.learners { try Course.record(connection, learner, course.grains[0], "completed") }
    let grade: String = try database.value("select id::text from public.grades order by id limit 1")
    func delivered() throws {
      let lease: String = try database.value(
        "select passerelle.take(array[\(grade)::uuid], 30)::json -> 0 ->> 'lease'")
      let version: Int64 = try database.value("select version from public.grades where id = \(grade)::uuid")
      #expect(
        try database.value(
          """
          select status from passerelle.grade_delivered(\(grade), \(lease), \(version), 25, 100, true, 30)
          """) == "delivered")
    }
    try delivered()
    let before: String = try database.value("select string_agg(g::text, ' ' order by id) from public.grades g")
    for change in [
      "score = 90", "maximum = 20", "score = 5, maximum = 20", "score = null, maximum = null", "status = 'none'",
      "status = 'failed'", "delivered_score = 90", "delivered_maximum = 1", "delivered_version = 7",
      "delivered_at = '2026-01-01'", "delivered_at = null", "version = version + 2", "version = version - 1",
    ] {
      let error = refusal(
        connection, "update public.grades set \(unescaped: change) where id = \(grade)::uuid")
      #expect(error?.constraint == "grades_are_computed", "\(change) \(error?.debugDetail ?? "was accepted")")
    }
    let pending: String = try database.value("select id::text from public.grades where status = 'pending' limit 1")
    #expect(
      refusal(connection, "update public.grades set status = 'delivered' where id = \(pending)::uuid")?.constraint
        == "grades_are_computed")
    for (statement, constraint) in [
      ("delete from public.grades where id = \(grade)::uuid", "grades_stay"),
      (
        "update public.grades set learner = \(course.learners[1]), activity = gen_random_uuid() where id = \(grade)::uuid",
        "grades_stay"
      ),
      (
        "insert into public.grades (learner, activity) values (\(course.learners[0]), gen_random_uuid())",
        "grades_are_of_an_enrolment"
      ),
    ] as [(Statement, String)] {
      let error = try #require(refusal(connection, statement))
      #expect(error.constraint == constraint, "\(error.debugDetail)")
      #expect(shownByDirectus(error)?.contains(" · ") == true)
    }
    #expect(try database.value("select string_agg(g::text, ' ' order by id) from public.grades g") == before)
    // What the program itself writes goes through: sent again, another maximum, a failure.
    try connection.execute("update public.grades set status = 'pending' where id = \(grade)::uuid")
    try delivered()
    let lease: String = try database.value(
      "select passerelle.take(array[\(pending)::uuid], 30)::json -> 0 ->> 'lease'")
    _ = try database.value(
      "select passerelle.line_item_found(\(pending), \(lease), 'https://moodle.example/li', 33.3333333)",
      as: String?.self)
    #expect(
      try database.value("select count(*) from public.grades where maximum = 33.33333 and score = 8.33333") == 2)
    #expect(
      try database.value(
        """
        select status from passerelle.grade_not_delivered(
          \(pending), \(lease), 1, true, false, false, false, 0, 'grade_refused', 'no', 'non')
        """) == "failed")
  }

  @Test("A grade of which the enrolment is gone may be deleted")
  func orphan() throws {
    let database = try ScratchDatabase()
    let course = try Course(database)
    try Course.record(database.connection, course.learners[0], course.grains[0], "completed")
    try database.connection.execute("delete from passerelle.activities")
    try database.connection.execute("delete from public.grades")
    #expect(try database.value("select count(*) from public.grades") == 0)
  }

  @Test("A grain's and a module's slug may change: progress and grades stay")
  func slugs() throws {
    let database = try ScratchDatabase()
    let course = try Course(database)
    try Course.record(database.connection, course.learners[0], course.grains[0], "completed")
    let before: String = try database.value("select version || status || score from public.grades")
    try database.connection.execute("update public.grains set slug = 'renamed' where id = \(course.grains[0])::uuid")
    try database.connection.execute("update public.modules set slug = 'another'")
    #expect(try database.value("select version || status || score from public.grades") == before)
    #expect(
      try database.value(
        "select s.completed from passerelle.enrolments e, passerelle.standing(e.learner, \(course.module), e.id) s")
        == 1)
  }

  @Test("A row of progress moved to another learner or grain changes both standings")
  func moved() throws {
    let database = try ScratchDatabase()
    let course = try Course(database, grains: 2, learners: 2)
    let connection = database.connection
    func scores() throws -> String {
      try database.value(
        """
        select string_agg(l.name || ' ' || coalesce(g.score::float8::text, '–'), ', ' order by l.name)
        from public.learners l left join public.grades g on g.learner = l.id
        """)
    }
    try Course.record(connection, course.learners[0], course.grains[0], "completed", 0.5)
    #expect(try scores() == "Learner 0 25, Learner 1 –")
    try connection.execute("update public.progress set learner = \(course.learners[1])")
    // Nothing was ever sent for the first, so nothing is owed any more.
    #expect(try scores() == "Learner 0 –, Learner 1 25")
    try connection.execute("update public.progress set grain = \(course.grains[1])")
    try connection.execute("update public.grains set weight = 3 where id = \(course.grains[1])::uuid")
    #expect(try scores() == "Learner 0 –, Learner 1 37.5")
    let taken = refusal(
      connection,
      """
      insert into public.progress (learner, grain) values (\(course.learners[1]), \(course.grains[1]))
      """)
    #expect(taken?.isUniqueViolation(of: "progress_once_per_learner_and_grain") == true)
  }
}
