import Directus
import DirectusTestSupport
import Postgres
import TestSupport
import Testing
import Wire

/// The trainer's role by Directus's own API, against what the three versions were recorded to answer.
@Suite(.needsPostgres) struct TrainerDoorTests {
  private func permissions(_ site: FakeDirectus) -> [String] {
    site.rows("permissions").map { "\($0["collection"]?.stringValue ?? "") \($0["action"]?.stringValue ?? "")" }
      .sorted()
  }

  @Test(
    "Directus makes role, policy and permissions, and nothing is written into its tables; a second run adds what is missing",
    arguments: FakeDirectus.Version.allCases)
  func install(_ version: FakeDirectus.Version) throws {
    let database = try ScratchDirectus(nil)
    let site = FakeDirectus(version)
    try FakeDirectus.with(site) { server in
      let door = try TrainerDoor(server, on: database.connection)
      #expect(try door.install(Trainer()) == Trainer.Outcome(isNew: true, permissions: 11))
      #expect(permissions(site) == TrainerTests.permissions)
      for row in site.rows("permissions") {
        #expect(row["fields"] == ["*"] && row["permissions"] ?? .null == .null || row["permissions"] == .object([:]))
      }
      let role = try #require(site.rows("roles").first)
      #expect(role["name"] == "Formateur")
      if version == .ten {
        #expect(role["app_access"] == true && role["admin_access"] == false)
        #expect(site.rows("policies").isEmpty && site.rows("access").isEmpty)
        #expect(site.rows("permissions").allSatisfy { $0["role"] == role["id"] })
      } else {
        let policy = try #require(site.rows("policies").first)
        #expect(policy["app_access"] == true && policy["admin_access"] == false)
        #expect(site.rows("access").count == 1 && site.rows("access")[0]["role"] == role["id"])
        #expect(site.rows("permissions").allSatisfy { $0["policy"] == policy["id"] })
      }
      #expect(try door.install(Trainer()) == Trainer.Outcome(isNew: false, permissions: 0))
      site.remove("permissions") { $0["collection"] == "grains" }
      #expect(try door.install(Trainer()) == Trainer.Outcome(isNew: false, permissions: 1))
      #expect(permissions(site) == TrainerTests.permissions)
      // Directus clears its caches itself.
      #expect(site.clearings == 0)
    }
  }

  @Test("A role of that name that somebody else made is not touched", arguments: FakeDirectus.Version.allCases)
  func taken(_ version: FakeDirectus.Version) throws {
    let database = try ScratchDirectus(nil)
    let site = FakeDirectus(version)
    site.add("roles", ["id": "a-role", "name": "Formateur"])
    try FakeDirectus.with(site) { server in
      let door = try TrainerDoor(server, on: database.connection)
      do throws(TrainerDoor.Problem) {
        _ = try door.install(Trainer())
        Issue.record("installed")
      } catch {
        guard case .database(.roleTaken("Formateur")) = error else {
          Issue.record("\(error)")
          return
        }
      }
      #expect(site.rows("roles").count == 1 && site.rows("permissions").isEmpty)
    }
  }

  @Test(
    "What ended half way goes on, and what Directus was asked to make it is asked to take away again",
    arguments: FakeDirectus.Version.allCases)
  func removal(_ version: FakeDirectus.Version) throws {
    let database = try ScratchDirectus(nil)
    let site = FakeDirectus(version)
    try FakeDirectus.with(site) { server in
      let door = try TrainerDoor(server, on: database.connection)
      _ = try door.install(Trainer())
      let role = try #require(site.rows("roles").first?["id"])
      site.add("users", ["id": "u", "role": role])
      #expect(try door.removeAll() == Trainer.Removal(removed: [], left: ["Formateur"]))
      #expect(permissions(site) == TrainerTests.permissions)
      site.remove("users") { _ in true }
      #expect(try door.removeAll() == Trainer.Removal(removed: ["Formateur"], left: []))
      for kind in ["roles", "policies", "permissions"] { #expect(site.rows(kind).isEmpty, "\(kind)") }
      #expect(try database.value("select count(*) from passerelle.directus_rows") == 0)

      // A run that made the role and no more.
      _ = try door.install(Trainer())
      site.remove("permissions") { _ in true }
      site.remove("policies") { _ in true }
      #expect(try door.install(Trainer()) == Trainer.Outcome(isNew: false, permissions: 11))
      #expect(site.rows("roles").count == 1)
    }
  }
}

/// Whether there is a data cache, on a database and a Directus that reads it.
@Suite(.needsPostgres) struct DataCacheProbeTests {
  /// A Directus whose translations are those of a database.
  private func fake(_ version: FakeDirectus.Version, _ name: String, hasDataCache: Bool) -> FakeDirectus {
    FakeDirectus(version, hasDataCache: hasDataCache) { key in
      guard let connection = try? ScratchDatabase.connect(name) else { return false }
      defer { connection.close() }
      return (try? connection.query("select from public.directus_translations where key = \(key)").isEmpty) == false
    }
  }

  @Test(
    "A cache is found on each version, and the row that finds it is gone", arguments: FakeDirectus.Version.allCases,
    [true, false])
  func found(_ version: FakeDirectus.Version, hasDataCache: Bool) throws {
    let database = try ScratchDirectus(.twelve)
    let site = fake(version, database.name, hasDataCache: hasDataCache)
    try FakeDirectus.with(site) { (server) throws in
      let probe = DataCacheProbe(server, on: database.connection)
      #expect(try probe.run() == (hasDataCache ? .on : .off))
      #expect(try database.value("select count(*) from public.directus_translations") == 0)
    }
  }

  @Test("What a killed run left goes, and a Directus that fails half way leaves nothing either")
  func cleared() throws {
    let database = try ScratchDirectus(.twelve)
    try database.connection.execute(
      """
      insert into public.directus_translations (id, language, key, value)
      values (gen_random_uuid(), 'en-US', 'passerelle_probe_dead', 'x'), (gen_random_uuid(), 'en-US', 'passerelle_x', 'x')
      """)
    let site = fake(.eleven, database.name, hasDataCache: false)
    site.fail(.status(500))
    try FakeDirectus.with(site) { (server) throws in
      let probe = DataCacheProbe(server, on: database.connection)
      #expect(throws: ServerProblem.status(500)) { try probe.run() }
      #expect(try database.values("select key from public.directus_translations") == ["passerelle_x"])
    }
  }

  @Test("Without the right to write the row nothing is looked for, and the grant is named")
  func withoutRights() throws {
    let database = try ScratchDirectus(.twelve)
    let role = database.name
    try database.connection.script("create role \(role) login password 'x'")
    defer { try? database.connection.script("drop owned by \(role); drop role \(role)") }
    let session = try database.another(as: role, password: "x")
    let site = FakeDirectus()
    try FakeDirectus.with(site) { (server) throws in
      #expect(
        try DataCacheProbe(server, on: session).run()
          == .notLooked(
            grants: ["GRANT SELECT, INSERT, UPDATE, DELETE ON public.directus_translations TO \(role);"]))
    }
    #expect(site.requests == [])
  }
}
