import Adoption
import DirectusTestSupport
import Postgres
import TestSupport
import Testing

/// Activities that count their own progress, in tables of an institution's own: a column of Passerelle's beside theirs, or a line of
/// the map that is refused.
@Suite(.needsPostgres) struct AdoptedScopeTests {
  /// The French map with a scope of modules, and perhaps the columns that it needs.
  private static func map(scope: String?, activity: String? = "activity = yes") throws -> String {
    let map = try AdoptedDatabase.fixture("adoption/french.map")
    let modules = scope.map { "url         = adresse\nscope       = \($0)" } ?? "url         = adresse"
    return map.replacing("url         = adresse", with: modules) + (activity.map { "\($0)\n" } ?? "")
  }

  private static func line(_ beginning: String, of map: String) throws -> Int {
    let lines = map.split(separator: "\n", omittingEmptySubsequences: false)
    return try #require(lines.firstIndex { $0.hasPrefix(beginning) }) + 1
  }

  /// What is refused, each with its line.
  private func refused(_ map: String, in database: AdoptedDatabase) throws -> [String] {
    do throws(AdoptionProblem) {
      try database.adopt(map)
      Issue.record("the map was taken")
      return []
    } catch {
      guard case .map(let problems) = error else { throw error }
      return problems.problems.map(\.description)
    }
  }

  @Test("Where it cannot be, the map is refused by line")
  func impossible() throws {
    let database = try AdoptedDatabase.french(adopted: false)
    try database.script("alter table public.modules add column par_activite boolean not null default false")
    let before = try database.dump()
    for scope in ["activity", "par_activite"] {
      let map = try Self.map(scope: scope, activity: nil)
      #expect(
        try refused(map, in: database) == [
          "line \(try Self.line("scope", of: map)): a row of “progressions” does not say of which activity it is: the scope stays "
            + "“learner”, or [progress] adds the column with “activity = yes”"
        ])
    }
    let unknown = try Self.map(scope: "par_cours")
    #expect(
      try refused(unknown, in: database).first?.hasPrefix("line \(try Self.line("scope", of: unknown)): ") == true)
    try database.script("alter table public.progressions add unique (grain, apprenant)")
    let map = try Self.map(scope: "activity")
    #expect(
      try refused(map, in: database) == [
        "line \(try Self.line("activity", of: map)): “progressions” allows one row for each learner and grain (unique constraint on "
          + "apprenant, grain): no activity could count its own progress"
      ])
    try database.script("alter table public.progressions drop constraint progressions_grain_apprenant_key")
    #expect(try database.dump() == before)
    try database.script("alter table public.progressions add column passerelle_activity text")
    #expect(try refused(map, in: database).first?.contains("has a column “passerelle_activity” already") == true)
  }

  /// Two activities of one module, Ada in both, with a session in each.
  private func enrol(_ database: AdoptedDatabase) throws {
    try database.enrol()
    try database.script(
      """
      update passerelle.activities set title = 'Un', context_title = 'Cours A';
      insert into passerelle.activities (platform, resource_link_id, module, title, context_title)
        select a.platform, '2', a.module, 'Deux', 'Cours B' from passerelle.activities a;
      insert into passerelle.enrolments (learner, activity, subject, gradable)
        select e.learner, a.id, e.subject, true from passerelle.enrolments e, passerelle.activities a on conflict do nothing;
      insert into passerelle.sessions (token, enrolment, module, role, expires_at)
        select convert_to(a.resource_link_id, 'UTF8'), e.id, a.module, 'learner', now() + interval '1 day'
        from passerelle.enrolments e join passerelle.activities a on a.id = e.activity;
      """)
  }

  private func report(_ database: AdoptedDatabase, in activity: String, _ grain: String, score: Double? = nil) throws {
    let score = score.map { ",\"score\":\($0)" } ?? ""
    let outcome: String = try database.value(
      """
      select outcome from passerelle.progress_write(
        \(Array(activity.utf8)), \("[{\"slug\":\"\(grain)\",\"status\":\"completed\"\(score)}]")::json, 0)
      """)
    #expect(outcome == "accepted")
  }

  /// What is owed to the activities, in their order.
  private func owed(_ database: AdoptedDatabase) throws -> [String] {
    try database.scratch.values(
      """
      select coalesce(g.score::float8::text, '-') from passerelle.enrolments e
      join passerelle.activities a on a.id = e.activity left join public.grades g on g.id = e.id order by a.resource_link_id
      """)
  }

  private func rows(_ database: AdoptedDatabase) throws -> [String] {
    try database.scratch.values(
      """
      select concat_ws(' ', g.code, p.statut, p.note::float8, p.passerelle_activity_title)
      from public.progressions p join public.grains g on g.id = p.grain
      order by p.passerelle_activity_title nulls first, g.code
      """)
  }

  @Test("Each activity counts its own rows beside theirs: reported, begun anew, given to another learner, given back")
  func apart() throws {
    let database = try AdoptedDatabase.french(adopted: false)
    let before = try database.dump()
    let report = try database.adopt(try Self.map(scope: "activity"))
    #expect(report.words.contains { "\($0)".contains("public.progressions.passerelle_activity uuid") })
    try enrol(database)
    try self.report(database, in: "1", "a", score: 0.5)
    try self.report(database, in: "2", "a")
    try self.report(database, in: "2", "b")
    try self.report(database, in: "1", "a", score: 0.3)
    #expect(
      try rows(database) == ["a termine Deux · Cours B", "b termine Deux · Cours B", "a termine 10 Un · Cours A"])
    #expect(try owed(database) == ["16.66667", "66.66667"])
    // Staff who correct a row change what its activity is owed, and no other.
    try database.script("update public.progressions set note = 20 where passerelle_activity_title like 'Un%'")
    #expect(try owed(database) == ["33.33333", "66.66667"])
    let learner: String = try database.value("select learner::text from passerelle.identities")
    let again: String = try database.value(
      """
      select outcome from passerelle.restart(
        \(learner)::uuid, null, (select id from passerelle.activities where resource_link_id = '2'), 'keep')
      """)
    #expect(again == "restarted")
    #expect(try rows(database) == ["a termine 20 Un · Cours A"])
    #expect(try owed(database) == ["33.33333", "-"])
    let other = try database.learner("8", given: "Ada", family: "L2", email: nil)
    let merged: String = try database.value(
      "select outcome from passerelle.merge_learners(\(learner)::uuid, \(other)::uuid)")
    #expect(merged == "merged")
    #expect(try rows(database) == ["a termine 20 Un · Cours A"])
    #expect(
      try database.value("select count(*) from passerelle.progress_rows where learner = \(other)::uuid") == 1)
    try database.undo(forgets: true)
    try database.script(
      "truncate public.progressions, public.grains, public.modules, public.apprenants restart identity")
    #expect(try database.dump() == before)
  }

  @Test("A column of theirs says of each module whose progress counts; what it is changed to keeps what is recorded")
  func column() throws {
    let database = try AdoptedDatabase.french(adopted: false)
    try database.script("alter table public.modules add column par_activite boolean not null default false")
    try database.adopt(try Self.map(scope: "par_activite"))
    try enrol(database)
    try report(database, in: "1", "a", score: 0.5)
    #expect(try owed(database) == ["16.66667", "16.66667"])
    try database.script("update public.modules set par_activite = true")
    try report(database, in: "2", "a", score: 1)
    try report(database, in: "1", "b")
    // Each went on from the person's.
    #expect(try owed(database) == ["50", "33.33333"])
    try database.script("update public.modules set par_activite = false")
    #expect(try owed(database) == ["66.66667", "66.66667"])
    // Rows that name no activity any more are all the person's.
    try database.script("update public.modules set par_activite = true")
    try report(database, in: "1", "c")
    #expect(try owed(database) == ["100", "66.66667"])
    try database.adopt(try Self.map(scope: nil, activity: nil))
    #expect(try owed(database) == ["100", "100"])
  }

  @Test("Passerelle's own modules over a progress of theirs: refused in words without the column, possible with it")
  func ownModules() throws {
    let database = try AdoptedDatabase("adoption/french")
    try database.script("drop table public.progressions, public.grains, public.modules")
    try database.script(
      """
      create table public.suivi (
        id serial primary key, apprenant integer not null references public.apprenants (id) on delete cascade,
        grain uuid not null, fini boolean not null default false);
      """)
    let map = """
      [learners]
      table = apprenants
      given_name = prenom
      family_name = nom
      create = yes
      [progress]
      table = suivi
      learner = apprenant
      grain = grain
      completed = fini

      """
    try database.adopt(map)
    try database.script("insert into public.modules (slug, title) values ('m', 'M')")
    do throws(PostgresError) {
      try database.connection.script("update public.modules set scope = 'activity'")
      Issue.record("the scope was taken")
    } catch {
      #expect(error.debugDetail.contains("La progression est dans une collection de l’établissement"))
    }
    try database.adopt(map + "activity = yes\n")
    try database.script("update public.modules set scope = 'activity'")
    #expect(try database.value("select passerelle.counts_apart(m.id) from passerelle.module_rows m"))
  }
}
