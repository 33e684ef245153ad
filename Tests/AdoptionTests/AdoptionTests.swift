import Adoption
import Directus
import DirectusTestSupport
import Postgres
import Schema
import TestSupport
import Testing
import Wire

/// Putting a map in force, what then happens in tables of theirs, and giving them back.
@Suite(.needsPostgres) struct AdoptionTests {
  @Test("A rehearsal says what would be done and changes nothing", arguments: [false, true])
  func rehearsal(migrated: Bool) throws {
    let database =
      migrated
      ? try AdoptedDatabase("directus/system_tables_12", "adoption/directus_users", migrated: true)
      : try AdoptedDatabase.french(adopted: false)
    let map = try AdoptedDatabase.fixture(migrated ? "adoption/directus_users.map" : "adoption/french.map")
    let before = try database.dump()
    let report = try database.adopt(map, rehearsal: true)
    #expect(try database.dump() == before)
    #expect(report.words.first?.english.hasPrefix("new column public.") == true)
    #expect(report.statements.contains { $0.contains("create or replace view passerelle.progress_rows") })
    // No column of theirs is altered or dropped.
    #expect(!report.statements.contains { $0.contains("alter column") || $0.contains("drop column") })
    #expect(report.migrations.isEmpty == migrated)
    // What is tried is what is done.
    #expect(try database.adopt(map).statements == report.statements)
    #expect(try database.dump() != before)
  }

  @Test("Giving the collections back restores the schema exactly", arguments: [false, true])
  func undone(migrated: Bool) throws {
    let database =
      migrated
      ? try AdoptedDatabase("directus/system_tables_12", "adoption/directus_users", migrated: true)
      : try AdoptedDatabase.french(adopted: false)
    let before = try database.dump()
    try database.adopt(try AdoptedDatabase.fixture(migrated ? "adoption/directus_users.map" : "adoption/french.map"))
    try database.undo()
    #expect(try database.dump() == before)
    #expect(caught(AdoptionProblem.self) { try database.undo() }?.description == "no collections are adopted")
  }

  @Test("Rows of theirs are as they were; only new columns were added to them")
  func rowsStay() throws {
    let database = try AdoptedDatabase.french(adopted: false)
    try database.script(
      """
      insert into public.apprenants (nom, prenom) values ('L', 'Ada');
      insert into public.modules (code, titre) values ('m', 'M');
      insert into public.grains (module, code, titre) select id, 'a', 'A' from public.modules;
      insert into public.progressions (apprenant, grain, statut, note, date_updated)
        select a.id, g.id, 'termine', 15, '2020-01-01' from public.apprenants a, public.grains g;
      """)
    let rows = "select to_jsonb(p) - 'passerelle_id' from public.progressions p"
    let before = try database.line(rows)
    let map = try AdoptedDatabase.fixture("adoption/french.map")
    let report = try database.adopt(map)
    #expect(try Proposal.read(on: database.connection).text.hasSuffix("\n" + map))
    #expect(try database.line(rows) == before)
    #expect(report.counts == ["learners: 1", "modules: 1", "grains: 1", "progress: 1"])
    #expect(try database.line("select name, given_name, email from passerelle.learner_rows") == "Ada L|Ada|–")
    #expect(
      try database.line("select status, score, completed_at from passerelle.progress_rows")
        == "completed|0.75|–")
  }

  @Test("Other tables are refused while some are adopted, and a later migrate has nothing to do")
  func twice() throws {
    let database = try AdoptedDatabase.french()
    for (former, present) in [("= progressions", "= autres"), ("= apprenants", "= autres")] {
      let map = try fixture("adoption/french.map").replacing(former, with: present)
      do throws(AdoptionProblem) {
        try database.adopt(map)
        Issue.record("adopted twice")
      } catch {
        #expect("\(error)".contains("learners live in public.apprenants"), "\(error)")
      }
    }
    #expect(try AdoptedDatabase.migrator.pending(on: database.connection).isEmpty)
    #expect(try Adoption.collisions(on: database.connection).isEmpty)
  }

  @Test("Another map for the same tables: people and grades stay, what is owed follows, and the way back is whole")
  func changed() throws {
    let database = try AdoptedDatabase("adoption/french")
    let before = try database.dump().filter { !$0.hasPrefix("sequence") && !$0.hasPrefix("rows") }
    let map = try AdoptedDatabase.fixture("adoption/french.map")
    try database.adopt(map)
    try database.enrol()
    let learner: String = try database.value("select learner::text from passerelle.identities")
    try database.script("update public.grains set poids = 2 where code = 'a'")
    try database.record(learner, "a", score: 0.5)
    #expect(try database.grade() == "pending|25")
    // What cannot work leaves the former map in force.
    #expect(throws: AdoptionProblem.self) { try database.adopt(map.replacing("= poids", with: "= masse")) }
    let other = map.replacing("weight      = poids\n", with: "")
    let rehearsal = try database.adopt(other, rehearsal: true)
    #expect(try database.grade() == "pending|25")
    let report = try database.adopt(other)
    #expect(report.statements == rehearsal.statements)
    #expect(try database.grade() == "pending|16.66667")
    #expect(try database.value("select learner::text from passerelle.identities") == learner)
    #expect(try Proposal.read(on: database.connection).text.hasSuffix(other))
    // A map that names no column for scores adds one.
    let withoutScore = other.replacing("score        = note out of 20\n", with: "")
    #expect(
      try database.adopt(withoutScore).words[1].english.hasPrefix("new column public.progressions.passerelle_score"))
    #expect(try database.grade() == "pending|33.33333")
    try database.script("update public.progressions set passerelle_score = 0.25")
    #expect(try database.grade() == "pending|8.33333")
    let adopted = try #require(try Adopted.read(on: database.connection))
    #expect(try Examination.run(adopted, on: database.connection).problems.isEmpty)
    try database.undo(forgets: true)
    #expect(try database.dump().filter { !$0.hasPrefix("sequence") && !$0.hasPrefix("rows") } == before)
  }

  private func fixture(_ name: String) throws(AdoptionProblem) -> String {
    do { return try AdoptedDatabase.fixture(name) } catch { throw .refused(.same("\(error)")) }
  }

  @Test("People who were launched are forgotten only when that is said, and their progress stays")
  func forgets() throws {
    let database = try AdoptedDatabase.french()
    try database.enrol()
    try database.record(try database.value("select learner::text from passerelle.identities"), "a")
    do throws(AdoptionProblem) {
      try database.undo()
      Issue.record("given back")
    } catch {
      #expect("\(error)".contains("one platform"), "\(error)")
    }
    try database.undo(forgets: true)
    #expect(try database.line("select statut from public.progressions") == "termine")
    #expect(try database.line("select count(*) from pg_namespace where nspname = 'passerelle'") == "0")
  }

  @Test("The same in a database that Passerelle had before: identities, enrolments and grades go, platforms stay")
  func forgetsPeople() throws {
    let database = try AdoptedDatabase(migrated: true)
    try database.script("create table public.eleves (id bigserial primary key, nom text)")
    let before = try database.dump()
    try database.adopt("[learners]\ntable = eleves\nname = nom\ncreate = yes\n")
    try database.script(
      """
      insert into public.modules (slug, title) values ('m', 'M');
      insert into public.grains (module, slug, title) select id, 'a', 'A' from public.modules;
      insert into passerelle.platforms (name, issuer) values ('Moodle', 'https://moodle.example');
      insert into passerelle.activities (platform, resource_link_id, module)
        select p.id, '1', m.id from passerelle.platforms p, public.modules m;
      """)
    let learner = try database.learner("7", given: "Ada", family: "L", email: nil)
    try database.record(learner, "a")
    #expect(try database.grade() == "pending|100")
    do throws(AdoptionProblem) {
      try database.undo()
      Issue.record("given back")
    } catch {
      #expect("\(error)".contains("passerelle.identities: 1"), "\(error)")
      #expect("\(error)".contains("public.progress: 1"), "\(error)")
    }
    try database.undo(forgets: true)
    #expect(try database.line("select count(*) from public.grades") == "0")
    #expect(try database.line("select count(*) from passerelle.platforms") == "1")
    try database.script(
      """
      delete from public.grains; delete from public.modules; delete from public.eleves;
      delete from passerelle.platforms; alter sequence public.eleves_id_seq restart;
      """)
    let sequences = { (lines: [String]) in lines.filter { !$0.hasPrefix("sequence") } }
    #expect(sequences(try database.dump()) == sequences(before))
  }

  @Test("Learners alone, in one column, with a text key: the rest stays Passerelle's own")
  func learnersOnly() throws {
    let database = try AdoptedDatabase(migrated: true)
    try database.script(
      #"create table public."Élèves" ("Matricule" varchar(40) primary key, "Nom ""complet""" text not null, mel text)"#)
    try database.adopt(
      """
      [learners]
      table = "Élèves"
      name = "Nom ""complet""\"
      email = mel
      create = yes
      """)
    try database.script("insert into passerelle.platforms (name, issuer) values ('Moodle', 'https://moodle.example')")
    let id: String = try database.value(
      "select passerelle.learner_of(p.id, '7', 'Ada L', 'Ada', 'L', 'a@x.org', 'fr')::text from passerelle.platforms p")
    #expect(
      try database.line("select name, given_name, email, locale from passerelle.learner_rows") == "Ada L|–|a@x.org|fr")
    #expect(try database.line(#"select "Nom ""complet""" from public."Élèves""#) == "Ada L")
    let again: String = try database.value(
      "select passerelle.learner_of(p.id, '7', 'Ada M', null, null, null, null)::text from passerelle.platforms p")
    #expect(again == id)
    #expect(try database.line("select name, email from passerelle.learner_rows") == "Ada M|a@x.org")
  }

  @Test("What Directus was told of Passerelle's own collections goes with them, and comes back with them")
  func metadata() throws {
    let database = try AdoptedDatabase("directus/system_tables_12", "adoption/directus_users", migrated: true)
    let tables = try #require(try SystemTables.find(on: database.connection))
    _ = try database.installer(tables).install(on: database.connection)
    // An administrator's own words stay, and what they made of their own collections.
    try database.script(
      """
      update public.directus_collections set icon = 'star' where collection = 'grades';
      insert into public.directus_collections (collection, icon) values ('courses', 'school');
      insert into public.directus_fields (collection, field, note) values ('courses', 'title', 'theirs');
      """)
    func keys() throws -> [String] {
      try database.scratch.values(
        """
        select key from (
          select 'c ' || collection || ' ' || coalesce(icon, '') as key from public.directus_collections
          union all select 'f ' || collection || '.' || field || ' ' || coalesce(special, '') from public.directus_fields
          union all select 'r ' || many_collection || '.' || many_field from public.directus_relations
          union all select 'p ' || collection || coalesce(bookmark, '') from public.directus_presets
          union all select 't ' || key || language from public.directus_translations
          union all select 'n ' || table_name || purpose from passerelle.directus_rows) k order by 1
        """)
    }
    let before = try keys()
    let report = try database.adopt(try AdoptedDatabase.fixture("adoption/directus_users.map"))
    #expect(report.words.last?.english.hasPrefix("taken out of Directus's tables: ") == true)
    let adopted = try keys()
    #expect(adopted.filter { $0.hasPrefix("c ") } == ["c courses school", "c grades star", "c passerelle hub"])
    #expect(adopted.contains("f courses.title "))
    #expect(!adopted.contains { $0.hasPrefix("f learners.") || $0.hasPrefix("p progress") })
    // A link to a table that is gone is none; one to users of Directus is.
    #expect(before.contains("f grades.module m2o") && !adopted.contains("f grades.module m2o"))
    #expect(adopted.filter { $0.hasPrefix("r ") } == ["r grades.learner"])
    // The next migrate has nothing to add.
    #expect(try database.installer(tables).missing(on: database.connection).isEmpty)
    try database.undo()
    #expect(try keys() == before)
  }

  @Test("Of theirs with the names of Passerelle's own, Directus is told nothing")
  func collidingMetadata() throws {
    let database = try AdoptedDatabase("directus/system_tables_12", "adoption/french")
    try database.adopt(try AdoptedDatabase.fixture("adoption/french.map"))
    let tables = try #require(try SystemTables.find(on: database.connection))
    _ = try database.installer(tables).install(on: database.connection)
    #expect(
      try database.scratch.values("select collection from public.directus_collections order by 1") == [
        "grades", "passerelle",
      ])
    #expect(
      try database.scratch.values("select distinct collection from public.directus_fields") == ["grades"])
    // What is Passerelle's there could not be told any more once its schema is gone.
    do throws(AdoptionProblem) {
      try database.undo()
      Issue.record("given back")
    } catch {
      #expect("\(error)".contains("first run passerelle directus remove"), "\(error)")
    }
    _ = try database.installer(tables).remove(on: database.connection)
    try database.undo()
  }

  @Test("The rights that Directus's database role is told of are those on Passerelle's own tables: grades")
  func grants() throws {
    let database = try AdoptedDatabase("directus/system_tables_12", "adoption/french")
    try database.adopt(try AdoptedDatabase.fixture("adoption/french.map"))
    let role = "directus_\(database.scratch.name)"
    try database.script("create role \(role)")
    defer { try? database.script("drop owned by \(role); drop role \(role)") }
    let missing = try Grants.check(role: role, on: database.connection).missing
    #expect(
      missing.filter { $0.contains(" ON public.") } == [
        "GRANT SELECT, INSERT, UPDATE, DELETE ON public.grades TO \(role);"
      ])
    #expect(try MetadataInstaller.ownCollections(on: database.connection) == ["grades"])
  }

  @Test("No row is written to Directus's own tables for collections that are theirs")
  func noMetadata() throws {
    let database = try AdoptedDatabase("directus/system_tables_12", "adoption/directus_users")
    try database.adopt(try AdoptedDatabase.fixture("adoption/directus_users.map"))
    for table in ["collections", "fields", "relations", "presets", "permissions"] {
      #expect(try database.line("select count(*) from public.directus_\(table)") == "0", "\(table)")
    }
  }
}
