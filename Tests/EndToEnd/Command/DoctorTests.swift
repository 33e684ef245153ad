import DemoMoodle
import JOSE
import TestSupport
import Testing
import Wire

/// `passerelle doctor`: all well, and each thing broken in turn.
@Suite(.needsStack) struct DoctorTests {
  private func examine(
    _ world: World, again: () throws -> Void = {}, sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> (status: Int32, findings: [Examination.Finding], run: ProgramRun) {
    let examination = try Examination(world, again: again, sourceLocation: sourceLocation)
    return (examination.status, examination.findings, examination.run)
  }

  /// Expects exactly one subject to be wrong, and how to mend it.
  private func expect(
    _ world: World, wrong subject: String, words: String, mend: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let (status, findings, run) = try examine(world, sourceLocation: sourceLocation)
    let wrong = findings.filter { $0.state == "wrong" }
    #expect(status == 1, sourceLocation: sourceLocation)
    #expect(wrong.count == 1, "\(wrong)", sourceLocation: sourceLocation)
    #expect(wrong.first?.subject.hasPrefix(subject) == true, "\(wrong)", sourceLocation: sourceLocation)
    #expect(wrong.first?.words.contains(words) == true, "\(wrong)", sourceLocation: sourceLocation)
    #expect(wrong.first?.mend.contains(mend) == true, "\(wrong)", sourceLocation: sourceLocation)
    #expect(run.errorText.contains("1 thing needs mending"), sourceLocation: sourceLocation)
    #expect(!(run.text + run.errorText).contains(TestDatabase.secret), sourceLocation: sourceLocation)
  }

  @Test("Where all is well it says what it looked at, and is content", arguments: Transport.apaches)
  func well(transport: Transport) throws {
    try World.run(transport) { world in
      let (status, findings, run) = try examine(world)
      #expect(status == 0, "\(run.text) \(run.errorText)")
      #expect(!findings.contains { $0.state == "wrong" })
      let fine = findings.filter { $0.state == "ok" }.map { $0.subject + ": " + $0.words }
      for words in [
        "settings: complete", "database: PostgreSQL", "schema: version", "tool key: ", "base URL: ",
        "Authorization: Apache passes it", "key set: 1 key", "clocks agree", "access token for scores",
      ] {
        #expect(fine.contains { $0.contains(words) }, "\(words) in \(fine)")
      }
      let text = try world.command("doctor")
      #expect(text.status == 0 && text.text.contains("ok       database: PostgreSQL"))
    }
  }

  @Test("Settings that are missing, misspelt or readable by everybody are named")
  func settings() throws {
    try World.run(.event) { world in
      let file = try #require(world.tool.apache).settingsFile
      func doctor() throws -> ProgramRun {
        try ProgramRun.run(Stack.command, arguments: ["doctor"], environment: [("PASSERELLE_CONFIG", file)])
      }
      try world.tool.set("PASSERELLE_SESION_HOURS", "3")
      let misspelt = try doctor()
      #expect(misspelt.status == 0 && misspelt.text.contains("PASSERELLE_SESION_HOURS"), "\(misspelt.text)")
      try world.tool.set("PASSERELLE_SECRET", nil)
      let missing = try doctor()
      #expect(missing.status == 1)
      #expect(missing.text.contains("WRONG    settings: PASSERELLE_SECRET is not set."))
      #expect(missing.text.contains("openssl rand -hex 32"))
    }
  }

  @Test("A database that is away, not migrated, or whose key was sealed under another secret")
  func database() throws {
    try World.run(.event) { world in
      let settings = world.tool.settings
      func value(_ key: String) -> String? { settings.first { $0.0 == key }?.1 }
      try world.tool.set("PASSERELLE_DATABASE_URL", "postgresql://postgres:geheim@127.0.0.1:9/postgres")
      try expect(world, wrong: "database", words: "127.0.0.1", mend: "PASSERELLE_DATABASE_URL")
      try world.tool.set("PASSERELLE_DATABASE_URL", try Stack.pooled("template1"))
      try world.tool.set("PASSERELLE_OWNER_DATABASE_URL", try Stack.pooled("template1"))
      try expect(world, wrong: "schema", words: "migrations are missing", mend: "passerelle migrate")
      try world.tool.set("PASSERELLE_OWNER_DATABASE_URL", nil)
      try world.tool.set("PASSERELLE_DATABASE_URL", value("PASSERELLE_DATABASE_URL"))

      try world.tool.set("PASSERELLE_SECRET", String(repeating: "ab", count: 32))
      let (status, findings, _) = try examine(world)
      #expect(status == 1)
      let key = try #require(findings.first { $0.subject == "tool key" })
      #expect(key.state == "wrong" && key.words.contains("does not open") && key.mend.contains("secret"))
      try world.tool.set("PASSERELLE_SECRET", value("PASSERELLE_SECRET"))

      try world.database.execute("delete from passerelle.tool_keys")
      let without = try examine(world)
      #expect(without.status == 1)
      #expect(without.findings.first { $0.subject == "tool key" }?.mend == "run: passerelle migrate")
    }
  }

  @Test("What the database says no to when a platform's courses are asked for is told, and not passed over")
  func refusedQuestion() throws {
    try World.run(.event) { world in
      let client = world.moodle.platform.tool.clientID
      try world.database.script("revoke select on passerelle.activities from passerelle_web")
      let (status, findings, run) = try examine(world)
      #expect(status == 1)
      #expect(
        findings.contains { $0.state == "wrong" && $0.subject.contains(client) && $0.words.contains("activities") },
        "\(run.text)")
    }
  }

  @Test("A base URL where nobody answers, or another installation does")
  func baseURL() throws {
    try World.run(.event) { world in
      let base = world.tool.base.description
      try world.tool.set("PASSERELLE_BASE_URL", "http://127.0.0.1:9/passerelle")
      try expect(world, wrong: "base URL", words: "cannot be reached", mend: "Apache")
      try world.tool.set("PASSERELLE_BASE_URL", world.moodle.url + "/passerelle")
      try expect(world, wrong: "base URL", words: "answers 404", mend: "a2enconf")
      try world.tool.set("PASSERELLE_BASE_URL", base)
      // The web server reads other settings than the command.
      let other = try TestDatabase()
      defer { other.drop() }
      let jwk: String = try world.database.value("select public_jwk from passerelle.tool_keys")
      let kid: String = try world.database.value("select kid from passerelle.tool_keys")
      let renamed = jwk.replacing(kid, with: "other")
      try other.execute("update passerelle.tool_keys set kid = 'other', public_jwk = \(renamed)")
      let url = try Stack.pooled(other.name)
      let mine = world.tool.settings.map { $0.0 == "PASSERELLE_DATABASE_URL" ? ($0.0, url) : $0 }
      let run = try ProgramRun.run(Stack.command, arguments: ["doctor"], environment: mine)
      #expect(run.status == 1)
      #expect(run.text.contains("publishes other keys than this database holds"), "\(run.text)")
    }
  }

  @Test("A web server that keeps Authorization to itself is found out")
  func authorization() throws {
    try World.run(.inProcess) { world in
      let gateway = Gateway(world.tool)
      let server = try Server.start(gateway)
      defer { server.stop(grace: 0) }
      try world.tool.set("PASSERELLE_BASE_URL", server.url + "/passerelle")
      world.moodle.platform.tool = .passerelle(at: server.url + "/passerelle")
      let (status, findings, run) = try examine(world)
      #expect(status == 0, "\(run.text) \(run.errorText)")
      #expect(findings.contains { $0.subject == "Authorization" && $0.state == "ok" })
      gateway.dropAuthorization()
      try expect(world, wrong: "Authorization", words: "drops it", mend: "CGIPassAuth On")
    }
  }

  @Test("A platform that is away, sends no keys, has another clock, or gives no token")
  func platform() throws {
    try World.run(.event) { world in
      func loseKeySet() { world.moodle.platform.injectNext(.status(404), at: .keySet) }
      loseKeySet()
      let (status, findings, _) = try examine(world, again: loseKeySet)
      #expect(status == 1)
      #expect(findings.contains { $0.state == "wrong" && $0.words.contains("answers 404, not a key set") })

      world.moodle.clock.advance(-120)
      let late = try examine(world)
      #expect(late.status == 1)
      let clock = try #require(late.findings.first { $0.words.contains("ahead of the platform's") })
      #expect(clock.state == "wrong" && clock.mend.contains("timedatectl"))
      world.moodle.clock.advance(120 - 15)
      #expect(try examine(world).findings.contains { $0.state == "warning" && $0.words.contains("ahead of") })
      world.moodle.clock.advance(15)

      // Moodle knows the tool by another client id.
      try world.database.execute("update passerelle.registrations set client_id = 'nobody'")
      try expect(world, wrong: "Moodle (nobody)", words: "gives no access token", mend: "client id is not the one")
      try world.database.execute(
        "update passerelle.registrations set client_id = \(world.moodle.platform.tool.clientID)")
      world.moodle.platform.tool.mayUseGrades = false
      try expect(world, wrong: "Moodle", words: "gives no access token", mend: "grade sync")
      world.moodle.platform.tool.mayUseGrades = true

      let jwks = world.moodle.url + "/mod/lti/certs.php"
      try world.database.execute("update passerelle.registrations set jwks_url = 'http://127.0.0.1:9/jwks'")
      try expect(world, wrong: "Moodle", words: "cannot be reached", mend: "firewall")
      try world.database.execute("update passerelle.registrations set jwks_url = \(jwks)")
      #expect(try examine(world).status == 0)
      #expect(try world.command("platform", "disable", "Moodle").status == 0)
      let disabled = try examine(world)
      #expect(disabled.status == 0 && disabled.findings.contains { $0.state == "warning" && $0.words == "is disabled" })
    }
  }

  @Test("A Moodle that has another address for the tool's keys is sent to the right one")
  func keysetURL() throws {
    try World.run(.event) { world in
      world.moodle.platform.tool.keysetURL = world.tool.base.description + "/lti/nothing"
      let (status, findings, _) = try examine(world)
      #expect(status == 1)
      let token = try #require(findings.first { $0.words.contains("gives no access token") })
      #expect(token.state == "wrong" && token.mend.contains("key set"))
    }
  }

  @Test("A site of LTI 1.1 alone is asked for no key set; its secret, address and clock are looked at")
  func lti11() throws {
    try World.run(.event, registered: false) { world in
      let issuer = world.moodle.url
      let added = try world.command("platform", "add", "--name", "Ancien", "--issuer", issuer, "--lti11-key", "cle")
      #expect(added.status == 0, "\(added.errorText)")
      let (status, findings, run) = try examine(world)
      #expect(status == 0, "\(run.text) \(run.errorText)")
      let fine = findings.filter { $0.state == "ok" }.map { $0.subject + ": " + $0.words }
      for words in ["Ancien (LTI 1.1, cle): the shared secret opens", "Ancien (LTI 1.1): the site answers", "clocks"] {
        #expect(fine.contains { $0.contains(words) }, "\(words) in \(fine)")
      }
      #expect(!findings.contains { $0.words.contains("key set:") || $0.words.contains("access token") })
      #expect(world.moodle.count("/certs.php") == 0 && world.moodle.count("/token.php") == 0)

      // Five minutes are tolerated by either side, more are not.
      world.moodle.clock.advance(-200)
      #expect(try examine(world).status == 0)
      world.moodle.clock.advance(-200)
      try expect(world, wrong: "Ancien (LTI 1.1)", words: "ahead of", mend: "timedatectl")
      world.moodle.clock.advance(400)

      try world.database.execute("update passerelle.consumers set sealed = substr(sealed, 1, length(sealed) - 1)")
      try expect(world, wrong: "Ancien (LTI 1.1, cle)", words: "does not open", mend: "--lti11-key cle")
      #expect(try world.command("platform", "add", "--issuer", issuer, "--lti11-key", "cle").status == 0)
      #expect(try examine(world).status == 0)
      try world.database.execute("update passerelle.platforms set issuer = 'http://127.0.0.1:9'")
      try expect(world, wrong: "Ancien (LTI 1.1)", words: "cannot be reached", mend: "firewall")
      try world.database.execute("update passerelle.platforms set issuer = \(issuer)")

      // Nothing to launch with is no platform yet.
      try world.database.execute("delete from passerelle.consumers")
      let bare = try examine(world)
      #expect(bare.status == 0)
      #expect(bare.findings.contains { $0.state == "warning" && $0.words.contains("neither a client of LTI 1.3") })
    }
  }

  @Test(
    "Of a site of LTI 1.1 alone any answer will do, but an error of its own", arguments: [200, 302, 405, 501, 500, 503])
  func lti11Answers(status: Int) throws {
    try World.run(.event, registered: false) { world in
      try PlatformStub.run { _, _ in
        MoodleResponse(status: status, contentType: nil)
      } _: { site in
        #expect(
          try world.command("platform", "add", "--name", "Ancien", "--issuer", site.url, "--lti11-key", "cle").status
            == 0)
        let (ended, findings, run) = try examine(world)
        let isFine = status != 500 && status != 503
        #expect(ended == (isFine ? 0 : 1), "\(run.text)")
        let maintenance = status == 503 ? "is in maintenance, or away: " : ""
        let words = isFine ? "the site answers" : "\(maintenance)\(site.url) answers \(status)"
        #expect(findings.contains { $0.subject == "Ancien (LTI 1.1)" && $0.words.contains(words) }, "\(run.text)")
      }
    }
  }

  @Test("A site of both versions is checked for both")
  func bothVersions() throws {
    try World.run(.event) { world in
      let added = try world.command("platform", "add", "--issuer", world.moodle.url, "--lti11-key", "cle")
      #expect(added.status == 0, "\(added.errorText)")
      let (status, findings, _) = try examine(world)
      #expect(status == 0)
      for words in ["key set: 1 key", "access token for scores", "the shared secret opens"] {
        #expect(findings.contains { $0.state == "ok" && $0.words.contains(words) }, "\(words)")
      }
      #expect(!findings.contains { $0.words == "the site answers" })
    }
  }

  @Test("Grades that a big edit left to the timer, and a clock that was put back, are told of, by /health too")
  func leftToTheTimer() throws {
    try World.run(.event) { world in
      #expect(try !examine(world).findings.contains { ["recount", "clock"].contains($0.subject) })
      try world.database.execute(
        """
        insert into passerelle.recounts (module, learners, done, asked_at)
        select m.id, 30000, 10000, now() - interval '20 minutes' from public.modules m limit 1
        """)
      try world.database.execute("update passerelle.platforms set breaker_until = now() + interval '2 days'")
      let findings = try examine(world).findings
      let recount = try #require(findings.first { $0.subject == "recount" })
      #expect(
        recount.state == "warning" && recount.words.contains("20 min: 10000 of 30000 learners done"), "\(recount)")
      #expect(recount.mend.contains("passerelle grade sync"))
      let clock = try #require(findings.first { $0.subject == "clock" })
      #expect(clock.state == "warning" && clock.mend.contains("timedatectl"))

      let health = try world.send("GET", "/health").json
      #expect(health["recountingModules"]?.doubleValue == 1)
      #expect(health["recountingLearners"]?.doubleValue == 20_000)
      // The timer finds nobody to compute, and is done.
      #expect(try world.command("grade", "sync").status == 0)
      #expect(try world.database.count("select from passerelle.recounts") == 0)
    }
  }
}
