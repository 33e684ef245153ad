import DemoMoodle
import Foundation
import Postgres
import TestSupport
import Testing
import Wire

/// `passerelle directus adopt`: the command, and what the rest of the program says where collections are adopted.
@Suite(.needsStack) struct AdoptTests {
  /// The command on a database, with complete settings, through PgBouncer.
  private func run(_ words: String..., on database: TestDatabase) throws -> ProgramRun { try run(words, on: database) }

  func run(_ words: [String], on database: TestDatabase) throws -> ProgramRun {
    try ProgramRun.run(
      Stack.command, arguments: words,
      environment: [
        ("PASSERELLE_DATABASE_URL", try Stack.pooled(database.name)),
        ("PASSERELLE_BASE_URL", "https://lti.example.org/passerelle"), ("PASSERELLE_SECRET", TestDatabase.secret),
      ])
  }

  func institution(_ shape: Shape) throws -> TestDatabase {
    let database = try TestDatabase.empty()
    for script in try shape.scripts() { try database.script(script) }
    return database
  }

  /// A map in a file of its own.
  func file(_ text: String) throws -> String {
    let path = FileManager.default.temporaryDirectory.appending(path: "adopt-\(UUID().uuidString).map").path
    try Data(text.utf8).write(to: URL(filePath: path))
    return path
  }

  @Test("Where names collide migrate says what to do instead; what is proposed is tried, adopted and given back")
  func wholeWay() throws {
    let database = try institution(.french)
    defer { database.drop() }
    for words in [["migrate"], ["migrate", "--check"]] {
      let refused = try run(words, on: database)
      #expect(refused.status == 1)
      #expect(
        refused.errorText.contains(
          "public.grains, public.modules are there already and not Passerelle's; to live in collections that exist: "
            + "passerelle directus adopt --propose"), "\(refused.errorText)")
    }
    let proposal = try run("directus", "adopt", "--propose", on: database)
    #expect(proposal.status == 0, "\(proposal.errorText)")
    let map = try file(proposal.text)
    defer { try? FileManager.default.removeItem(atPath: map) }

    let rehearsal = try run("directus", "adopt", "--map", map, "--dry-run", on: database)
    #expect(rehearsal.status == 0, "\(rehearsal.errorText)")
    #expect(rehearsal.text.hasPrefix("new column public.apprenants.passerelle_id uuid"))
    #expect(rehearsal.text.contains("create or replace view passerelle.learner_rows"))
    #expect(rehearsal.text.hasSuffix("tried and rolled back: nothing has changed\n"))
    #expect(try database.count("select from pg_namespace where nspname = 'passerelle'") == 0)

    let adopted = try run("directus", "adopt", "--map", map, on: database)
    #expect(adopted.status == 0, "\(adopted.errorText)")
    #expect(adopted.text.contains("\nadopted\nmade the tool's key: "))
    #expect(try run("migrate", "--check", on: database).status == 0)
    let again = try run("migrate", on: database)
    #expect(again.status == 0 && !again.text.contains("applied"), "\(again.errorText)")

    for words in [
      ["module", "add", "m", "--title", "M"], ["grain", "add", "m", "g", "--title", "G"],
    ] {
      let refused = try run(words, on: database)
      #expect(refused.status == 1)
      #expect(refused.errorText.contains("modules live in public.modules and grains in public.grains: add them there"))
    }
    let undone = try run("directus", "adopt", "--undo", on: database)
    #expect(undone.status == 0, "\(undone.errorText)")
    #expect(try database.count("select from pg_namespace where nspname = 'passerelle'") == 0)
  }

  @Test("A map that cannot work is refused as compilers do: file, line, reason")
  func refused() throws {
    let database = try institution(.french)
    defer { database.drop() }
    let map = try file("[learners]\ntable = eleves\nname = nom\ncreate = yes\n")
    defer { try? FileManager.default.removeItem(atPath: map) }
    let refused = try run("directus", "adopt", "--map", map, "--dry-run", on: database)
    #expect(refused.status == 1)
    #expect(refused.text.isEmpty)
    let collides = try run("directus", "adopt", "--map", "/nowhere.map", on: database)
    #expect(collides.status == 1 && collides.errorText.contains("the map /nowhere.map cannot be read"))
    #expect(try run("directus", "adopt", on: database).status == 64)
    #expect(try run("directus", "adopt", "--propose", "--undo", on: database).status == 64)
    #expect(try run("directus", "adopt", "--propose", "--dry-run", on: database).status == 64)

    let users = try institution(.directusUsers)
    defer { users.drop() }
    let wrong = try file("[learners]\ntable = eleves\nname = nom\ncreate = yes\n")
    defer { try? FileManager.default.removeItem(atPath: wrong) }
    let line = try run("directus", "adopt", "--map", wrong, on: users)
    #expect(line.status == 1)
    #expect(
      line.errorText.contains("\(wrong), line 2: there is no table “eleves” in schema public"), "\(line.errorText)")
  }

  @Test(
    "Where the tables are Directus's role's, the script is run with psql, or its owner's connection does both in one go",
    arguments: [Shape.french, .directusUsers])
  func ownersPart(shape: Shape) throws {
    let database = try TestDatabase.empty()
    let (owner, directus) = ("passerelle_\(database.name)", "directus_\(database.name)")
    defer {
      try? database.script("drop owned by \(owner) cascade; drop owned by \(directus) cascade")
      database.drop()
      try? ScratchDatabase.connect("postgres").script("drop role \(owner); drop role \(directus)")
    }
    try database.script(
      """
      create role \(owner) login password 'geheim'; create role \(directus) login password 'geheim';
      grant create on database \(database.name) to \(owner); grant create on schema public to \(owner), \(directus)
      """)
    func url(_ role: String) throws -> String {
      var parts = try #require(URLComponents(string: try Stack.direct(database.name)))
      (parts.user, parts.password) = (role, "geheim")
      return try #require(parts.string)
    }
    for script in try shape.scripts() { try database.script("set role \(directus); \(script); reset role") }
    func run(_ words: String...) throws -> ProgramRun {
      try ProgramRun.run(
        Stack.command, arguments: ["directus", "adopt"] + words,
        environment: [
          ("PASSERELLE_DATABASE_URL", try url(owner)), ("PASSERELLE_BASE_URL", "https://lti.example.org/passerelle"),
          ("PASSERELLE_SECRET", TestDatabase.secret),
        ])
    }
    func psql(_ script: String) throws -> ProgramRun {
      let path = try file(script)
      defer { try? FileManager.default.removeItem(atPath: path) }
      return try ProgramRun.run(
        "/usr/bin/env", arguments: ["psql", "-X", "-v", "ON_ERROR_STOP=1", "-f", path, try url(directus)],
        environment: [("PATH", ProcessInfo.processInfo.environment["PATH"] ?? "")])
    }
    let additions: Statement = "select from pg_attribute where attname like 'passerelle_%' and not attisdropped"
    let map = try #require(shape.map)
    let refused = try run("--map", map)
    #expect(refused.status == 1, "\(refused.text)")
    #expect(refused.errorText.contains("the tables belong to the database role \(directus)"), "\(refused.errorText)")
    #expect(refused.errorText.contains("passerelle directus adopt --map \(map) --sql > adoption.sql"))
    #expect(!refused.errorText.contains("must be owner"))
    let tried = try run("--map", map, "--dry-run")
    #expect(tried.status == 0 && tried.text.hasSuffix("nothing has changed\n"), "\(tried.errorText)")

    let script = try run("--map", map, "--sql")
    #expect(script.status == 0 && script.text.contains("\nbegin;\n"), "\(script.errorText)")
    #expect(try database.count("select from pg_namespace where nspname = 'passerelle'") == 0)
    let prepared = try psql(script.text)
    #expect(prepared.status == 0, "\(prepared.errorText)")
    #expect(try run("--map", map, "--sql").text.contains("-- Nothing is missing."))
    let adopted = try run("--map", map)
    #expect(adopted.status == 0 && adopted.text.contains("\nadopted\n"), "\(adopted.errorText)")

    let undoing = try run("--undo", "--sql")
    #expect(undoing.status == 0, "\(undoing.errorText)")
    let early = try psql(undoing.text)
    #expect(early.status != 0 && early.errorText.contains("first run passerelle directus adopt --undo"))
    let undone = try run("--undo")
    #expect(undone.status == 0 && undone.text.contains("left to the owner of the tables"), "\(undone.errorText)")
    #expect(try psql(undoing.text).status == 0)
    #expect(try database.count(additions) == 0)

    let connection = try file(try url(directus) + "\n")
    defer { try? FileManager.default.removeItem(atPath: connection) }
    let both = try run("--map", map, "--owner-url-file", connection)
    #expect(both.status == 0 && both.text.contains("as the owner of the tables: "), "\(both.errorText)")
    #expect(!both.text.contains("geheim") && !both.errorText.contains("geheim"))
    #expect(try run("--undo", "--owner-url-file", connection).status == 0)
    #expect(try database.count(additions) == 0)
    for words in [
      ["--propose", "--sql"], ["--map", map, "--sql", "--dry-run"], ["--propose", "--owner-url-file", map],
    ] {
      let usage = try ProgramRun.run(
        Stack.command, arguments: ["directus", "adopt"] + words,
        environment: [("PASSERELLE_SECRET", TestDatabase.secret)])
      #expect(usage.status == 64, "\(words)")
    }
  }

  @Test("Where nobody is created, a launch of somebody unknown is refused in words, and the log says what to do")
  func unknownLearner() throws {
    try World.run(.inProcess, on: .directusUsers) { world in
      // The same map with another decision.
      #expect(try world.command("directus", "adopt", "--undo", "--forget").status == 0)
      let text = try String(contentsOfFile: try #require(Shape.directusUsers.map), encoding: .utf8)
      let map = try file(text.replacingOccurrences(of: "create      = yes", with: "create      = no"))
      defer { try? FileManager.default.removeItem(atPath: map) }
      let adopted = try world.command("directus", "adopt", "--map", map)
      #expect(adopted.status == 0, "\(adopted.errorText)")
      let attempt = try Attempt(world)
      let answer = try attempt.present(try attempt.token([]))
      #expect(answer.status == 403 && answer.code == "learner_unknown", "\(answer)")
      #expect(try world.database.count("select from passerelle.identities") == 0)

      try world.database.execute(
        """
        insert into public.directus_users (id, first_name, last_name, email, language)
        values (gen_random_uuid(), 'Éloïse', 'Directus', 'STUDENT1@example.org', 'fr-FR')
        """)
      let page = try world.session()
      #expect(page.opened.at("learner.name") == "Éloïse Directus")
      #expect(try page.complete("accueil").json.at("grade.message") == "Note envoyée à Moodle.")
      #expect(try world.database.count("select from public.directus_users") == 1)
    }
  }

  @Test(
    "Erasing a learner takes their row and progress where learners are nothing else, and never a user of Directus",
    arguments: [Shape.french, .directusUsers])
  func erased(shape: Shape) throws {
    try World.run(.inProcess, on: shape) { world in
      let page = try world.session()
      try page.complete("accueil")
      try world.session(user: 4).complete("accueil")
      let id = try #require(page.opened.at("learner.id")?.stringValue)
      let shown = try world.command("learner", "show", id, "--json")
      #expect(shown.status == 0 && shown.text.contains("Éloïse"), "\(shown.errorText)")
      let export = try world.command("learner", "export", id)
      #expect(export.status == 0 && export.text.contains("accueil"), "\(export.errorText)")
      let erased = try world.command("learner", "erase", id, "--yes")
      #expect(erased.status == 0, "\(erased.errorText)")
      #expect(Refused(try page.progress()) == Refused(401, "invalid_token"))
      #expect(try world.database.count("select from passerelle.identities") == 1)
      #expect(try world.database.count("select from passerelle.progress_rows") == 1)
      #expect(try world.database.count("select from public.grades") == 1)
      #expect(
        try world.database.count("select from passerelle.learner_rows") == (shape == .french ? 1 : 2))
    }
  }

  /// The schema as pg_dump writes it, without the two lines that are other ones each time.
  func schema(_ database: TestDatabase) throws -> [String] {
    let dump = try ProgramRun.run(
      "/usr/bin/env", arguments: ["pg_dump", "--schema-only", "--dbname", try Stack.direct(database.name)],
      environment: [("PATH", ProcessInfo.processInfo.environment["PATH"] ?? "")])
    guard dump.status == 0 else { throw TestDatabase.CommandFailed(words: dump.errorText) }
    return dump.text.split(separator: "\n").map(String.init).filter {
      !$0.hasPrefix("\\restrict") && !$0.hasPrefix("\\unrestrict")
    }
  }
}
