import Adoption
import DirectusTestSupport
import Foundation
import Postgres
import TestSupport
import Testing

/// Progress in a table of theirs: the rules of Passerelle's own, without its constraints to lean on.
@Suite(.needsPostgres) struct AdoptedProgressTests {
  @Test("Completed never goes back, the best score is kept, completed without a score counts whole")
  func rules() throws {
    let database = try AdoptedDatabase.french()
    try database.enrol()
    let learner: String = try database.value("select learner::text from passerelle.identities")
    func row() throws -> String {
      try database.line("select statut, note::float8, date_fin is not null from public.progressions order by id desc")
    }
    try database.record(learner, "a", "started", score: 0.9)
    #expect(try row() == "en_cours|–|false")
    try database.record(learner, "a", score: 0.4)
    #expect(try row() == "termine|8|true")
    try database.record(learner, "a", "started")
    try database.record(learner, "a", score: 0.2)
    #expect(try row() == "termine|8|true")
    try database.record(learner, "a", score: 0.9)
    #expect(try row() == "termine|18|true")
    try database.record(learner, "b")
    try database.record(learner, "b", score: 0.3)
    #expect(try row() == "termine|–|true")
    #expect(try database.line("select count(*) from public.progressions") == "2")
    #expect(try database.grade() == "pending|63.33333")
  }

  @Test("Of several rows for one grain the best counts, and it is the one that is changed")
  func duplicates() throws {
    let database = try AdoptedDatabase.french()
    try database.enrol()
    let learner: String = try database.value("select learner::text from passerelle.identities")
    try database.script(
      """
      insert into public.progressions (apprenant, grain, statut, note)
      select a.id, g.id, r.statut, r.note from public.apprenants a, public.grains g,
        (values ('en_cours', 20), ('termine', 5), ('termine', 12), ('en_cours', null)) r (statut, note)
      where g.code = 'a';
      """)
    #expect(
      try database.line("select count(*), max(status), max(score)::float8 from passerelle.progress_rows")
        == "1|completed|0.6")
    #expect(try database.grade() == "pending|20")
    try database.record(learner, "a", score: 0.5)
    #expect(try database.grade() == "pending|20")
    try database.record(learner, "a", score: 0.75)
    #expect(try database.grade() == "pending|25")
    #expect(
      try database.line("select string_agg(note::float8::text, ',' order by note) from public.progressions")
        == "5,15,20")
  }

  @Test("A score that cannot be is refused in words, dates follow, and their own date_updated is theirs")
  func staff() throws {
    let database = try AdoptedDatabase.french()
    try database.script("alter table public.progressions drop constraint progressions_note_check")
    try database.enrol()
    let learner: String = try database.value("select learner::text from passerelle.identities")
    try database.record(learner, "a")
    do throws(PostgresError) {
      try database.connection.script("update public.progressions set note = 21")
      Issue.record("21 of 20 was taken")
    } catch {
      #expect(error.sqlState == "23503")
      #expect(error.debugDetail.contains("Un résultat va de 0 à 20 · A score is between 0 and 20"))
    }
    try database.script("update public.progressions set statut = 'en_cours'")
    #expect(try database.line("select date_fin, date_updated from public.progressions") == "–|–")
    #expect(try database.grade() == "none|–")
    try database.script("update public.progressions set statut = 'termine', date_fin = '2026-01-02 03:04:05+00'")
    #expect(
      try database.line("select to_char(completed_at at time zone 'UTC', 'YYYY-MM-DD') from passerelle.progress_rows")
        == "2026-01-02")
    #expect(try database.grade() == "pending|33.33333")
  }

  @Test("An edit of nothing that counts leaves the grade's version as it is")
  func harmless() throws {
    let database = try AdoptedDatabase("directus/system_tables_12", "adoption/directus_users")
    try database.adopt(try AdoptedDatabase.fixture("adoption/directus_users.map"))
    try database.script(
      """
      insert into public.courses (id, status, slug, title) values (gen_random_uuid(), 'published', 'm', 'M');
      insert into public.lessons (id, status, course, slug, title) select gen_random_uuid(), 'published', id, s, s
        from public.courses, unnest(array['a', 'b']) s;
      insert into passerelle.platforms (name, issuer) values ('Moodle', 'https://moodle.example');
      insert into passerelle.activities (platform, resource_link_id, module)
        select p.id, '1', m.id from passerelle.platforms p, passerelle.module_rows m;
      """)
    let learner = try database.learner("7", given: "Ada", family: "L", email: "ada@example.org")
    try database.record(learner, "a")
    #expect(try database.grade() == "pending|50")
    let version = try database.line("select version, xmin from public.grades")
    try database.script(
      "update public.lesson_progress set last_position_seconds = 42; update public.lessons set title = 'T'")
    #expect(try database.line("select version, xmin from public.grades") == version)
    // The slug is what progress holds: another one, and the grain was never begun.
    try database.script("update public.lessons set slug = 'z' where slug = 'a'")
    #expect(try database.grade() == "none|–")
    try database.script("update public.lessons set slug = 'a' where slug = 'z'")
    #expect(try database.grade() == "pending|50")
  }

  @Test("One learner finishing two grains at the same instant loses nothing, and makes no row twice")
  func simultaneous() throws {
    let database = try AdoptedDatabase.french()
    try database.enrol()
    for round in 1...10 {
      let learner = try database.learner("s\(round)", given: "G\(round)", family: "F", email: nil)
      let failures = onThreads(6) { index in
        let session = try database.scratch.another()
        defer { session.close() }
        try AdoptedDatabase.record(learner, ["a", "b", "c"][index % 3], on: session)
      }
      #expect(failures.isEmpty, "\(failures)")
      #expect(
        try database.value(
          "select count(*)::text || ' ' || count(distinct p.grain)::text from passerelle.progress_rows p where p.learner = \(learner)"
        )
          == "3 3")
      #expect(
        try database.value("select score::float8::text from public.grades where learner = \(learner)") == "100")
    }
    #expect(try database.line("select count(*) from public.progressions") == "30")
  }

  @Test("A unique constraint of theirs is kept while staff insert the same row at that moment")
  func race() throws {
    let database = try AdoptedDatabase("adoption/french")
    try database.script("alter table public.progressions add unique (apprenant, grain)")
    try database.adopt(try AdoptedDatabase.fixture("adoption/french.map"))
    try database.enrol()
    let learner: String = try database.value("select learner::text from passerelle.identities")
    let staff = try database.scratch.another()
    defer { staff.close() }
    try staff.script("begin")
    try staff.script(
      "insert into public.progressions (apprenant, grain) select a.id, g.id from public.apprenants a, public.grains g where g.code = 'a'"
    )
    let failures = onThreads(2) { index in
      if index == 0 {
        let session = try database.scratch.another()
        defer { session.close() }
        // A report, which takes no turn among staff.
        try session.script("set passerelle.gives_way = 'on'")
        try AdoptedDatabase.record(learner, "a", score: 0.5, on: session)
      } else {
        Thread.sleep(forTimeInterval: 0.4)
        try staff.script("commit")
      }
    }
    #expect(failures.isEmpty, "\(failures)")
    #expect(
      try database.line("select count(*), min(statut), min(note)::float8 from public.progressions") == "1|termine|10")
  }

  @Test("A role with rights on their tables only edits progress, and the grade follows")
  func unprivileged() throws {
    let database = try AdoptedDatabase.french()
    try database.enrol()
    let role = "staff_\(database.scratch.name)"
    try database.script(
      """
      create role \(role) login password 'x';
      grant select, insert, update, delete on all tables in schema public to \(role);
      revoke all on public.grades from \(role);
      grant usage on all sequences in schema public to \(role);
      """)
    defer { try? database.script("drop owned by \(role); drop role \(role)") }
    let staff = try database.scratch.another(as: role, password: "x")
    defer { staff.close() }
    try staff.script(
      """
      insert into public.progressions (apprenant, grain, statut)
      select a.id, g.id, 'termine' from public.apprenants a, public.grains g where g.code in ('a', 'b')
      """)
    #expect(try database.grade() == "pending|66.66667")
    try staff.script("update public.progressions set note = 10")
    #expect(try database.grade() == "pending|33.33333")
    try staff.script("update public.grains set poids = 3 where code = 'a'")
    #expect(try database.grade() == "pending|40")
    try staff.script("delete from public.progressions")
    #expect(try database.grade() == "none|–")
    #expect(throws: PostgresError.self) { try staff.query("select from passerelle.identities") }
    try staff.script("delete from public.apprenants")
    #expect(try database.line("select count(*) from passerelle.enrolments") == "0")
  }

  @Test("Who or what is deleted takes along what the foreign keys took along before")
  func deletions() throws {
    let database = try AdoptedDatabase.french()
    try database.enrol()
    let learner: String = try database.value("select learner::text from passerelle.identities")
    try database.record(learner, "a")
    try database.script(
      """
      insert into passerelle.codes (code, enrolment, module, role, expires_at)
        select 'c', e.id, a.module, 'learner', now() from passerelle.enrolments e join passerelle.activities a on a.id = e.activity;
      insert into passerelle.sessions (token, enrolment, module, role, expires_at)
        select 't', e.id, a.module, 'learner', now() from passerelle.enrolments e join passerelle.activities a on a.id = e.activity;
      insert into passerelle.sessions (token, learner, deep_link, role, expires_at)
        select 'd', e.learner, '{}', 'instructor', now() from passerelle.enrolments e;
      """)
    func counts() throws -> String {
      try database.line(
        """
        select (select count(*) from passerelle.identities) as i, (select count(*) from passerelle.enrolments) as e,
          (select count(*) from passerelle.codes) as c, (select count(*) from passerelle.sessions) as s,
          (select count(*) from public.grades) as g, (select count(module) from passerelle.activities) as m
        """)
    }
    #expect(try counts() == "1|1|1|2|1|1")
    try database.script("delete from public.modules")
    #expect(try counts() == "1|1|0|1|1|0")
    try database.script("delete from public.apprenants")
    #expect(try counts() == "0|0|0|0|0|0")
  }
}
