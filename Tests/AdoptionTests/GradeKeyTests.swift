import Adoption
import DirectusTestSupport
import Postgres
import Schema
import TestSupport
import Testing

/// The column by which a grade leads to a learner of theirs whose key is no uuid, and what Directus is told of it.
@Suite(.needsPostgres) struct GradeKeyTests {
  /// Passerelle's own tables but for learners, who are in a table with a key of that type.
  private func learners(_ key: String, directus: Bool = false) throws -> AdoptedDatabase {
    let database =
      directus
      ? try AdoptedDatabase("directus/system_tables_12", migrated: true) : try AdoptedDatabase(migrated: true)
    try database.script(
      """
      create table public.eleves (numero \(key) primary key, prenom text, nom text);
      insert into public.modules (slug, title) values ('m', 'M');
      insert into public.grains (module, slug, title) select id, 'a', 'A' from public.modules;
      insert into passerelle.platforms (name, issuer) values ('Moodle', 'https://moodle.example');
      insert into passerelle.activities (platform, resource_link_id, module)
        select p.id, '1', m.id from passerelle.platforms p, public.modules m;
      """)
    return database
  }

  private static let map = """
    [learners]
    table = eleves
    given_name = prenom
    family_name = nom
    create = yes

    """

  @Test(
    "A grade has the key of its learner, of the key's own type, with a foreign key and an index",
    arguments: [
      ("serial", "integer"), ("bigint generated always as identity", "bigint"),
      ("varchar(36)", "character varying(36)"),
      ("text", "text"),
    ])
  func types(key: String, type: String) throws {
    let database = try learners(key)
    let before = try database.dump()
    let report = try database.adopt(Self.map)
    #expect(
      report.words.prefix(2).map { $0.english.prefix { $0 != ":" } } == [
        "new column public.eleves.passerelle_id uuid not null default gen_random_uuid() unique",
        "new column public.grades.learner_key \(type)",
      ])
    let ada = try database.learner("7", given: "Ada", family: "L", email: nil)
    let alan = try database.learner("8", given: "Alan", family: "T", email: nil)
    for learner in [ada, alan] { try database.record(learner, "a") }
    #expect(
      try database.scratch.values(
        "select e.prenom from public.grades g join public.eleves e on e.numero = g.learner_key order by 1")
        == ["Ada", "Alan"])
    #expect(
      try database.line(
        """
        select count(*) from public.grades g join public.eleves e on e.numero = g.learner_key
        where e.passerelle_id = g.learner
        """) == "2")
    #expect(
      try database.line(
        "select format_type(atttypid, atttypmod) from pg_attribute where attrelid = 'public.grades'::regclass and attname = 'learner_key'"
      ) == type)
    #expect(
      try database.line(
        "select pg_get_constraintdef(oid) from pg_constraint where conname = 'grades_learner_key_fkey'")
        == "FOREIGN KEY (learner_key) REFERENCES eleves(numero) ON UPDATE CASCADE ON DELETE CASCADE")
    #expect(try database.line("select count(*) from pg_indexes where indexname = 'grades_learner_key'") == "1")
    try database.undo(forgets: true)
    try database.script("delete from public.eleves")
    // What was counted and drawn from sequences is not the schema.
    let schema = { (lines: [String]) in lines.filter { !$0.hasPrefix("sequence") && !$0.hasPrefix("rows") } }
    #expect(schema(try database.dump()) == schema(before))
  }

  @Test("A key of uuids needs no column")
  func uuid() throws {
    let database = try learners("uuid")
    let report = try database.adopt(Self.map)
    #expect(!report.words.contains { $0.english.contains("learner_key") })
    #expect(
      try database.line("select count(*) from pg_attribute where attname = 'learner_key' and not attisdropped") == "0")
  }

  @Test("Whoever deletes a learner deletes their grade and all else, at once or when the transaction ends")
  func deleted() throws {
    let database = try learners("serial")
    try database.adopt(Self.map)
    for constraints in ["deferred", "immediate"] {
      let ada = try database.learner("7", given: "Ada", family: "L", email: nil)
      let alan = try database.learner("8", given: "Alan", family: "T", email: nil)
      for learner in [ada, alan] { try database.record(learner, "a") }
      try database.script(
        "begin; set constraints all \(constraints); delete from public.eleves where prenom = 'Ada'; commit")
      #expect(try database.line("select count(*), min(learner::text) from public.grades") == "1|\(alan)")
      for table in ["identities", "enrolments"] {
        #expect(try database.line("select count(*), min(learner::text) from passerelle.\(table)") == "1|\(alan)")
      }
      #expect(try database.line("select count(*), min(learner::text) from public.progress") == "1|\(alan)")
    }
  }

  @Test("A key that they change is followed; a learner that somebody puts there is refused in words")
  func changed() throws {
    let database = try learners("text")
    try database.adopt(Self.map)
    let ada = try database.learner("7", given: "Ada", family: "L", email: nil)
    let alan = try database.learner("8", given: "Alan", family: "T", email: nil)
    try database.record(ada, "a")
    try database.script("update public.eleves set numero = 'A-1' where prenom = 'Ada'")
    #expect(try database.line("select learner_key from public.grades") == "A-1")
    try database.script("update public.grades set learner_key = 'A-1'")
    for value in ["(select numero from public.eleves where prenom = 'Alan')", "null"] {
      do throws(PostgresError) {
        try database.connection.script("update public.grades set learner_key = \(value)")
        Issue.record("changed to \(value)")
      } catch {
        #expect(error.sqlState == "23503")
        #expect("\(error.debugDetail)".contains("Une note reste à l’apprenant"), "\(error.debugDetail)")
      }
    }
    do throws(PostgresError) {
      try database.connection.execute("update public.grades set learner = \(alan)")
      Issue.record("another learner")
    } catch {
      #expect(error.constraint == "grades_stay", "\(error.debugDetail)")
    }
    // Where the program gives a grade to another learner, the key follows.
    try database.script(
      """
      begin;
      delete from passerelle.enrolments where learner = '\(alan)';
      update passerelle.enrolments set learner = '\(alan)' where learner = '\(ada)';
      update public.grades set learner = '\(alan)';
      commit
      """)
    #expect(
      try database.line("select e.prenom from public.grades g join public.eleves e on e.numero = g.learner_key")
        == "Alan")
  }

  @Test("Another map in force keeps it right, and gives it to who adopted before it was there")
  func anotherMap() throws {
    let database = try learners("serial")
    let before = try database.dump()
    try database.adopt(Self.map)
    let ada = try database.learner("7", given: "Ada", family: "L", email: nil)
    try database.record(ada, "a")
    try database.script(
      """
      update public.eleves set numero = 70;
      alter table public.grades disable trigger touch;
      update public.grades set date_updated = '2020-01-01';
      alter table public.grades enable trigger touch;
      """)
    let grade = "select learner_key, date_updated from public.grades"
    let state = try database.line(grade)
    #expect(state.hasPrefix("70|2020-01-01"))
    let adopted = try #require(try Adopted.read(on: database.connection))
    #expect(try Examination.run(adopted, on: database.connection).problems.isEmpty)
    let whole = Self.map.replacing("given_name = prenom\nfamily_name = nom", with: "name = nom")
    #expect(try database.adopt(whole).words.map(\.english) == ["another map for the same tables"])
    #expect(try database.line(grade) == state)

    // As it was where the program that adopted did not know of the column.
    try database.script(
      "drop function passerelle.adopted_grades_keyed cascade; alter table public.grades drop column learner_key")
    #expect(
      try Examination.run(adopted, on: database.connection).problems.map(\.english) == [
        "column learner_key of public.grades, which adoption added, is gone: put the map in force again",
        "trigger passerelle_keyed of public.grades is gone or disabled: edits do not count",
      ])
    #expect(try database.adopt(Self.map).words[1].english.hasPrefix("new column public.grades.learner_key integer"))
    #expect(try database.line(grade) == state)
    try database.script("alter table public.eleves alter column numero type bigint")
    #expect(
      try Examination.run(adopted, on: database.connection).problems.map(\.english) == [
        "column learner_key of public.grades is integer, and the key of public.eleves bigint: put the map in force again"
      ])
    try database.adopt(Self.map)
    #expect(try Examination.run(adopted, on: database.connection).problems.isEmpty)
    #expect(try database.line(grade) == state)
    try database.undo(forgets: true)
    try database.script(
      "delete from public.eleves; alter table public.eleves alter column numero type integer")
    let schema = { (lines: [String]) in lines.filter { !$0.hasPrefix("sequence") && !$0.hasPrefix("rows") } }
    #expect(schema(try database.dump()) == schema(before))
  }

  @Test("A column of that name that somebody gave to grades is not taken")
  func taken() throws {
    let database = try learners("serial")
    try database.script("alter table public.grades add column learner_key text")
    do throws(AdoptionProblem) {
      try database.adopt(Self.map)
      Issue.record("adopted")
    } catch {
      #expect("\(error)".contains("“grades” has a column “learner_key” already, which adoption would add"), "\(error)")
    }
  }
}
