import Adoption
import DirectusTestSupport
import Foundation
import Postgres
import Schema
import TestSupport
import Testing

/// Adoption where the institution's tables belong to Directus's role and Passerelle's owner is another, as in every real database.
@Suite(.needsPostgres) struct AdoptionOwnerTests {
  /// A database of an institution, a role that owns all that is in it, and Passerelle's owner, who may make things and no more.
  private final class Place {
    let database: AdoptedDatabase
    let institution: PlainRole
    let owner: String
    let session: Connection
    let map: String
    let tables: [String]

    init(_ name: String) throws {
      database = try AdoptedDatabase("directus/system_tables_12", "adoption/\(name)")
      institution = try PlainRole(database.scratch, granted: false)
      for table in try database.scratch.values("select tablename::text from pg_tables where schemaname = 'public'") {
        try database.connection.execute(
          "alter table public.\(identifier: table) owner to \(identifier: institution.name)")
      }
      owner = "passerelle_\(database.scratch.name)"
      try database.script(
        """
        create role \(owner) login password 'x';
        grant create on database \(database.scratch.name) to \(owner);
        -- Directus's role makes tables of collections there, and their indexes.
        grant create on schema public to \(owner), "\(institution.name)";
        """)
      session = try database.scratch.another(as: owner, password: "x")
      map = try AdoptedDatabase.fixture("adoption/\(name).map")
      tables =
        name == "french"
        ? ["apprenants", "modules", "grains", "progressions"]
        : ["courses", "lessons", "lesson_progress", "directus_users"]
    }

    deinit {
      session.close()
      try? database.script("drop owned by \(owner) cascade; drop role \(owner)")
    }

    @discardableResult
    func adopt(rehearsal: Bool = false) throws(AdoptionProblem) -> Adoption.Report {
      try Adoption.adopt(
        map, migrator: AdoptedDatabase.migrator, on: session, witness: nil, isRehearsal: rehearsal)
    }

    /// Columns, indexes and triggers of the institution's own tables.
    func shape() throws -> [String] {
      try database.dump().filter { line in
        tables.contains {
          line.hasPrefix("column public.\($0).") || line.contains(" ON public.\($0) ") && !line.hasPrefix("function ")
        }
      }
    }
  }

  private static let institutions = ["french", "directus_users"]

  @Test(
    "To propose and to try needs only looking; each says which grants it lacks, and nothing changes",
    arguments: institutions)
  func looking(_ name: String) throws {
    let place = try Place(name)
    let lacking = try Proposal.read(on: place.session).lacking
    #expect(lacking.count == 4 - (name == "directus_users" ? 1 : 0) + 1, "\(lacking)")
    #expect(
      lacking.allSatisfy { $0.hasPrefix("GRANT SELECT ON public.") && $0.hasSuffix(" TO \(place.owner);") },
      "\(lacking)")
    for grant in lacking { try place.institution.connection.script(grant) }
    let proposal = try Proposal.read(on: place.session)
    #expect(proposal.lacking.isEmpty && proposal.text.contains("[progress]"))
    for grant in lacking {
      try place.institution.connection.script(
        grant.replacing("GRANT", with: "REVOKE").replacing(" TO ", with: " FROM "))
    }

    let before = try place.database.dump()
    let tried = try place.adopt(rehearsal: true)
    #expect(tried.statements.contains { $0.hasPrefix("create or replace view passerelle.learner_rows") })
    #expect(tried.warnings.first?.english.contains("belong to the database role \(place.institution.name)") == true)
    let refused = caught(AdoptionProblem.self) { try place.adopt() }
    #expect(refused?.description.contains("passerelle directus adopt --map FILE --sql > adoption.sql") == true)
    #expect(refused?.description.contains("must be owner") == false)
    #expect(try place.database.dump() == before)
  }

  @Test(
    "The owner runs the script, then adoption does the rest; edits count, a later release makes everything anew, nobody is a member of anybody",
    arguments: institutions)
  func apart(_ name: String) throws {
    let place = try Place(name)
    let before = try place.shape()
    let part = try Adoption.ownersPart(place.map, on: place.session)
    #expect(part.owner == place.institution.name && !part.isEmpty)
    let script = part.script(for: "ours.map")
    #expect(script.contains("begin;\n") && script.hasSuffix("\ncommit;\n") && !script.lowercased().contains("member"))
    try place.institution.connection.script(script)
    #expect(try Adoption.ownersPart(place.map, on: place.session).isEmpty)
    try place.adopt()

    #expect(
      try place.database.value(
        "select count(*) from pg_auth_members m where pg_get_userbyid(m.member) in (\(place.owner), \(place.institution.name))"
      )
        == 0)
    #expect(try AdoptedDatabase.migrator.differences(on: place.session) == [])
    if name == "directus_users" {
      for column in ["password", "token", "tfa_secret", "auth_data"] {
        #expect(
          try place.database.value(
            "select not has_column_privilege(\(place.owner), 'public.directus_users', \(column), 'select')"),
          "\(column)")
      }
      #expect(
        try place.database.value(
          "select has_column_privilege(\(place.owner), 'public.directus_users', 'email', 'select')"))
    } else {
      try place.database.enrol()
      let learner: String = try place.database.value("select learner::text from passerelle.identities")
      try AdoptedDatabase.record(learner, "a", on: place.session)
      #expect(try place.database.grade() == "pending|33.33333")
      try place.institution.connection.script("update public.progressions set note = 10")
      #expect(try place.database.grade() == "pending|16.66667")
      try place.institution.connection.script("delete from public.progressions")
      #expect(try place.database.grade() == "none|–")
    }

    // As after an update of the program.
    try place.session.script(
      """
      delete from passerelle.functions_made;
      create or replace function passerelle.utc(p_instant timestamptz) returns text language sql as 'select null::text'
      """)
    #expect(try AdoptedDatabase.migrator.migrate(on: place.session).madeFunctions)
    #expect(try AdoptedDatabase.migrator.differences(on: place.session) == [])

    // What takes it back refuses in words to run too early.
    let undoing = try Adoption.ownersUndoing(on: place.session)
    let early = caught(PostgresError.self) { try place.institution.connection.script(undoing.script) }
    #expect(
      early?.debugDetail.contains("first run passerelle directus adopt --undo") == true, "\(String(describing: early))")
    try? place.institution.connection.script("rollback")
    let report = try Adoption.undo(
      forgets: true, migrator: AdoptedDatabase.migrator, on: place.session, witness: nil)
    #expect(report.scriptForOwner == undoing.script)
    try place.institution.connection.script(undoing.script)
    #expect(try place.shape() == before)
  }

  @Test("Where Passerelle's role may make nothing in the database it is told the grants, and nothing of PostgreSQL's")
  func mayMakeNothing() throws {
    let place = try Place("french")
    try place.institution.connection.script(
      try Adoption.ownersPart(place.map, on: place.session).script(for: "ours.map"))
    try place.database.script(
      """
      revoke create on schema public from \(place.owner);
      revoke create on database \(place.database.scratch.name) from \(place.owner)
      """)
    let grants = [
      "GRANT CREATE ON DATABASE \(place.database.scratch.name) TO \(place.owner);",
      "GRANT USAGE, CREATE ON SCHEMA public TO \(place.owner);",
    ]
    for rehearsal in [true, false] {
      #expect(caught(AdoptionProblem.self) { try place.adopt(rehearsal: rehearsal) } == .migration(.rights(grants)))
    }
    for grant in grants { try place.database.script(grant) }
    try place.adopt()
  }

  @Test("Where the map does not fit the tables any more, giving them back leaves their owner a script all the same")
  func undoingWithoutAFit() throws {
    let place = try Place("french")
    let before = try place.shape()
    try place.institution.connection.script(
      try Adoption.ownersPart(place.map, on: place.session).script(for: "ours.map"))
    try place.adopt()
    try place.institution.connection.script("alter table public.apprenants rename langue to parle")
    let report = try Adoption.undo(
      forgets: true, migrator: AdoptedDatabase.migrator, on: place.session, witness: nil)
    let script = try #require(report.scriptForOwner)
    #expect(script.contains("drop column if exists") && script.contains("as the role \(place.institution.name):"))
    try place.institution.connection.script(script)
    try place.institution.connection.script("alter table public.apprenants rename parle to langue")
    #expect(try place.shape() == before)
  }

  @Test("A table that is gone does not keep the others from being given back")
  func goneTable() throws {
    let database = try AdoptedDatabase.french()
    try database.script("drop table public.apprenants cascade")
    try database.undo()
    #expect(
      try database.value("select count(*) from pg_attribute where attname = 'passerelle_id' and not attisdropped") == 0)
  }

  @Test("An index that an older snapshot dropped is named by the examination, with who puts it back")
  func index() throws {
    let database = try AdoptedDatabase("directus/system_tables_12", "adoption/directus_users", migrated: true)
    try database.script("drop index public.lesson_progress_user")
    try database.adopt(try AdoptedDatabase.fixture("adoption/directus_users.map"))
    let indexes = try database.scratch.values(
      "select indexname::text from pg_indexes where indexname like 'passerelle_progress%'")
    guard indexes == ["passerelle_progress_learner"] else {
      Issue.record("the fixture has an index of its own: \(indexes)")
      return
    }
    try database.script("drop index public.passerelle_progress_learner")
    let adopted = try #require(try Adopted.read(on: database.connection))
    #expect(
      try Examination.run(adopted, on: database.connection).mended.map(\.english) == [
        "the index on public.lesson_progress, by which a learner's rows are found, is gone or a former release's"
      ])
    try AdoptedDatabase.migrator.migrate(on: database.connection)
    #expect(try Examination.run(adopted, on: database.connection).problems == [])
    #expect(try Examination.run(adopted, on: database.connection).mended == [])
    let made = try database.scratch.values(
      "select indexdef from pg_indexes where indexname = 'passerelle_progress_learner'")
    #expect(made.count == 1 && made[0].hasSuffix(#"btree ("user", lesson)"#), "\(made)")

    // A former release's, which Directus 11 and 12 show as the column's.
    try database.script(
      """
      drop index public.passerelle_progress_learner;
      create index passerelle_progress_learner on public.lesson_progress ("user");
      """)
    #expect(try Examination.run(adopted, on: database.connection).mended.count == 1)
    try AdoptedDatabase.migrator.migrate(on: database.connection)
    #expect(
      try database.scratch.values("select indexdef from pg_indexes where indexname = 'passerelle_progress_learner'")
        == made)
  }

  @Test("A column that is missing, dropped or new in a release, is added by migrate to a table that is ours to alter")
  func column() throws {
    let database = try AdoptedDatabase("directus/system_tables_12", "adoption/directus_users", migrated: true)
    try database.adopt(try AdoptedDatabase.fixture("adoption/directus_users.map"))
    // The adoption of a release that knew nothing of the column.
    try database.script(
      """
      alter table public.lesson_progress drop column passerelle_score cascade;
      update passerelle.adoption
        set undo = array_to_string(array(select s from unnest(string_to_array(undo, E';\\n')) s where s !~ 'score'), E';\\n');
      """)
    let adopted = try #require(try Adopted.read(on: database.connection))
    #expect(
      try Examination.run(adopted, on: database.connection).mended.map(\.english) == [
        "column passerelle_score of public.lesson_progress, which adoption added, is gone"
      ])
    for _ in 1...2 {
      try AdoptedDatabase.migrator.migrate(on: database.connection)
      let examination = try Examination.run(adopted, on: database.connection)
      #expect(examination.problems == [] && examination.mended == [])
      #expect(try AdoptedDatabase.migrator.differences(on: database.connection) == [])
    }
    #expect(try database.value("select count(*) from passerelle.progress_rows where score is null") == 0)
    let there: Statement = """
      select count(*) from pg_attribute where attrelid = 'public.lesson_progress'::regclass and attname = 'passerelle_score'
        and not attisdropped
      """
    #expect(try database.value(there) == 1)
    try database.undo()
    #expect(try database.value(there) == 0)
  }

  @Test("A row's uuid is no such column: new ones would be other people's, and somebody has to act")
  func uuid() throws {
    let database = try AdoptedDatabase.french()
    try database.script("alter table public.apprenants drop column passerelle_id cascade")
    let adopted = try #require(try Adopted.read(on: database.connection))
    let examination = try Examination.run(adopted, on: database.connection)
    #expect(examination.mended == [])
    #expect(
      examination.problems.first?.english
        == "column passerelle_id of public.apprenants, which adoption added, is gone")
    #expect(throws: MigrationError.self) { try AdoptedDatabase.migrator.migrate(on: database.connection) }
  }
}
