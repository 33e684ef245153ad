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
    defer { try? TestDatabase.connect("postgres").script("drop role \(owner)") }
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
    func run(_ words: String...) throws -> ProgramRun {
      try ProgramRun.run(
        Stack.command, arguments: words,
        environment: [
          ("PASSERELLE_DATABASE_URL", url), ("PASSERELLE_BASE_URL", "https://tool.example/passerelle"),
          ("PASSERELLE_SECRET", TestDatabase.secret),
        ])
    }
    #expect(try run("migrate", "--no-directus").status == 0)
    let wrong = try (JSONValue(parsing: try run("doctor", "--json").output).arrayValue ?? []).filter {
      $0["subject"] == "Directus" && $0["state"] == "wrong"
    }
    // What Directus's role needs it has from the moment that the tables are there.
    #expect(wrong.count == 1, "\(wrong)")
    let words = wrong.first?["words"]?.stringValue ?? ""
    #expect(words.contains("the database role passerelle may not use its tables"))
    let grants = words.split(separator: "\n").filter { $0.hasPrefix("GRANT ") }
    #expect(
      try database.value("select has_table_privilege(\(owner), 'public.progress', 'select, insert, update, delete')"))

    // What may not be read is not kept silent about where somebody asks for all that is held: one list for all.
    let id: String = try database.value("insert into public.learners (name) values ('Léa') returning id::text")
    for words in [["export", id], ["erase", id, "--yes"]] {
      let refused = try ProgramRun.run(
        Stack.command, arguments: ["learner"] + words,
        environment: [
          ("PASSERELLE_DATABASE_URL", url), ("PASSERELLE_BASE_URL", "https://tool.example/passerelle"),
          ("PASSERELLE_SECRET", TestDatabase.secret),
        ])
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
    try database.script(grants.joined(separator: "\n"))
    #expect(try !run("migrate").text.contains("GRANT "))
  }
}
