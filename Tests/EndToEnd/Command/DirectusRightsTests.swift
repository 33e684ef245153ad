import Foundation
import TestSupport
import Testing
import Wire

/// What Passerelle's owner may do in Directus's tables where these are another role's.
@Suite(.needsStack) struct DirectusRightsTests {
  @Test("Two database roles, neither with rights on the other's tables: doctor tells what both lack")
  func twoRoles() throws {
    let database = try TestDatabase.empty()
    defer { database.drop() }
    let owner = "directus_\(database.name)"
    defer { try? ScratchDatabase.connect("postgres").script("drop role \(owner)") }
    let path = Stack.root.appendingPathComponent("Tests/Fixtures/directus/system_tables_12.sql")
    try database.script(
      """
      create role \(owner);
      grant create on schema public to passerelle, \(owner);
      grant create on database \(database.name) to passerelle;
      set role \(owner);
      \(String(contentsOf: path, encoding: .utf8));
      reset role
      """)
    defer { try? database.script("drop owned by \(owner)") }
    let url = try Stack.direct(database.name).replacingOccurrences(of: "//postgres:", with: "//passerelle:")
    func run(_ words: [String], _ variables: [(String, String)] = []) throws -> ProgramRun {
      try ProgramRun.run(
        Stack.command, arguments: words,
        environment: [
          ("PASSERELLE_DATABASE_URL", url), ("PASSERELLE_BASE_URL", "https://tool.example/passerelle"),
          ("PASSERELLE_SECRET", TestDatabase.secret),
        ] + variables)
    }
    func run(_ words: String...) throws -> ProgramRun { try run(words) }
    #expect(try run("migrate", "--no-directus").status == 0)
    let directus = try RunningDirectus()
    defer { directus.stop() }
    let found = try Examination(["doctor"] + directus.options) { try run($0, $1) }.findings(of: "Directus")
    let wrong = found.filter { $0.state == "wrong" }
    // What Directus's role needs it has from the moment that the tables are there.
    #expect(wrong.count == 1 && wrong[0].mend == "mend that, or ignore Directus: passerelle migrate --no-directus")
    let words = wrong.first?.words ?? ""
    #expect(words.contains("the database role passerelle may not use its tables"))
    let grants = words.split(separator: "\n").filter { $0.hasPrefix("GRANT ") }
    let unseen = found.filter { $0.state == "unseen" }
    #expect(
      unseen.map(\.words) == [
        "its data cache was not looked for, which needs a row for a moment; as the owner of its tables run:"
      ])
    #expect(unseen.first?.mend.contains(" ON public.directus_translations TO passerelle;") == true, "\(unseen)")
    #expect(
      try database.value("select has_table_privilege(\(owner), 'public.progress', 'select, insert, update, delete')"))

    // What may not be read is not kept silent about where somebody asks for all that is held: one list for all.
    let id: String = try database.value("insert into public.learners (name) values ('Léa') returning id::text")
    for words in [["export", id], ["erase", id, "--yes"]] {
      let refused = try run(["learner"] + words)
      #expect(refused.status == 1 && refused.errorText.contains("--leave-directus"), "\(refused.errorText)")
      #expect(refused.errorText.split(separator: "\n").filter { $0.hasPrefix("GRANT ") } == grants)
    }
    #expect(try run("migrate").errorText.split(separator: "\n").filter { $0.hasPrefix("GRANT ") } == grants)
    let export = try run("learner", "export", id, "--leave-directus")
    let tables = try #require(JSONValue(parsing: export.output).at("directusUnread")?.arrayValue)
    #expect(
      tables.compactMap(\.stringValue).sorted() == [
        "directus_activity", "directus_comments", "directus_notifications", "directus_panels", "directus_presets",
        "directus_revisions", "directus_shares", "directus_versions",
      ])
    #expect(export.status == 0 && export.errorText.contains("left out: what Directus's table directus_activity"))
    let erased = try run("learner", "erase", id, "--yes", "--leave-directus")
    #expect(erased.status == 0 && erased.text.contains("perhaps still in Directus's table directus_activity"))

    // What describing the collections needs is enough for migrate, which goes on to name the rest.
    let describing = grants.prefix { !$0.contains("directus_revisions") }
    try database.script(describing.joined(separator: "\n"))
    let migrated = try run("migrate")
    #expect(migrated.status == 0 && migrated.text.contains("added to Directus 12"), "\(migrated.errorText)")
    #expect(
      migrated.text.split(separator: "\n").filter { $0.hasPrefix("GRANT ") }
        == Array(grants.dropFirst(describing.count)))
    #expect(
      try Examination { try run($0, $1) }.findings(of: "Directus").contains(
        .init(
          "warning", "Directus",
          "Passerelle's owner may not do all that migrate, learner export and learner erase do in its tables; "
            + "as their owner run:", mend: grants.dropFirst(describing.count).joined(separator: "\n            "))))
    try database.script(grants.joined(separator: "\n"))
    #expect(try !run("migrate").text.contains("GRANT "))
  }
}
