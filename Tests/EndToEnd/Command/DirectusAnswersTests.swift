import Foundation
import Synchronization
import TestSupport
import Testing
import Wire

/// What the command says of a running Directus, and what it leaves there.
@Suite(.needsStack) struct DirectusAnswersTests {
  /// A database with a Directus 12 that knows the collections, and the way to the Directus.
  private struct Place {
    let database: TestDatabase
    let access: [String]

    init(_ directus: RunningDirectus) throws {
      database = try TestDatabase()
      try database.script(try Stack.fixture("directus/system_tables_12.sql"))
      access = directus.options
      _ = try run("migrate")
    }

    var environment: [(String, String)] {
      get throws {
        [
          ("PASSERELLE_DATABASE_URL", try Stack.direct(database.name)),
          ("PASSERELLE_BASE_URL", "https://tool.example/passerelle"), ("PASSERELLE_SECRET", TestDatabase.secret),
        ]
      }
    }

    func run(_ words: String...) throws -> ProgramRun {
      try ProgramRun.run(Stack.command, arguments: words + access, environment: try environment)
    }

    func examine() throws -> Examination {
      try Examination(["doctor"] + access) {
        try ProgramRun.run(Stack.command, arguments: $0, environment: environment + $1)
      }
    }

    func remove() { database.drop() }
  }

  /// A doctor under way, as the Directus that it asks knows it.
  private final class Doctor: Sendable {
    struct State {
      var database = ""
      var pid: pid_t = 0
      var rowWasThere = false
    }
    let state = Mutex(State())
  }

  private static func holds(_ key: String, in database: String) -> Bool {
    guard let connection = try? ScratchDatabase.connect(database) else { return false }
    defer { connection.close() }
    return (try? connection.query("select from public.directus_translations where key = \(key)").isEmpty) == false
  }

  @Test("doctor tells the state of Directus 12's licence: how much is taken, the last day of grace, the two ways out")
  func licence() throws {
    let site = FakeDirectus(.twelve)
    let directus = try RunningDirectus(site)
    defer { directus.stop() }
    let place = try Place(directus)
    defer { place.remove() }
    try place.database.execute(
      """
      insert into directus_migrations (version, name, timestamp) values ('20260507A', 'licensing', '2026-11-03T10:00:00Z')
      on conflict do nothing
      """)
    let cases:
      [(status: String, source: JSONValue, end: Double, grace: Double, seats: Double, state: String, words: String)] = [
        (
          "locked", .null, -1, -1, 4, "wrong",
          "is locked, because more is in use than its licence “Core” allows (seats 4 of 3"
        ),
        // As 12.3 answers after an update, and as a release that says nothing of it.
        ("grace", .null, 1_780_000_000, 2_592_000, 4, "warning", "days of grace, the last of which is 2026-06-27"),
        ("grace", .null, -1, -1, 4, "warning", "days of grace, the last of which is 2026-12-03"),
        ("grace", .null, -1, -1, 2, "warning", "which will do afterwards (seats 2 of 3"),
        ("grace", "settings", 1_780_000_000, 604_800, 2, "warning", "that has ended (seats 2 of 3"),
        ("active", .null, -1, -1, 2, "ok", "is active: seats 2 of 3, collections 5 of 25, flows 0 of 5"),
      ]
    for one in cases {
      site.setLicence([
        "name": "Core", "status": .string(one.status), "source": one.source, "expires_at": .number(one.end),
        "grace_period": .number(one.grace),
        "entitlements": ["seats": ["limit": 3], "collections": ["limit": 25], "flows": ["limit": 5]],
        "usage": ["seats": .number(one.seats), "collections": 5, "flows": 0],
      ])
      let examination = try place.examine()
      let found = examination.findings.first { $0.words.contains(one.words) }
      #expect(found?.state == one.state, "\(one.words)\n\(examination.run.text)")
      guard one.state != "ok" else { continue }
      #expect(found?.mend.contains("fewer people") == true && found?.mend.contains("Open Innovation Grant") == true)
    }
  }

  @Test("directus trainer says on version 12 how many of the seats are taken")
  func seats() throws {
    for version in FakeDirectus.Version.allCases {
      let directus = try RunningDirectus(FakeDirectus(version))
      defer { directus.stop() }
      let place = try Place(directus)
      defer { place.remove() }
      let run = try place.run("directus", "trainer")
      #expect(run.status == 0 && run.text.contains("made the role “Formateur”"), "\(run.errorText)")
      #expect(
        run.text.contains(
          "seats of the licence “Core” taken: 3 of 3; each person with the role takes one, and none is left")
          == (version == .twelve), "\(run.text)")
    }
  }

  @Test(
    "A doctor that is interrupted while it looks for a data cache leaves no row behind", arguments: [SIGINT, SIGTERM])
  func interrupted(signal: Int32) throws {
    let doctor = Doctor()
    let site = FakeDirectus(.twelve) { key in
      let (database, pid) = doctor.state.withLock { ($0.database, $0.pid) }
      guard Self.holds(key, in: database) else { return false }
      doctor.state.withLock { $0.rowWasThere = true }
      kill(pid, signal)
      // Longer than a program takes that dies of it at once.
      usleep(300_000)
      return true
    }
    let directus = try RunningDirectus(site)
    defer { directus.stop() }
    let place = try Place(directus)
    defer { place.remove() }
    let nothing = open("/dev/null", O_RDWR | O_CLOEXEC)
    defer { close(nothing) }
    let pid = try doctor.state.withLock { state in
      let pid = try ProgramRun.spawn(
        Stack.command, ["doctor"] + place.access, try place.environment, [nothing, nothing, nothing])
      (state.database, state.pid) = (place.database.name, pid)
      return pid
    }
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0, errno == EINTR {}
    #expect(status & 0x7F == signal, "\(status)")
    #expect(doctor.state.withLock { $0.rowWasThere })
    #expect(
      try place.database.count("select from directus_translations where starts_with(key, 'passerelle_probe_')") == 0)
  }
}
