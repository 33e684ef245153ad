import Adoption
import DirectusTestSupport
import Foundation
import Postgres
import Schema
import TestSupport
import Testing

/// The databases of every release come up to this one (Tests/schema-dump makes the files).
@Suite(.needsPostgres) struct UpgradeTests {
  private static let shapes = ["own", "french", "directus_users"]
  /// `first` has the first file of tables alone: every later one is run over its rows.
  private static let releases = ["1.0.0-first", "1.0.0"]

  private static let cases = releases.flatMap { release in shapes.map { (release, $0) } }

  /// The catalogue, without what the rows decide, and without the institution's own checks, which PostgreSQL prints otherwise
  /// once they were dumped and restored (they have the names that it gives; ours have their own), and without Directus's tables,
  /// which are of another version now.
  private func catalogue(_ database: AdoptedDatabase) throws -> [String] {
    try database.dump().filter {
      !$0.hasPrefix("rows ") && !$0.hasPrefix("sequence ") && !$0.contains("_check CHECK (")
        && (!$0.contains("directus_") || $0.contains("passerelle"))
    }
  }

  /// How many rows each table holds that a migration has no business with.
  private func rows(_ database: AdoptedDatabase) throws -> Set<String> {
    let machinery = ["rows passerelle.migrations ", "rows passerelle.functions_made "]
    return Set(
      try database.dump().filter { line in
        line.hasPrefix("rows ") && !machinery.contains { line.hasPrefix($0) }
      })
  }

  private func fresh(_ shape: String) throws -> AdoptedDatabase {
    switch shape {
    case "own": return try AdoptedDatabase(migrated: true)
    case "french": return try AdoptedDatabase.french()
    default:
      let database = try AdoptedDatabase("directus/system_tables_12", "adoption/directus_users")
      try database.adopt(try AdoptedDatabase.fixture("adoption/directus_users.map"))
      return database
    }
  }

  @Test("A release's database becomes a fresh one's equal, and every grade is what the progress says", arguments: cases)
  func upgraded(release: String, shape: String) throws {
    let database = try AdoptedDatabase("schema/\(release)-\(shape)")
    try database.script("reset all")
    let rows = try rows(database)
    try AdoptedDatabase.migrator.migrate(on: database.connection)
    #expect(try rows.subtracting(self.rows(database)) == [])
    #expect(try AdoptedDatabase.migrator.differences(on: database.connection) == [])
    #expect(try catalogue(database) == catalogue(try fresh(shape)))
    #expect(try database.value("select count(*) from public.grades") == 3)
    #expect(try database.line("select count(*) from public.grades where status = 'delivered'") == "1")
    try expectOwed(database)

    // Another click, an edit of the catalogue, and all of it once more.
    let before: [String] = try grades(database)
    let learner: String = try database.value("select learner::text from passerelle.identities where subject = '2'")
    try database.record(learner, "unb", score: 0.75)
    #expect(try grades(database) != before)
    try expectOwed(database)
    try database.script("select passerelle.owe_module(m.id) from passerelle.module_rows m")
    try expectOwed(database)
    if shape != "own" {
      try database.undo(forgets: true)
      let isThere: Bool = try database.value("select to_regclass('passerelle.platforms') is not null")
      #expect(isThere == (shape == "directus_users"))
      if isThere { #expect(try AdoptedDatabase.migrator.differences(on: database.connection) == []) }
    }
  }

  @Test("A seam function that somebody replaced is named, and the next migrate makes the map's again")
  func replacedSeam() throws {
    let database = try AdoptedDatabase.french()
    let migrator = AdoptedDatabase.migrator
    #expect(try migrator.differences(on: database.connection) == [])
    try database.script(
      """
      create or replace function passerelle.learner_update(
        p_learner uuid, p_name text, p_given_name text, p_family_name text, p_email text, p_locale text) returns void
      language sql as 'select null::void';
      drop trigger passerelle_updated on public.progressions;
      """)
    let words = try migrator.differences(on: database.connection).map(\.words.english)
    #expect(words.count == 2 && words[0].hasPrefix("function passerelle.learner_update("), "\(words)")
    #expect(words.last == "trigger passerelle_updated on public.progressions is missing")
    #expect(try migrator.migrate(on: database.connection).madeFunctions)
    #expect(try database.value("select prosrc ~ 'apprenants' from pg_proc where proname = 'learner_update'"))
    #expect(try migrator.differences(on: database.connection) == [])
  }

  @Test("A map that does not fit any more is refused by its line, and nothing is changed")
  func unfitMap() throws {
    let database = try AdoptedDatabase.french()
    try database.script(
      """
      alter table public.apprenants rename langue to parle;
      create or replace function passerelle.utc(p_instant timestamptz) returns text language sql as 'select null::text';
      """)
    do throws(MigrationError) {
      try AdoptedDatabase.migrator.migrate(on: database.connection)
      Issue.record("migrated")
    } catch {
      #expect(error.description.contains("line ") && error.description.contains("“langue”"), "\(error)")
    }
    #expect(try database.value("select passerelle.utc(now()) is null"))
  }

  private func grades(_ database: AdoptedDatabase) throws -> [String] {
    try database.scratch.values("select concat_ws(' ', id, status, score) from public.grades order by id")
  }

  /// What each enrolment is owed, worked out without the program's functions, is what stands in the grades.
  private func expectOwed(_ database: AdoptedDatabase) throws {
    let wrong = try database.scratch.values(
      """
      with standing as (
        select e.id, m.grading, count(*) as total, count(p.grain) as completed,
               sum(g.weight::numeric * coalesce(p.score::numeric, 1)) filter (where p.grain is not null) / sum(g.weight::numeric)
                 * coalesce(a.line_item_maximum, 100) as score
        from passerelle.enrolments e
        join passerelle.activities a on a.id = e.activity
        join passerelle.module_rows m on m.id = a.module
        join passerelle.grain_rows g on g.module = m.id and g.status = 'active'
        left join passerelle.progress_rows p on p.learner = e.learner and p.grain = g.id and p.status = 'completed'
        group by e.id, m.grading, a.line_item_maximum)
      select concat_ws(' ', s.id, s.score, t.score)
      from standing s
      left join public.grades t on t.id = s.id and t.status <> 'none'
      where t.score is distinct from (
        case when s.completed > 0 and (s.grading <> 'all-or-nothing' or s.completed = s.total) then round(s.score, 5)::float8 end)
      """)
    #expect(wrong == [])
  }
}
