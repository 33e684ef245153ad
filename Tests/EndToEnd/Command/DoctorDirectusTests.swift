import DemoMoodle
import Foundation
import TestSupport
import Testing
import Wire

/// What `passerelle doctor` says of a Directus whose role is too near, that lies elsewhere, or does not answer as it should.
@Suite(.needsStack) struct DoctorDirectusTests {
  private func findings(_ world: World, _ words: String...) throws -> [Examination.Finding] {
    try Examination(world, words).findings(of: "Directus")
  }

  private func withDirectus(_ body: (World) throws -> Void) throws {
    try World.run(.inProcess) { world in
      let path = Stack.root.appendingPathComponent("Tests/Fixtures/directus/system_tables_12.sql")
      try world.database.script(try String(contentsOf: path, encoding: .utf8))
      #expect(try world.command("migrate").status == 0)
      try body(world)
    }
  }

  @Test("A role of Directus's that is the web server's, a member of it, the tables' owner, or nobody's, is told of")
  func roles() throws {
    try withDirectus { world in
      func expect(_ role: String, _ state: String, _ words: String, mend: String) throws {
        let found = try findings(world, "--directus-role", role)
        #expect(found.contains { $0.state == state && $0.words.contains(words) && $0.mend.contains(mend) }, "\(found)")
      }
      try expect(Stack.webRole, "warning", "is also the web server's", mend: "passerelle migrate --web-role ROLE")
      try expect("nobody_of_that_name", "wrong", "nobody_of_that_name", mend: "check --directus-role")
      let role = "near_\(world.database.name)"
      try world.database.script("create role \(role); grant \(Stack.webRole) to \(role)")
      defer { try? world.database.script("reassign owned by \(role) to current_user; drop role \(role)") }
      try expect(
        role, "warning", "is a member of a role of Passerelle's", mend: "REVOKE \(Stack.webRole) FROM \(role);")
      try world.database.script("revoke \(Stack.webRole) from \(role)")
      for table in ["learners", "modules", "grains", "progress", "grades"] {
        try world.database.script("alter table public.\(table) owner to \(role)")
      }
      try expect(role, "warning", "owns Passerelle's tables, too", mend: "a database role of its own")
    }
  }

  @Test("A Directus in another schema is told to work in public")
  func elsewhere() throws {
    try World.run(.inProcess) { world in
      try world.database.script("create schema ailleurs; create table ailleurs.directus_collections (collection text)")
      let found = try findings(world)
      #expect(
        found.count == 1 && found[0].state == "warning" && found[0].words.contains("ailleurs")
          && found[0].mend == "let Directus work in schema public (its setting DB_SEARCH_PATH)", "\(found)")
    }
  }

  @Test("A token that Directus refuses is told of, and days of grace that nobody can date")
  func server() throws {
    try withDirectus { world in
      let site = FakeDirectus { _ in true }
      let server = try Server.start(site)
      defer { server.stop(grace: 0) }
      let file = FileManager.default.temporaryDirectory.appendingPathComponent("token-\(UUID().uuidString)")
      defer { try? FileManager.default.removeItem(at: file) }
      func live(_ token: String) throws -> [Examination.Finding] {
        try Data(token.utf8).write(to: file)
        return try findings(world, "--directus-url", server.url, "--directus-token-file", file.path)
      }
      let refused = try live("not-the-token")
      #expect(
        refused.contains { $0.state == "wrong" && $0.mend == "check --directus-url and --directus-token-file" },
        "\(refused)")
      site.setLicence([
        "name": "Core", "status": "grace", "expires_at": -1,
        "entitlements": ["seats": ["limit": 3], "collections": ["limit": 25], "flows": ["limit": 5]],
        "usage": ["seats": 1, "collections": 5, "flows": 0],
      ])
      try world.database.execute("delete from directus_migrations")
      let grace = try live(FakeDirectus.token)
      #expect(
        grace.contains {
          $0.state == "warning" && $0.words.contains("which will do afterwards")
            && $0.words.contains("30 from its update to version 12")
        }, "\(grace)")
    }
  }
}
