import Foundation
import Postgres
import TestSupport
import Testing
import Wire

/// The owner's connection and the web server's: which command works as whom.
@Suite(.needsStack) struct RolesTests {
  @Test("migrate works as the owner and grants the web role; everyday commands work as that role and cannot do more")
  func apart() throws {
    try TwoRoles.run { place in
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
        let run = try place.run(words)
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
    try TwoRoles.run { place in
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
    try TwoRoles.run { place in
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
      let seen = try place.examineAsNobody().findings
      let file = place.folder.appending(path: "owner.env").path
      #expect(
        seen.filter { ["owner", "schema", "Directus", "web role"].contains($0.subject) } == [
          .init(
            "warning", "owner", "only root may read \(file): functions, adoption and Directus were not looked at",
            mend: "as root run: passerelle doctor")
        ])
    }
  }

  @Test("An owner's connection where the web server reads it is refused, with the way out")
  func misplaced() throws {
    try TwoRoles.run(ownersFile: nil) { place in
      let settings = try String(contentsOf: place.folder.appending(path: "passerelle.env"), encoding: .utf8)
      try place.write(
        "passerelle.env", settings + "PASSERELLE_OWNER_DATABASE_URL=\"\(try place.url(place.owner))\"\n", mode: 0o644)
      let run = try place.run("migrate")
      #expect(
        run.status == 1 && run.errorText.contains("which the web server reads; move the line to"), "\(run.errorText)")
      #expect(!run.errorText.contains("geheim"))
      let seen = try place.examine().findings(of: "owner")
      #expect(
        seen.map(\.state) == ["wrong"]
          && seen[0].mend == "move the line: the web server must not know the owner's password", "\(seen)")
    }
  }

  @Test("Without an owner's connection one role does everything, and doctor says so")
  func single() throws {
    try TwoRoles.run(ownersFile: { _ in "# nothing\n" }) { place in
      let url = [("PASSERELLE_DATABASE_URL", try place.url(place.owner))]
      #expect(try place.run("migrate", environment: url).status == 0)
      #expect(try place.run("module", "list", environment: url).status == 0)
      let seen = try place.sentences(environment: url)
      #expect(seen == ["ok web role: none: one role owns the tables and serves the web, as small installations may"])
    }
  }
}
