import Adoption
import DirectusTestSupport
import Foundation
import Postgres
import TestSupport
import Testing

/// Maps that cannot work on the database that is there: refused before anything changes, with the line that says why.
@Suite(.needsPostgres) struct AdoptionRefusalTests {
  struct Change: Sendable, CustomTestStringConvertible {
    /// The line of french.map that is replaced, by its beginning within its section.
    let role: String
    let key: String
    let line: String
    let words: String
    var testDescription: String { "[\(role)] \(line.isEmpty ? "without \(key)" : line)" }

    init(_ role: String, _ key: String, _ line: String, _ words: String) {
      (self.role, self.key, self.line, self.words) = (role, key, line, words)
    }
  }

  /// More tables, none of which can be adopted in its place.
  private static let tables = """
    create table public.sans_cle (nom text);
    create table public.deux_cles (a integer, b integer, nom text, primary key (a, b));
    create table public.cle_date (jour date primary key, nom text);
    create view public.vue as select id, nom from public.apprenants;
    create type public.humeur as enum ('bonne', 'mauvaise');
    alter table public.progressions add column etat public.humeur, add column fini boolean, add column entier integer,
      add column petit numeric(3, 2), add column jamais timestamptz not null default now(),
      add column calcul boolean generated always as (note > 10) stored, add column texte text;
    """

  /// The text of the map with one line changed, and that line's number.
  private static func map(_ change: Change) throws -> (text: String, line: Int) {
    var lines = try AdoptedDatabase.fixture("adoption/french.map").split(
      separator: "\n", omittingEmptySubsequences: false
    ).map(String.init)
    var role = ""
    for (index, line) in lines.enumerated() {
      if line.hasPrefix("[") { role = String(line.dropFirst().dropLast()) }
      if role == change.role, line.split(separator: " ").first.map(String.init) == change.key {
        lines[index] = change.line
        return (lines.joined(separator: "\n"), index + 1)
      }
    }
    throw NoSuchLine(change: change)
  }

  struct NoSuchLine: Error { let change: Change }

  @Test(
    "Nothing that people sign in with is mapped, so that nobody is asked to grant it",
    arguments: ["password", "token", "tfa_secret", "auth_data"])
  func secrets(column: String) throws {
    let database = try AdoptedDatabase("directus/system_tables_12", "adoption/directus_users")
    let map = try AdoptedDatabase.fixture("adoption/directus_users.map")
    for key in ["email       = email", "locale      = language", "family_name = last_name"] {
      let changed = map.replacing(key, with: "\(key.prefix { $0 != "=" })= \(column)")
      #expect(changed != map)
      for refused in [
        caught(AdoptionProblem.self) { try database.adopt(changed) },
        caught(AdoptionProblem.self) { try Adoption.ownersPart(changed, on: database.connection) },
      ] {
        #expect(
          refused?.description.contains("column “\(column)” of “directus_users” is what people sign in with") == true,
          "\(String(describing: refused))")
      }
    }
  }

  @Test("What PostgreSQL refuses for a reason that somebody can mend is said in words")
  func words() {
    for state in ["55P03", "42501"] {
      let error = PostgresError(.server, sqlState: state, "\(state) raw words", debugDetail: "raw words")
      let problem = AdoptionProblem.statement("alter table public.x add column y uuid", error)
      #expect(!problem.description.contains("raw words"))
      #expect(problem.description.contains(state == "55P03" ? "choose a quieter moment" : "may not run this"))
    }
  }

  @Test(
    "A map that cannot work is refused, and the line is named",
    arguments: [
      Change("learners", "table", "table = eleves", "there is no table “eleves”"),
      Change("learners", "table", "table = Apprenants", "there is one called “apprenants”"),
      Change("learners", "table", "table = directus_roles", "there is no table"),
      Change("learners", "table", "table = sans_cle", "no primary key"),
      Change("learners", "table", "table = deux_cles", "a key of several columns (a, b)"),
      Change("learners", "table", "table = cle_date", "the key of “cle_date” is of type date"),
      Change("learners", "table", "table = vue", "not an ordinary table"),
      Change("grains", "table", "table = modules", "stands for two roles"),
      Change("learners", "given_name", "given_name = prenoms", "has no column “prenoms”; its columns: id, nom, prenom"),
      Change("learners", "email", "email = date_created", "which cannot hold an e-mail address"),
      Change("modules", "active", "active = statut", "say which word means yes"),
      Change("modules", "active", "active = statut is en_ligne", "“en_ligne” is not allowed in column “statut”"),
      Change("modules", "grading", "grading = regle is integralement_tout_ou_rien", "longer than column “regle” holds"),
      Change("grains", "module", "module = titre", "say which column of “modules” it holds"),
      Change("grains", "module", "module = titre holds regle", "not unique"),
      Change("grains", "module", "module = titre holds sigle", "no column “sigle” that a link could hold"),
      Change("grains", "weight", "weight = titre", "which cannot hold a weight"),
      Change("progress", "learner", "learner = grain", "leads to “grains”, not to “apprenants”"),
      Change("progress", "grain", "grain = texte", "say which column of “grains” it holds"),
      Change("progress", "grain", "grain = texte holds code", "column “code” of “grains” is not unique"),
      Change("progress", "grain", "grain = entier holds titre", "not unique"),
      Change("progress", "completed", "completed = statut", "say which word means yes"),
      Change("progress", "completed", "completed = statut is termine", "else WORD"),
      Change("progress", "completed", "completed = statut is fini else en_cours", "“fini” is not allowed"),
      Change("progress", "completed", "completed = statut is termine else debut", "“debut” is not allowed"),
      Change("progress", "completed", "completed = etat is bonne else mauvaise", "is of type public.humeur"),
      Change("progress", "completed", "completed = fini is vrai else faux", "needs no word"),
      Change("progress", "completed", "completed = calcul", "generated"),
      Change("progress", "completed", "completed = jamais", "can never be empty"),
      Change("progress", "score", "score = note out of 100", "“100” is not allowed in column “note”"),
      Change("progress", "score", "score = petit out of 20", "cannot hold 20"),
      Change("progress", "score", "score = entier out of 1", "whole numbers"),
      Change("progress", "score", "score = statut out of 20", "which cannot hold a score"),
      Change("progress", "completed_at", "completed_at = jamais", "can never be empty"),
      Change("progress", "completed_at", "completed_at = texte", "which cannot hold a date"),
    ])
  func refused(change: Change) throws {
    let database = try AdoptedDatabase.french(adopted: false)
    try database.script(Self.tables)
    let before = try database.dump()
    let (text, line) = try Self.map(change)
    do throws(AdoptionProblem) {
      try database.adopt(text)
      Issue.record("the map was taken")
    } catch {
      guard case .map(let problems) = error else { throw error }
      #expect(
        problems.problems.contains { $0.line == line && $0.problem.english.contains(change.words) }, "\(problems)")
    }
    #expect(try database.dump() == before)
  }

  @Test("A column that must have a value which nobody would give is named with its table's line")
  func uninsertable() throws {
    let database = try AdoptedDatabase.french(adopted: false)
    try database.script(
      """
      alter table public.progressions add column salle text not null;
      alter table public.apprenants add column matricule text not null;
      """)
    let map = try AdoptedDatabase.fixture("adoption/french.map")
    do throws(AdoptionProblem) {
      try database.adopt(map)
      Issue.record("the map was taken")
    } catch {
      guard case .map(let problems) = error else { throw error }
      let numbers = map.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
        .filter { $0.element.hasSuffix("= apprenants") || $0.element.hasSuffix("= progressions") }.map { $0.offset + 1 }
      #expect(problems.problems.map(\.line) == numbers)
      #expect(problems.problems.allSatisfy { $0.problem.english.contains("must have a value") })
    }
  }

  @Test("Slugs that occur twice among active grains are refused: a page could not say which it means")
  func slugsTwice() throws {
    let database = try AdoptedDatabase.french(adopted: false)
    try database.script(
      """
      alter table public.grains drop constraint grains_module_code_key;
      insert into public.modules (code, titre) values ('m', 'M');
      insert into public.grains (module, code, titre) select id, 'a', t from public.modules, unnest(array['A', 'B']) t;
      """)
    let map = try AdoptedDatabase.fixture("adoption/french.map")
    do throws(AdoptionProblem) {
      try database.adopt(map)
      Issue.record("the map was taken")
    } catch {
      guard case .map(let problems) = error else { throw error }
      #expect(problems.problems.count == 1)
      #expect(problems.problems.first?.problem.english == "several active grains of module “m” have the slug “a”")
    }
    try database.script("update public.grains set statut = 'archive' where titre = 'B'")
    try database.adopt(map)
  }

  @Test("Tables of another database role are refused with that role's name")
  func foreignOwner() throws {
    let database = try AdoptedDatabase.french(adopted: false)
    let role = "owner_\(database.scratch.name)"
    try database.script(
      "create role \(role) login password 'x'; grant create on database \(database.scratch.name) to \(role); grant all on schema public to \(role)"
    )
    defer {
      try? database.script("drop owned by \(role); drop role \(role)")
    }
    let session = try database.scratch.another(as: role, password: "x")
    defer { session.close() }
    do throws(AdoptionProblem) {
      _ = try Adoption.adopt(
        "[learners]\ntable = apprenants\nname = nom\ncreate = yes\n[modules]\ntable = modules\ntitle = titre\n[grains]\n"
          + "table = grains\nmodule = module\ntitle = titre\n", migrator: .init([]), on: session)
      Issue.record("the map was taken")
    } catch {
      #expect("\(error)".contains("owner") || "\(error)".contains("belongs to the database role"), "\(error)")
    }
  }

  @Test("Where Passerelle works as another role than the one that adopts, that role gets its rights on the tables")
  func otherWorker() throws {
    let database = try AdoptedDatabase("adoption/french")
    try database.script("create schema passerelle")
    let role = "worker_\(database.scratch.name)"
    try database.script("create role \(role); alter schema passerelle owner to \(role)")
    defer { try? database.script("drop owned by \(role) cascade; drop role \(role)") }
    func rights() throws -> [String] {
      try database.scratch.values(
        """
        select c.relname || ' ' || string_agg(lower(a.privilege_type), ' ' order by a.privilege_type)
        from pg_class c cross join lateral aclexplode(c.relacl) a
        where a.grantee = \(role)::regrole and c.relname in ('apprenants', 'modules', 'grains', 'progressions')
        group by c.relname order by c.relname
        """)
    }
    try database.adopt(try AdoptedDatabase.fixture("adoption/french.map"), rehearsal: true)
    #expect(try rights() == [])
    try database.adopt(try AdoptedDatabase.fixture("adoption/french.map"))
    // No more than what is done with each.
    #expect(
      try rights() == [
        "apprenants delete insert references select trigger update", "grains select trigger", "modules select trigger",
        "progressions delete insert select trigger update",
      ])
  }

  @Test("Passerelle's own tables in use are not hidden, and what refers to them is named")
  func ownTablesInUse() throws {
    let database = try AdoptedDatabase(migrated: true)
    try database.script(
      """
      create table public.eleves (id serial primary key, nom text);
      insert into public.learners (name) values ('A'), ('B');
      """)
    let map = "[learners]\ntable = eleves\nname = nom\ncreate = yes\n"
    #expect(throws: AdoptionProblem.self) { try database.adopt(map) }
    do throws(AdoptionProblem) { try database.adopt(map) } catch {
      #expect("\(error)".contains("public.learners holds 2 rows"), "\(error)")
    }
    try database.script(
      """
      delete from public.learners;
      create table public.badges (id serial primary key, learner uuid references public.learners (id));
      """)
    do throws(AdoptionProblem) {
      try database.adopt(map)
      Issue.record("the map was taken")
    } catch {
      #expect("\(error)".contains("public.badges refers to Passerelle's own table of learners"), "\(error)")
    }
  }

  @Test("Names that collide must be adopted, and a table called grades cannot be")
  func collisions() throws {
    let database = try AdoptedDatabase("adoption/french")
    let learners = "[learners]\ntable = apprenants\nname = nom\ncreate = yes\n"
    do throws(AdoptionProblem) {
      try database.adopt(learners)
      Issue.record("the map was taken")
    } catch {
      #expect("\(error)".contains("public.grains is there already and is not Passerelle's"), "\(error)")
    }
    #expect(try Adoption.collisions(on: database.connection) == ["grains", "modules"])
    try database.script("create table public.grades (id serial primary key)")
    let map = try AdoptedDatabase.fixture("adoption/french.map")
    do throws(AdoptionProblem) {
      try database.adopt(map)
      Issue.record("the map was taken")
    } catch {
      #expect("\(error)".contains("public.grades is there already"), "\(error)")
    }
  }
}
