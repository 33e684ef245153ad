import Directus
import DirectusTestSupport
import Foundation
import Postgres
import TestSupport
import Testing

/// Installation and removal on the three shapes.
@Suite(.needsPostgres) struct InstallerTests {
  private static func installer(_ database: ScratchDirectus) throws -> MetadataInstaller {
    try MetadataInstaller(
      try #require(try SystemTables.find(on: database.connection)), learners: nil, on: database.connection)
  }

  @Test(
    "A second installation finds nothing missing and leaves every row as it is", arguments: SystemTablesTests.shapes)
  func twice(_ shape: SystemTables.Shape) throws {
    let database = try ScratchDirectus(shape)
    let installer = try Self.installer(database)
    #expect(try installer.missing(on: database.connection) == installer.rows)
    let inserted = try installer.install(on: database.connection)
    #expect(inserted == MetadataKeys(installer.rows) && inserted.count == installer.rows.count)
    #expect(inserted.description.hasPrefix("5 collections, a folder, "))
    let once = try Dump.exactly(database)
    #expect(try installer.missing(on: database.connection).isEmpty)
    #expect(try installer.install(on: database.connection).isEmpty)
    #expect(try Dump.exactly(database) == once)
  }

  @Test("Only Directus 12 counts collections, and the folder is none")
  func licensed() throws {
    for shape in SystemTablesTests.shapes {
      let installer = try Self.installer(try ScratchDirectus(shape))
      #expect(installer.licensedCollections(among: installer.rows) == (shape == .twelve ? 5 : 0))
    }
  }

  @Test("What an administrator changed, made or had before stays theirs")
  func administrator() throws {
    let database = try ScratchDirectus(.twelve)
    let connection = database.connection
    // Configured by hand before the installation.
    try connection.script(
      """
      insert into directus_collections (collection, icon, note) values ('grades', 'star', 'à moi');
      insert into directus_fields (collection, field, interface, note) values ('learners', 'name', 'input-multiline', 'à moi');
      insert into directus_presets (collection, layout) values ('modules', 'cards');
      insert into directus_translations (id, language, key, value)
        values (gen_random_uuid(), 'fr-FR', 'passerelle_grains_weight_note', 'à moi');
      """)
    let installer = try Self.installer(database)
    _ = try installer.install(on: connection)
    #expect(try database.values("select icon from directus_collections where collection = 'grades'") == ["star"])
    #expect(
      try database.values("select interface from directus_fields where (collection, field) = ('learners', 'name')")
        == ["input-multiline"])
    #expect(try database.values("select layout from directus_presets where collection = 'modules'") == ["cards"])

    // Changed after it.
    try connection.script(
      """
      update directus_collections set icon = 'face', translations = '[]' where collection = 'learners';
      update directus_fields set hidden = true, sort = 99 where (collection, field) = ('learners', 'email');
      update directus_relations set one_deselect_action = 'nullify' where many_collection = 'grains';
      update directus_presets set layout_query = null where bookmark = '$t:passerelle_grades_bookmark_waiting';
      update directus_translations set value = 'Autrement' where key = 'passerelle_progress_status_started';
      """)
    let changed = try Dump.exactly(database)
    _ = try installer.install(on: connection)
    #expect(try Dump.exactly(database) == changed)

    // Deleted by them: missing, and put back when they install again.
    try connection.execute("delete from directus_presets where bookmark = '$t:passerelle_grades_bookmark_waiting'")
    #expect(try installer.missing(on: connection).map(\.key) == ["grades: $t:passerelle_grades_bookmark_waiting"])
    #expect(try installer.install(on: connection).description == "1 table view")

    // What was theirs outlives the removal.
    let removal = try installer.remove(on: connection)
    #expect(
      Set(removal.left.map(\.key)) == ["grades", "learners.name", "modules", "passerelle_grains_weight_note fr-FR"])
    #expect(try database.values("select note from directus_collections") == ["à moi"])
    #expect(try database.values("select note from directus_fields") == ["à moi"])
    #expect(try database.values("select layout from directus_presets") == ["cards"])
    #expect(try database.values("select value from directus_translations") == ["à moi"])
    #expect(try database.values("select id::text from directus_relations").isEmpty)
  }

  @Test("A bookmark that an administrator renamed or kept for themselves is not put there a second time")
  func renamedBookmark() throws {
    let database = try ScratchDirectus(.twelve)
    let connection = database.connection
    let installer = try Self.installer(database)
    let inserted = try installer.install(on: connection)
    try connection.script(
      """
      insert into directus_roles (id, name) values ('8d1f7a52-6a52-4e8e-9c5e-0d3c7a1f0b11', 'Équipe');
      update directus_presets set bookmark = 'Mes notes' where bookmark = '$t:passerelle_grades_bookmark_waiting';
      update directus_presets set role = '8d1f7a52-6a52-4e8e-9c5e-0d3c7a1f0b11'
        where collection = 'learners' and bookmark is null;
      """)
    let changed = try Dump.exactly(database)
    #expect(try installer.missing(on: connection).isEmpty)
    #expect(try installer.install(on: connection).isEmpty)
    #expect(try Dump.exactly(database) == changed)
    #expect(try installer.remove(on: connection).removed == inserted)
    #expect(try database.values("select bookmark from directus_presets").isEmpty)
  }

  @Test("Removal leaves every table of Directus as it was, and the data", arguments: SystemTablesTests.shapes)
  func removal(_ shape: SystemTables.Shape) throws {
    let database = try ScratchDirectus(shape)
    let connection = database.connection
    try connection.script(
      """
      insert into directus_collections (collection) values ('articles');
      insert into directus_fields (collection, field) values ('articles', 'title');
      insert into directus_presets (collection, bookmark) values ('articles', 'Autres notes');
      insert into directus_translations (id, language, key, value) values (gen_random_uuid(), 'fr-FR', 'mot', 'Mot');
      insert into public.learners (name) values ('Léa');
      """)
    let before = try Dump.exactly(database)
    let installer = try Self.installer(database)
    let inserted = try installer.install(on: connection)
    #expect(try Dump.exactly(database) != before)
    let removal = try installer.remove(on: connection)
    #expect(removal.removed == inserted && removal.left.isEmpty)
    #expect(try Dump.exactly(database) == before)
    #expect(try database.value("select count(*) from passerelle.directus_rows") == 0)
    #expect(try database.values("select name from public.learners") == ["Léa"])
    #expect(try installer.remove(on: connection).removed.isEmpty)
    // And it can come back.
    #expect(try installer.install(on: connection) == inserted)
  }

  @Test("Where an institution's own people stand behind the view, ours are neither described nor asked rights for")
  func adopted() throws {
    let database = try ScratchDirectus(.twelve)
    try database.connection.script(
      """
      create table public.apprenants (like public.learners);
      create or replace view passerelle.learner_rows as
        select id, name, given_name, family_name, email, locale, date_created from public.apprenants;
      """)
    let installer = try Self.installer(database)
    _ = try installer.install(on: database.connection)
    #expect(
      try database.values("select collection from directus_collections order by 1")
        == ["grades", "grains", "modules", "passerelle", "progress"])
    #expect(
      try database.values(
        "select many_collection || '.' || many_field from directus_relations where one_collection = 'learners'"
      ).isEmpty)
    // What leads to somebody else's collection is a bare key.
    #expect(
      try database.values(
        "select concat_ws(' ', interface, special) from directus_fields where (collection, field) = ('progress', 'learner')"
      ) == ["input"])
    let role = try PlainRole(database, granted: false)
    #expect(try !Grants.check(role: role.name, on: database.connection).missing.contains { $0.contains("learners") })
  }

  @Test("The folder stays when somebody keeps a collection of their own in it")
  func folder() throws {
    let database = try ScratchDirectus(.twelve)
    let installer = try Self.installer(database)
    _ = try installer.install(on: database.connection)
    try database.connection.execute(
      "insert into directus_collections (collection, \"group\") values ('articles', 'passerelle')")
    #expect(try installer.remove(on: database.connection).left.map(\.key) == ["passerelle"])
    #expect(
      try database.values("select collection from directus_collections order by 1") == ["articles", "passerelle"])
    // Once it is empty the folder goes too.
    try database.connection.execute("delete from directus_collections where collection = 'articles'")
    #expect(try installer.remove(on: database.connection).removed.description == "a folder")
    #expect(try database.value("select count(*) from directus_collections") == 0)
  }

  @Test("Installations at once insert every row once")
  func atOnce() throws {
    let database = try ScratchDirectus(.twelve)
    let installer = try Self.installer(database)
    let sessions = try (0..<4).map { _ in try database.another() }
    nonisolated(unsafe) let connections = sessions
    nonisolated(unsafe) var counts = [Int](repeating: -1, count: sessions.count)
    counts.withUnsafeMutableBufferPointer { buffer in
      nonisolated(unsafe) let results = buffer
      DispatchQueue.concurrentPerform(iterations: connections.count) { index in
        results[index] = (try? installer.install(on: connections[index]).count) ?? -1
      }
    }
    #expect(counts.sorted() == [0, 0, 0, installer.rows.count])
    #expect(try installer.missing(on: database.connection).isEmpty)
    #expect(
      try database.value(
        """
        select count(*) from (
          select from directus_fields group by collection, field having count(*) > 1) twice
        """) == 0)
  }

  @Test("An installation that fails half way leaves nothing")
  func half() throws {
    let database = try ScratchDirectus(.twelve)
    let installer = try Self.installer(database)
    try database.connection.execute("alter table directus_presets add column further text not null")
    let before = try Dump.exactly(database)
    let problem = caught(DirectusProblem.self) { try installer.install(on: database.connection) }
    guard case .database(let error) = problem else {
      Issue.record("\(String(describing: problem))")
      return
    }
    #expect(error.sqlState == "23502")
    #expect(try Dump.exactly(database) == before)
    #expect(try database.value("select count(*) from passerelle.directus_rows") == 0)
  }

  @Test("Without rights on Directus's tables it says what would grant them, and that is enough")
  func rights() throws {
    let database = try ScratchDirectus(.twelve)
    let role = database.name
    try database.connection.script(
      """
      create role \(role) login password 'geheim';
      grant usage on schema public, passerelle to \(role);
      grant select on all tables in schema public to \(role);
      grant select, insert, update, delete on all tables in schema passerelle to \(role);
      """)
    defer { try? database.connection.script("drop owned by \(role); drop role \(role)") }
    let session = try database.another(as: role, password: "geheim")
    let tables = try #require(try SystemTables.find(on: session))
    let installer = try MetadataInstaller(tables, learners: nil, on: session)
    let before = try Dump.exactly(database)
    for work in [
      { _ = try installer.install(on: session) }, { _ = try installer.remove(on: session) },
    ] {
      let problem = caught(DirectusProblem.self) { try work() }
      guard case .forbidden(role, _) = problem else {
        Issue.record("\(String(describing: problem))")
        continue
      }
    }
    #expect(try Dump.exactly(database) == before)
    let problem = caught(DirectusProblem.self) { try installer.install(on: session) }
    let statements = try #require(problem?.description).split(separator: "\n").filter { $0.hasPrefix("GRANT ") }
    try database.connection.script(statements.joined(separator: "\n"))
    #expect(try installer.install(on: session) == MetadataKeys(installer.rows))
    #expect(try installer.remove(on: session).left.isEmpty)
    #expect(try DirectusRights.missing(on: session) == [])
  }
}
