import Foundation
import Postgres
import TestSupport
import Testing
import Wire

/// The owner's connection and the web server's: which command works as whom.
@Suite(.needsStack) struct RolesTests {
  /// A database that an ordinary role may make things in, beside the web server's, and a folder of settings.
  private final class Place {
    let database: TestDatabase
    let folder: URL
    let owner: String
    let web: String

    /// - Parameter ownersFile: the text of `owner.env`; nil makes none.
    init(ownersFile: ((String) -> String)? = { "PASSERELLE_OWNER_DATABASE_URL=\"\($0)\"\n" }) throws {
      database = try TestDatabase.empty()
      owner = "owner_\(database.name)"
      web = "web_\(database.name)"
      try database.script(
        """
        create role \(owner) login password 'geheim'; create role \(web) login password 'geheim';
        grant create on database \(database.name) to \(owner); grant create on schema public to \(owner)
        """)
      folder = FileManager.default.temporaryDirectory.appending(path: "roles-\(UUID().uuidString)")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.path)
      try write(
        "passerelle.env",
        """
        PASSERELLE_DATABASE_URL="\(try url(web))"
        PASSERELLE_BASE_URL=https://tool.example/passerelle
        PASSERELLE_SECRET=\(TestDatabase.secret)

        """, mode: 0o644)
      if let ownersFile { try write("owner.env", ownersFile(try url(owner)), mode: 0o600) }
    }

    func end() {
      try? database.script("drop owned by \(owner) cascade; drop owned by \(web) cascade")
      database.drop()
      try? TestDatabase.connect("postgres").script("drop role \(owner); drop role \(web)")
      try? FileManager.default.removeItem(at: folder)
    }

    func write(_ name: String, _ text: String, mode: Int) throws {
      let file = folder.appending(path: name)
      try Data(text.utf8).write(to: file)
      try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file.path)
    }

    func url(_ role: String) throws -> String {
      var parts = try #require(URLComponents(string: try Stack.direct(database.name)))
      parts.user = role
      parts.password = "geheim"
      return try #require(parts.string)
    }

    /// The command with these settings, as this process's user.
    func run(_ words: String..., environment: [(String, String)] = []) throws -> ProgramRun {
      try ProgramRun.run(
        Stack.command, arguments: words,
        environment: [("PASSERELLE_CONFIG", folder.appending(path: "passerelle.env").path)] + environment)
    }

    /// The command as a user who may read the settings and no more.
    func runAsNobody(_ words: [String]) throws -> ProgramRun {
      let command = folder.appending(path: "passerelle")
      if !FileManager.default.fileExists(atPath: command.path) {
        try ShellCommand.copyProgram(Stack.command, to: command)
      }
      return try ProgramRun.run(
        "/usr/bin/setpriv",
        arguments: ["--reuid=65534", "--regid=65534", "--clear-groups", "--", command.path] + words,
        environment: [("PASSERELLE_CONFIG", folder.appending(path: "passerelle.env").path)])
    }

    func findings(_ run: ProgramRun, _ subjects: String...) throws -> [String] {
      try #require(JSONValue(parsing: run.output).arrayValue).compactMap { finding in
        guard let subject = finding["subject"]?.stringValue, subjects.contains(subject) else { return nil }
        return "\(finding["state"]?.stringValue ?? "") \(subject): \(finding["words"]?.stringValue ?? "")"
      }
    }
  }

  private func with(_ place: Place, _ body: (Place) throws -> Void) throws {
    defer { place.end() }
    try body(place)
  }

  @Test("migrate works as the owner and grants the web role; everyday commands work as that role and cannot do more")
  func apart() throws {
    try with(try Place()) { place in
      // Before, the web role may do nothing.
      #expect(try place.run("module", "list").status == 1)
      let migrated = try place.run("migrate", "--web-role", place.web)
      #expect(migrated.status == 0, "\(migrated.errorText)")
      #expect(migrated.text.contains("granted: grant usage on schema passerelle to \(place.web)"))
      #expect(
        try place.database.value("select nspowner::regrole::text from pg_namespace where nspname = 'passerelle'")
          == place.owner)
      for words in [
        ["module", "add", "m", "--title", "M"], ["grain", "add", "m", "g", "--title", "G"], ["module", "list"],
        [
          "platform", "add", "--name", "P", "--issuer", "https://m.example", "--client-id", "c", "--deployment-id", "1",
        ],
        ["platform", "disable", "P"], ["platform", "enable", "P"], ["platform", "invite"], ["key", "rotate"],
        ["session", "revoke", "--platform", "P"], ["sweep"], ["grade", "recompute"], ["grade", "sync"],
        ["learner", "list"],
      ] {
        let run = try ProgramRun.run(
          Stack.command, arguments: words,
          environment: [("PASSERELLE_CONFIG", place.folder.appending(path: "passerelle.env").path)])
        #expect(run.status == 0, "\(words) \(run.errorText)")
      }
      // What the owner alone may do, and the command does as the owner.
      let id: String = try place.database.value("insert into public.learners (name) values ('Léa') returning id::text")
      #expect(try place.run("learner", "export", id).status == 0)
      #expect(try place.run("learner", "erase", id, "--yes").text.contains("erased: learner \(id)"))
      let again = try place.run("migrate")
      #expect(again.status == 0 && !again.text.contains("granted"), "\(again.text)")
      // The owner's connection in the settings of the web: refused, and named.
      #expect(try place.run("migrate", "--check").status == 0)
      try place.database.execute("revoke insert on passerelle.sessions from \(identifier: place.web)")
      let check = try place.run("migrate", "--check")
      #expect(check.status == 1 && check.text.contains("missing: grant insert on passerelle.sessions to \(place.web)"))
      #expect(try place.run("migrate").text.contains("granted: grant insert on passerelle.sessions to \(place.web)"))
    }
  }

  @Test("Directus's role is named once, and has its rights from then on; a role that is none is refused in words")
  func directus() throws {
    try with(try Place()) { place in
      let role = "directus_\(place.database.name)"
      let refused = try place.run("migrate", "--directus-role", role)
      #expect(
        refused.status == 1 && refused.errorText.contains("there is no database role “\(role)”"), "\(refused.errorText)"
      )
      #expect(try place.database.count("select from pg_namespace where nspname = 'passerelle'") == 0)
      try place.database.execute("create role \(identifier: role)")
      defer { try? place.database.script("drop owned by \(role); drop role \(role)") }
      let migrated = try place.run("migrate", "--directus-role", role)
      #expect(migrated.status == 0, "\(migrated.errorText)")
      let grant = "GRANT SELECT, INSERT, UPDATE, DELETE ON public.grades TO \(role);"
      #expect(migrated.text.contains("granted: \(grant)"))
      try place.database.execute("revoke all on public.grades from \(identifier: role)")
      let check = try place.run("migrate", "--check")
      #expect(check.status == 1 && check.text.contains("missing: \(grant)"), "\(check.text)")
      #expect(try place.run("migrate").text.contains("granted: \(grant)"))
      #expect(try place.run("migrate", "--check").status == 0)
      #expect(try place.run("migrate", "--check", "--directus-role", role).status == 64)
    }
  }

  @Test("Whoever may not read the owner's file is told to be root, and the rest works")
  func closed() throws {
    guard geteuid() == 0 else { return }
    try with(try Place()) { place in
      #expect(try place.run("migrate", "--web-role", place.web).status == 0)
      for words in [
        ["migrate"], ["learner", "erase", "x", "--yes"], ["learner", "export", "x"], ["directus", "status"],
        ["directus", "adopt", "--propose"],
      ] {
        let refused = try place.runAsNobody(words)
        #expect(refused.status == 1, "\(words)")
        #expect(
          refused.errorText.contains("owner.env; only root may read it: run it as root"),
          "\(words) \(refused.errorText)")
      }
      #expect(try place.runAsNobody(["module", "list"]).status == 0)
      let seen = try place.findings(
        try place.runAsNobody(["doctor", "--json"]), "owner", "schema", "Directus", "web role")
      #expect(seen.count == 1 && seen[0].hasPrefix("warning owner: only root may read"), "\(seen)")
    }
  }

  @Test("An owner's connection where the web server reads it is refused, with the way out")
  func misplaced() throws {
    try with(try Place(ownersFile: nil)) { place in
      let settings = try String(contentsOf: place.folder.appending(path: "passerelle.env"), encoding: .utf8)
      try place.write(
        "passerelle.env", settings + "PASSERELLE_OWNER_DATABASE_URL=\"\(try place.url(place.owner))\"\n", mode: 0o644)
      let run = try place.run("migrate")
      #expect(
        run.status == 1 && run.errorText.contains("which the web server reads; move the line to"), "\(run.errorText)")
      #expect(!run.errorText.contains("geheim"))
      let doctor = try Examination.findings(of: try place.run("doctor", "--json"))
      #expect(
        doctor.contains {
          $0.subject == "owner" && $0.state == "wrong"
            && $0.mend == "move the line: the web server must not know the owner's password"
        }, "\(doctor)")
    }
  }

  @Test("Without an owner's connection one role does everything, and doctor says so")
  func single() throws {
    try with(try Place(ownersFile: { _ in "# nothing\n" })) { place in
      let url = [("PASSERELLE_DATABASE_URL", try place.url(place.owner))]
      #expect(try place.run("migrate", environment: url).status == 0)
      #expect(try place.run("module", "list", environment: url).status == 0)
      let seen = try place.findings(try place.run("doctor", "--json", environment: url), "owner", "web role")
      #expect(seen == ["ok web role: none: one role owns the tables and serves the web, as small installations may"])
    }
  }

  @Test("Doctor looks at both roles: rights that lack, another role, another database, a file that others read")
  func doctor() throws {
    try with(try Place()) { place in
      #expect(try place.run("migrate").status == 0)
      try place.database.script(
        "grant usage on schema passerelle to \(place.web); grant select on all tables in schema passerelle to \(place.web)"
      )
      func findings(_ environment: [(String, String)] = []) throws -> [String] {
        let run = try place.run("doctor", "--json", environment: environment)
        try Examination.expect(
          try place.run("doctor", environment: environment + [Examination.french]), toSayInFrench: run)
        return try place.findings(run, "owner", "web role")
      }
      #expect(
        try findings() == ["wrong web role: the web server connects as \(place.web), which migrate was not told of"])
      #expect(try place.run("migrate", "--web-role", place.web).status == 0)
      #expect(try findings() == ["ok web role: \(place.web) has the rights that it needs, and owns nothing"])

      try place.database.execute("grant create on schema public to \(identifier: place.web)")
      #expect(try findings() == ["warning web role: \(place.web) may do more than it needs; as their owner run:"])
      try place.database.execute("revoke create on schema public from \(identifier: place.web)")
      try place.database.execute("revoke update on passerelle.sessions from \(identifier: place.web)")
      #expect(
        try findings().first?.contains("has other rights than its statements need: grant update on passerelle.sessions")
          == true)
      #expect(try place.run("migrate").status == 0)
      try place.database.execute("grant \(identifier: place.owner) to \(identifier: place.web)")
      #expect(try findings().first?.contains("first run: revoke \(place.owner) from \(place.web)") == true)
      try place.database.execute("revoke \(identifier: place.owner) from \(identifier: place.web)")

      let other = try TestDatabase()
      defer { other.drop() }
      #expect(
        try findings([("PASSERELLE_OWNER_DATABASE_URL", try Stack.direct(other.name))])
          == ["wrong owner: PASSERELLE_OWNER_DATABASE_URL leads to another database than PASSERELLE_DATABASE_URL"])
      #expect(
        try findings([("PASSERELLE_OWNER_DATABASE_URL", try place.url(place.web))])
          == ["wrong owner: the role of PASSERELLE_OWNER_DATABASE_URL does not own Passerelle's tables"])

      try place.write("owner.env", "PASSERELLE_OWNER_DATABASE_URL=\"\(try place.url(place.owner))\"\n", mode: 0o644)
      #expect(try findings().contains { $0.contains("owner.env can be read by others than its owner") })
      // A file that stands beside other settings is not this database's.
      try place.write("owner.env", "nonsense\n", mode: 0o600)
      #expect(try findings().contains { $0.contains("is not KEY=VALUE") })
    }
  }
}
