import DemoMoodle
import TestSupport
import Testing
import Wire

/// A Moodle that moved: it keeps its keys, and everything says what to do.
@Suite(.needsStack) struct MovedMoodleTests {
  private func move(_ moodle: Moodle) throws -> String {
    let address = "http://localhost:\(try #require(WebURL(moodle.url)).port)"
    moodle.platform.moveTo(wwwroot: address)
    return address
  }

  private func login(_ world: World, issuer: String, client: String) throws -> HTTPResponse {
    try world.post(
      "/lti/login",
      form: [
        ("iss", issuer), ("login_hint", "3"), ("target_link_uri", world.tool.base.description), ("client_id", client),
      ])
  }

  @Test("A login from the new address names the command to the administrator, in a fold; with other keys it does not")
  func hint() throws {
    try World.run(.inProcess) { world in
      _ = try world.session()
      let old = world.moodle.url
      let client = world.moodle.platform.tool.clientID
      let new = try move(world.moodle)
      let page = try login(world, issuer: new, client: client)
      #expect(page.status == 400 && page.text.contains("<code>platform_unknown</code>"))
      #expect(page.text.contains("<details>") && page.text.contains("passerelle platform move \(old) \(new)"))
      // Asked once in half a minute, whatever address is named.
      let asked = world.moodle.count("/certs.php")
      let again = try login(world, issuer: new + "/other", client: client)
      #expect(again.status == 400 && !again.text.contains("platform move"))
      #expect(world.moodle.count("/certs.php") == asked)
      // Another site that names the same client has other keys.
      let second = try Moodle(base: world.tool.base, key: .generate()) { (request) throws(TransportFailure) in
        try world.tool.send(request)
      }
      defer { second.stop() }
      try world.database.execute(
        "update passerelle.key_sets set attempted_at = now() - interval '1 minute' where url like 'moved:%'")
      let other = try login(world, issuer: second.url, client: client)
      #expect(other.status == 400 && !other.text.contains("platform move") && second.count("/certs.php") == 1)
      #expect(try login(world, issuer: new, client: "unknown").text.contains("platform move") == false)
    }
  }

  @Test("What failed by the move is pending again, and is delivered to the new address")
  func failedByTheMove() throws {
    try World.deliveries { world in
      let page = try world.session()
      try page.complete("accueil")
      let old = world.moodle.url
      world.strike(.page(301))
      #expect(try page.complete("bilan").json.at("grade.status") == "pending")
      try world.database.execute("update passerelle.enrolments set erring_since = now() - interval '2 days'")
      #expect(try world.sync().status == 1)
      #expect(try world.gradeRow().status == "failed" && world.gradeRow().errorCode == "grade_redirected")
      world.strike(nil)
      let new = try move(world.moodle)
      let run = try world.command("platform", "move", old, new)
      #expect(run.status == 0 && run.text.contains("pending again 1"), "\(run.text)\(run.errorText)")
      #expect(try world.sync(now: false).status == 0)
      #expect(world.gradebook() == 50)
    }
  }

  @Test("Other keys, or none to be read, need --different-keys; so do those that were never read")
  func differentKeys() throws {
    try World.run(.inProcess) { world in
      _ = try world.session()
      let second = try Moodle(base: world.tool.base, key: .generate()) { (request) throws(TransportFailure) in
        try world.tool.send(request)
      }
      defer { second.stop() }
      let refused = try world.command("platform", "move", world.moodle.url, second.url)
      #expect(refused.status == 1 && refused.errorText.contains("none of the keys"), "\(refused.errorText)")
      let silent = try world.command("platform", "move", world.moodle.url, "http://127.0.0.1:9")
      #expect(silent.status == 1 && silent.errorText.contains("cannot be read"), "\(silent.errorText)")
      #expect(try world.database.count("select from passerelle.platforms where issuer = \(world.moodle.url)") == 1)
      #expect(try world.command("platform", "move", world.moodle.url, second.url, "--different-keys").status == 0)
    }
  }

  @Test("A client id that is known under another issuer is not added, unless it is really another site")
  func added() throws {
    try World.run(.inProcess) { world in
      let client = world.moodle.platform.tool.clientID
      let new = "https://moodle2.example"
      func add(_ more: String...) throws -> ProgramRun {
        try ProgramRun.run(
          Stack.command,
          arguments: [
            "platform", "add", "--name", "Two", "--issuer", new, "--client-id", client, "--deployment-id", "1",
          ] + more, environment: world.administration)
      }
      let refused = try add()
      #expect(refused.status == 1)
      #expect(refused.errorText.contains("passerelle platform move \(world.moodle.url) \(new)"), "\(refused.errorText)")
      #expect(try world.database.count("select from passerelle.platforms") == 1)
      #expect(try add("--really-another").status == 0)
      #expect(try add("--really-another").status == 0)
    }
  }

  @Test("A Moodle that was registered anew under its new address becomes one with the old: people, progress and grades")
  func merged() throws {
    try World.run(.inProcess) { world in
      let client = world.moodle.platform.tool.clientID
      let page = try world.session()
      try page.complete("accueil", score: 0.5)
      _ = try world.session(user: 4)
      let old = world.moodle.url
      let new = try move(world.moodle)
      let added = try ProgramRun.run(
        Stack.command,
        arguments: [
          "platform", "add", "--name", "New", "--issuer", new, "--client-id", client, "--deployment-id", "1",
          "--really-another",
        ], environment: world.administration)
      #expect(added.status == 0, "\(added.errorText)")
      let again = try world.session()
      try again.complete("accueil", score: 0.25)
      try again.complete("bilan")
      #expect(try world.database.count("select from public.learners") == 3)
      let merged = try world.command("platform", "merge", old, new)
      #expect(merged.status == 0, "\(merged.errorText)")
      #expect(merged.text.contains("people 2, of whom two records 1, activities 1"), "\(merged.text)")
      #expect(try world.database.count("select from public.learners") == 2)
      #expect(try world.database.count("select from passerelle.platforms where issuer = \(new)") == 1)
      for table in ["platforms", "activities"] {
        #expect(try world.database.count("select from passerelle.\(unescaped: table)") == 1, "\(table)")
      }
      #expect(try world.database.count("select from passerelle.enrolments") == 2)
      #expect(try world.sync().status == 0)
      #expect(world.gradebook() == 37.5)
      #expect(try again.progress().json.at("completed") == 2)
      #expect(try world.session().opened.at("progress.completed") == 2)
      #expect(try world.database.count("select from public.learners") == 2)
      let same = try world.command("platform", "merge", new, new)
      #expect(same.status == 1 && same.errorText.contains("one platform"))
    }
  }

  @Test("A platform that has nobody is removed, one with people with --forget; learners and their progress stay")
  func removed() throws {
    try World.run(.inProcess) { world in
      try world.database.execute("insert into passerelle.platforms (name, issuer) values ('B', 'https://b.example')")
      #expect(try world.command("platform", "remove", "B").text == "removed: B, https://b.example, people 0\n")
      let page = try world.session()
      try page.complete("accueil")
      let refused = try world.command("platform", "remove", world.moodle.url)
      #expect(refused.status == 1 && refused.errorText.contains("has 1 people"), "\(refused.errorText)")
      let run = try world.command("platform", "remove", world.moodle.url, "--forget")
      #expect(run.status == 0, "\(run.errorText)")
      for table in ["passerelle.platforms", "passerelle.activities", "passerelle.identities", "public.grades"] {
        #expect(try world.database.count("select from \(unescaped: table)") == 0, "\(table)")
      }
      #expect(try world.database.count("select from public.learners") == 1)
      #expect(try world.database.count("select from public.progress") == 1)
    }
  }
}
