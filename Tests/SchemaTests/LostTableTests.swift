import Postgres
import Schema
import TestSupport
import Testing

/// Tables and columns that somebody dropped: what is there is compared with what must be, not a version's number.
@Suite(.needsPostgres) struct LostTableTests {
  private let migrator = Migrator(seams: { _ in .own })

  @Test("What the migrations made is what they must have made; dropped tables and columns, and another type, are named")
  func named() throws {
    let database = try ScratchDatabase()
    #expect(try migrator.tableDifferences(on: database.connection) == [])
    try database.connection.script(
      """
      drop view passerelle.grade_rows;
      alter table public.grades drop column last_error_fr;
      alter table passerelle.sessions alter column role type text;
      alter table passerelle.platforms alter column name drop not null;
      drop table passerelle.nonces;
      """)
    let found = try migrator.tableDifferences(on: database.connection)
    #expect(
      found.map(\.words.english) == [
        "table passerelle.nonces is missing", "column passerelle.platforms.name may be empty, and must not",
        "column passerelle.sessions.role is text, and was made character varying(20)",
        "column public.grades.last_error_fr is missing",
      ], "\(found)")
    #expect(found.allSatisfy { !$0.isMended && $0.mend.english.hasPrefix("restore it from a backup") })
    let refused = caught(MigrationError.self) { try migrator.migrate(on: database.connection) }
    guard case .lost(let words, _) = refused else {
      Issue.record("\(String(describing: refused))")
      return
    }
    #expect(words == found.map(\.words))
    #expect(refused?.description.contains("nothing was changed, because table passerelle.nonces is missing") == true)
  }

  @Test("None of the five can be dropped from Directus's data model, which drops nothing that stands on them")
  func held() throws {
    let database = try ScratchDatabase()
    for table in ["learners", "modules", "grains", "progress", "grades"] {
      let refused = caught(PostgresError.self) { try database.connection.script("drop table public.\(table)") }
      #expect(refused?.sqlState == "2BP01", "\(table)")
      #expect(refused?.debugDetail.contains("view passerelle.") == true, "\(table) \(String(describing: refused))")
    }
  }

  @Test("Lost grades are made anew by migrate: each one owed waits as failed, with a code, and can be sent again")
  func grades() throws {
    let database = try ScratchDatabase()
    let course = try Course(database, learners: 3)
    for learner in course.learners.prefix(2) {
      try Course.record(database.connection, learner, course.grains[0], "completed", 0.5)
    }
    let before = try shape(database)
    let owed: [String] = try database.values("select concat_ws(' ', id, score, maximum) from public.grades order by id")
    try database.connection.script("drop table public.grades cascade")
    let lost = try migrator.tableDifferences(on: database.connection)
    #expect(lost.map(\.words.english) == ["table public.grades is missing"] && lost.allSatisfy(\.isMended))
    #expect(lost.first?.mend.english.hasPrefix("run: passerelle migrate") == true)

    #expect(try migrator.migrate(on: database.connection).madeGrades)
    #expect(try shape(database) == before)
    #expect(try migrator.differences(on: database.connection) == [])
    #expect(
      try database.values("select concat_ws(' ', id, score, maximum) from public.grades order by id") == owed)
    #expect(
      try database.values("select distinct concat_ws(' ', status, last_error_code, next_attempt_at) from public.grades")
        == ["failed grades_restored"])
    #expect(try database.value(Course.wrong) == 0)
    // As `grade retry`, or as staff in Directus.
    try database.connection.execute("update public.grades set status = 'pending'")
    #expect(
      try database.value(
        "select count(*) from public.grades where status = 'pending' and attempts = 0 and next_attempt_at is not null")
        == 2)
    #expect(try !migrator.migrate(on: database.connection).madeGrades)
  }

  @Test("The verification finds which of them Moodle has: those are delivered without being sent, the others wait")
  func verified() throws {
    let database = try ScratchDatabase()
    let course = try Course(database, learners: 3)
    for learner in course.learners {
      try Course.record(database.connection, learner, course.grains[0], "completed", 0.5)
    }
    try database.connection.script("drop table public.grades cascade")
    try migrator.migrate(on: database.connection)
    let read: Statement = """
      select passerelle.verified(a.id, clock_timestamp(),
        '[{"subject": "0", "score": 12.5, "maximum": 100}, {"subject": "1", "score": 80, "maximum": 100}]', 100, null)::text
      from passerelle.activities a
      """
    // equal, emptied, different, restored, passed over
    #expect(try database.value(read) == "(0,0,1,1,0)")
    let found = [
      "Learner 0 delivered 12.5", "Learner 1 failed 80 grades_restored", "Learner 2 failed grades_restored",
    ]
    let grades: Statement = """
      select concat_ws(' ', l.name, g.status, g.delivered_score, g.moodle_score, g.last_error_code)
      from public.grades g join public.learners l on l.id = g.learner order by l.name
      """
    #expect(try database.values(grades) == found)
    // The next look changes nothing, and a retry sends what waits alone.
    #expect(try database.value(read) == "(1,0,1,0,0)")
    #expect(try database.values(grades) == found)
    #expect(try database.connection.execute("update public.grades set status = 'pending' where status = 'failed'") == 2)
    #expect(try database.value("select count(*) from public.grades where status = 'pending' and attempts = 0") == 2)
  }

  /// Columns, constraints, indexes and triggers of the grades.
  private func shape(_ database: ScratchDatabase) throws -> [String] {
    try database.values(
      """
      select x.line from (
        select 'column ' || attname || ' ' || format_type(atttypid, atttypmod) || attnotnull as line from pg_attribute
          where attrelid = 'public.grades'::regclass and attnum > 0 and not attisdropped
        union all select 'constraint ' || conname || pg_get_constraintdef(oid) from pg_constraint where conrelid = 'public.grades'::regclass
        union all select 'index ' || pg_get_indexdef(indexrelid) from pg_index where indrelid = 'public.grades'::regclass
        union all select 'trigger ' || pg_get_triggerdef(oid) from pg_trigger where tgrelid = 'public.grades'::regclass and not tgisinternal) x
      order by 1
      """)
  }
}
