import DemoMoodle
import Foundation
import TestSupport
import Testing
import Wire

/// `passerelle migrate`, `directus` and `doctor` beside the system tables of a Directus.
@Suite(.needsStack) struct DirectusTests {
  /// A database with a Directus in it that the collections were not described to.
  private struct Place {
    let database: TestDatabase
    let url: String

    /// - Parameter files: of Tests/Fixtures/directus, in turn.
    init(_ files: [String] = ["system_tables_12"], migrated: Bool = true) throws {
      database = try migrated ? TestDatabase() : TestDatabase.empty()
      for file in files {
        let path = Stack.root.appendingPathComponent("Tests/Fixtures/directus/\(file).sql")
        try database.script(try String(contentsOf: path, encoding: .utf8))
      }
      url = try Stack.pooled(database.name)
    }

    func run(_ words: String..., settings: [(String, String)] = []) throws -> ProgramRun {
      try ProgramRun.run(
        Stack.command, arguments: words,
        environment: [
          ("PASSERELLE_DATABASE_URL", url), ("PASSERELLE_BASE_URL", "https://tool.example/passerelle"),
          ("PASSERELLE_SECRET", TestDatabase.secret),
        ] + settings)
    }
  }

  /// A place, taken down afterwards.
  private func with(
    _ files: [String] = ["system_tables_12"], migrated: Bool = true, _ body: (Place) throws -> Void
  ) throws {
    let place = try Place(files, migrated: migrated)
    defer { place.database.drop() }
    try body(place)
  }

  /// A token in a file of its own.
  private func withToken(_ text: String, _ body: (String) throws -> Void) throws {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("token-\(UUID().uuidString)")
    try text.write(to: file, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(at: file) }
    try body(file.path)
  }

  @Test("An empty database with a Directus in it is migrated and described at once; a second run changes nothing")
  func migrate() throws {
    try with(migrated: false) { place in
      let check = try place.run("migrate", "--check")
      #expect(check.status == 1)
      #expect(check.text.contains("missing: Directus field learners.name"))
      let first = try place.run("migrate")
      #expect(first.status == 0, "\(first.errorText)")
      let words = try #require(first.text.range(of: "adding 5 collections to Directus 12, whose licence counts"))
      let done = try #require(first.text.range(of: "added to Directus 12: 5 collections, a folder, "))
      #expect(words.lowerBound < done.lowerBound)
      #expect(first.text.contains("seats, which are people with access to the application (3 without a key"))
      #expect(first.text.contains("Directus keeps its schema in memory"))
      #expect(try place.run("migrate", "--check").status == 0)
      let second = try place.run("migrate", "--directus")
      #expect(second.status == 0 && second.text.contains("Directus 12 knows the collections"))
      #expect(!second.text.contains("added") && !second.text.contains("in memory"))
    }
  }

  @Test("What an administrator of Directus takes out is missing, by name")
  func check() throws {
    try with { place in
      _ = try place.run("migrate")
      try place.database.script(
        """
        delete from directus_fields where (collection, field) = ('progress', 'score');
        delete from directus_presets where bookmark = '$t:passerelle_grades_bookmark_waiting';
        delete from directus_translations where key like 'passerelle_grains_weight%';
        """)
      let check = try place.run("migrate", "--check")
      #expect(check.status == 1 && check.errorText.contains("passerelle migrate"))
      #expect(
        check.text.split(separator: "\n").filter { $0.hasPrefix("missing: ") } == [
          "missing: Directus field progress.score",
          "missing: Directus table view grades: $t:passerelle_grades_bookmark_waiting",
          "missing: Directus translations: 4",
        ])
      #expect(try place.run("migrate", "--check", "--no-directus").status == 0)
      let status = try JSONValue(parsing: try place.run("directus", "status", "--json").output).arrayValue ?? []
      #expect(status.filter { $0["present"] == false }.count == 6 && status.count > 120)
      #expect(status.contains { $0["name"] == "progress.score" && $0["present"] == false && $0["kind"] == "field" })
    }
  }

  @Test("--no-directus leaves its tables alone, and --directus insists on them")
  func flags() throws {
    try with { place in
      let skipped = try place.run("migrate", "--no-directus")
      #expect(skipped.status == 0 && !skipped.text.contains("Directus"))
      #expect(try place.database.count("select from directus_collections") == 0)
      #expect(try place.run("migrate", "--directus", "--no-directus").status == 64)
      #expect(try place.run("migrate", "--directus-url", "https://d.example").status == 64)
      #expect(try place.run("directus", "refresh").status == 64)
      #expect(try place.run("directus", "trainer", "--name", "").status == 64)
    }
    try with([]) { place in
      let insisting = try place.run("migrate", "--directus")
      #expect(insisting.status == 1 && insisting.errorText.contains("holds no Directus"))
      #expect(try place.run("migrate").status == 0)
      for words in ["status", "trainer", "remove"] {
        let run = try place.run("directus", words)
        #expect(run.status == 1 && run.errorText.contains("holds no Directus"), "\(words)")
      }
    }
  }

  @Test(
    "On each version it installs, makes the trainer's role, and takes all of it away again",
    arguments: [["system_tables_12"], ["system_tables_11"], ["system_tables_10"]])
  func versions(files: [String]) throws {
    try with(files) { place in
      func rows() throws -> [String] {
        try place.database.values(
          """
          select t.table_name || ' ' || (xpath('/row/c/text()', query_to_xml(
            format('select count(*) as c from public.%I', t.table_name), false, true, '')))[1]
          from information_schema.tables t where t.table_schema = 'public' and starts_with(t.table_name, 'directus_')
          order by 1
          """)
      }
      let before = try rows()
      let migrated = try place.run("migrate")
      #expect(migrated.status == 0, "\(migrated.errorText)")
      #expect(migrated.text.contains("licence") == (files == ["system_tables_12"]))
      let trainer = try place.run("directus", "trainer")
      #expect(trainer.status == 0 && trainer.text.contains("made the role “Formateur”"), "\(trainer.errorText)")
      #expect(try place.run("directus", "trainer").text.contains("has all it needs"))
      #expect(
        try place.database.values("select collection || ' ' || action from directus_permissions order by 1")
          == [
            "directus_dashboards read", "directus_panels read", "grades read", "grades update", "grains read",
            "learners read", "modules read", "progress create", "progress delete", "progress read", "progress update",
          ])
      try place.database.execute("insert into directus_roles (id, name) values (gen_random_uuid(), 'Tuteur')")
      let taken = try place.run("directus", "trainer", "--name", "Tuteur")
      #expect(taken.status == 1 && taken.errorText.contains("--name"))
      try place.database.execute("delete from directus_roles where name = 'Tuteur'")
      let removed = try place.run("directus", "remove")
      #expect(removed.status == 0, "\(removed.errorText)")
      #expect(removed.text.contains("removed from Directus: 5 collections, a folder, "))
      #expect(removed.text.contains("removed from Directus: the role “Formateur”"))
      #expect(try rows() == before)
      #expect(try place.database.count("select from public.modules") == 1)
      #expect(try place.run("directus", "remove").text == "Directus holds nothing of Passerelle’s\n")
    }
  }

  @Test("A running Directus is made to forget its caches, with the right token only")
  func refresh() throws {
    let site = FakeDirectus()
    let server = try Server.start(site)
    defer { server.stop(grace: 0) }
    try with { place in
      try withToken(FakeDirectus.token + "\n") { file in
        let migrated = try place.run("migrate", "--directus-url", server.url, "--directus-token-file", file)
        #expect(migrated.status == 0, "\(migrated.errorText)")
        #expect(migrated.text.contains("forgotten its caches") && site.clearings == 1)
        for words in [["refresh"], ["trainer"], ["remove"]] {
          let run = try ProgramRun.run(
            Stack.command,
            arguments: ["directus"] + words + ["--directus-url", server.url + "/", "--directus-token-file", file],
            environment: [
              ("PASSERELLE_DATABASE_URL", place.url), ("PASSERELLE_BASE_URL", "https://tool.example/passerelle"),
              ("PASSERELLE_SECRET", TestDatabase.secret),
            ])
          #expect(run.status == 0, "\(words) \(run.errorText)")
        }
        // What Directus makes itself it does not have to be told of.
        #expect(site.clearings == 3 && site.rows("roles").isEmpty && site.requests.contains("POST /permissions"))
        let far = try place.run(
          "directus", "refresh", "--directus-url", "http://directus.example", "--directus-token-file", file)
        #expect(far.status == 1 && far.errorText.contains("in the clear"))
      }
      try withToken("falsch") { file in
        let run = try place.run("directus", "refresh", "--directus-url", server.url, "--directus-token-file", file)
        #expect(run.status == 1 && run.errorText.contains("refuses the token") && !run.errorText.contains("falsch"))
      }
      for text in ["", "zwei Wörter"] {
        try withToken(text) { file in
          let run = try place.run("directus", "refresh", "--directus-url", server.url, "--directus-token-file", file)
          #expect(run.status == 1 && run.errorText.contains("does not hold a token"))
        }
      }
      let run = try place.run("directus", "refresh", "--directus-url", server.url, "--directus-token-file", "/nowhere")
      #expect(run.status == 1 && run.errorText.contains("/nowhere cannot be read"))
      #expect(site.clearings == 3)
    }
  }

  @Test("Doctor tells what Directus lacks, what its role may not do and may too much, and whether it keeps answers")
  func doctor() throws {
    try World.run(.inProcess) { world in
      let name = world.database.name
      let site = FakeDirectus { key in
        guard let connection = try? ScratchDatabase.connect(name) else { return false }
        defer { connection.close() }
        return (try? connection.query("select from public.directus_translations where key = \(key)").isEmpty) == false
      }
      let server = try Server.start(site)
      defer { server.stop(grace: 0) }
      func findings(_ words: String...) throws -> [Examination.Finding] {
        try Examination(world, words).findings(of: "Directus")
      }
      #expect(try findings().map(\.words) == ["none in this database"])
      let path = Stack.root.appendingPathComponent("Tests/Fixtures/directus/system_tables_12.sql")
      try world.database.script(try String(contentsOf: path, encoding: .utf8))
      let missing = try findings()
      #expect(missing.first?.state == "warning" && missing.first?.mend == "run: passerelle migrate")
      #expect(missing.first?.words.contains("5 collections, a folder") == true)
      #expect(try world.command("migrate").status == 0)
      let fine = try findings()
      let doubtful = fine.filter { $0.state == "warning" || $0.state == "wrong" }
      #expect(doubtful.count == 1 && doubtful[0].words.contains("postgres is a superuser"), "\(fine)")
      #expect(fine.contains { $0.words.contains("version 12 knows the collections") })
      #expect(fine.contains { $0.state == "unseen" && $0.words.contains("CACHE_ENABLED") })

      let role = "staff_\(world.database.name)"
      try world.database.execute("create role \(identifier: role)")
      defer { try? world.database.script("drop owned by \(role); drop role \(role)") }
      let refused = try findings("--directus-role", role).filter { $0.state == "wrong" }
      #expect(refused.count == 1)
      #expect(
        refused.first?.mend.contains("GRANT SELECT, INSERT, UPDATE, DELETE ON public.progress TO \(role);") == true)
      try world.database.script(try #require(refused.first?.mend))
      try world.database.execute("grant usage on schema passerelle to \(identifier: role)")
      let excessive = try findings("--directus-role", role)
      #expect(excessive.filter { $0.state == "wrong" }.isEmpty)
      #expect(
        excessive.contains { $0.state == "warning" && $0.mend == "REVOKE ALL ON SCHEMA passerelle FROM \(role);" })

      try withToken(FakeDirectus.token) { file in
        let access = ["--directus-url", server.url, "--directus-token-file", file]
        let live = try findings(access[0], access[1], access[2], access[3])
        #expect(live.contains { $0.state == "ok" && $0.words.contains("has no data cache") })
        #expect(
          live.contains {
            $0.state == "ok"
              && $0.words.contains("seats 3 of 3, collections 5 of 25, flows 0 of 5; of seats none is left")
          }, "\(live)")
        #expect(live.allSatisfy { $0.state != "unseen" })
        for (status, state) in [("locked", "wrong"), ("grace", "warning")] {
          site.setLicence([
            "name": "Core", "status": .string(status), "expires_at": -1,
            "entitlements": ["seats": ["limit": 3], "collections": ["limit": 25], "flows": ["limit": 5]],
            "usage": ["seats": 4, "collections": 5, "flows": 0],
          ])
          try world.database.execute(
            """
            insert into directus_migrations (version, name, timestamp)
            values ('20260507A', 'licensing', '2026-11-03T10:00:00Z') on conflict do nothing
            """)
          let told = try findings(access[0], access[1], access[2], access[3])
          #expect(
            told.contains {
              $0.state == state && $0.words.contains("seats 4 of 3") && $0.mend.contains("Open Innovation Grant")
                && (status == "locked" || $0.words.contains("the last of which is 2026-12-03"))
            }, "\(told)")
        }
        site.keepAnswers()
        let stale = try findings(access[0], access[1], access[2], access[3])
        #expect(
          stale.contains {
            $0.state == "warning"
              && $0.mend.hasSuffix(
                "CACHE_AUTO_PURGE_IGNORE_LIST=directus_activity,directus_presets,learners,modules,grains,progress,grades"
              )
          })
      }
    }
  }
}
