import DemoMoodle
import TestSupport
import Testing
import Wire

/// Sessions that end because the right to them has ended: a platform disabled, an incident, a teacher who teaches no more.
@Suite(.needsStack) struct RevocationTests {
  @Test(
    "Disabling a platform ends its sessions and codes at once, those of deep links too; others go on",
    arguments: Transport.both)
  func disabled(transport: Transport) throws {
    try World.run(transport) { world in
      let other = try Moodle(base: world.tool.base) { (request) throws(TransportFailure) in
        try world.tool.send(request)
      }
      defer { other.stop() }
      try world.register(other)
      var browser = world.browser(other)
      let elsewhere = try MiniSite(world, code: try world.code(of: try browser.launch(user: 3)))
      let page = try world.session()
      try page.complete("accueil")
      let code = try world.code(of: try world.launch(user: 4))
      var teacher = world.browser()
      let chooser = try world.code(of: try teacher.chooseContent(user: 8))
      let opened = try world.post("/api/session", json: ["code": .string(chooser)]).json
      let token = try #require(opened["token"]?.stringValue)

      let run = try world.command("platform", "disable", world.moodle.url)
      #expect(run.status == 0, "\(run.errorText)")
      #expect(run.text.hasSuffix("ended: 2 sessions, and 1 code that would have opened another\n"), "\(run.text)")
      #expect(Refused(try page.progress()) == Refused(401, "session_expired"))
      #expect(Refused(try page.complete("bilan")) == Refused(401, "session_expired"))
      #expect(Refused(try world.post("/api/session", json: ["code": .string(code)])) == Refused(400, "invalid_code"))
      #expect(
        Refused(try world.send("GET", "/api/deep-link", fields: [("Authorization", "Bearer \(token)")]))
          == Refused(401, "session_expired"))
      #expect(try elsewhere.progress().status == 200)

      // Enabling brings no session back: whoever opens the activity again has a new one, and their work.
      #expect(try world.command("platform", "enable", world.moodle.url).status == 0)
      #expect(Refused(try page.progress()) == Refused(401, "session_expired"))
      #expect(try world.session().progress().json["completed"] == 1)
    }
  }

  @Test("With --keep-sessions they go on, and only launches are refused")
  func kept() throws {
    try World.run(.inProcess) { world in
      let page = try world.session()
      let run = try world.command("platform", "disable", world.moodle.url, "--keep-sessions")
      #expect(run.status == 0 && run.text == "disabled: Moodle\n")
      #expect(try page.complete("accueil").status == 200)
      let refused = caught(LaunchClientError.self) { try world.launch() }
      #expect(refused.map { "\($0)".contains("status: 403") } == true, "\(String(describing: refused))")
      #expect(try world.tool.log.contains("platform_disabled"))
    }
  }

  @Test("session revoke ends a learner's sessions, or a platform's, and says how many")
  func revoked() throws {
    try World.run(.inProcess) { world in
      let (first, second) = try (world.session(user: 3), world.session(user: 3))
      let neighbour = try world.session(user: 4)
      let run = try world.command("session", "revoke", "--learner", first.learner)
      #expect(run.status == 0, "\(run.errorText)")
      #expect(run.text == "ended: 2 sessions, and 0 codes that would have opened another\n")
      for page in [first, second] { #expect(Refused(try page.progress()) == Refused(401, "session_expired")) }
      #expect(try neighbour.progress().status == 200)
      // Revoking forbids nothing.
      #expect(try world.session(user: 3).progress().status == 200)

      let all = try world.command("session", "revoke", "--platform", world.moodle.url)
      #expect(all.text == "ended: 2 sessions, and 0 codes that would have opened another\n")
      #expect(Refused(try neighbour.progress()) == Refused(401, "session_expired"))
      #expect(try world.session(user: 4).progress().status == 200)

      for words in [
        ["--learner", "x"], ["--learner", "00000000-0000-0000-0000-000000000000"], ["--platform", "nobody"],
      ] {
        let run = try ProgramRun.run(
          Stack.command, arguments: ["session", "revoke"] + words, environment: world.administration)
        #expect(run.status == 1 && run.errorText.contains("there is no"), "\(words) \(run.errorText)")
      }
      for words in [[], ["--learner", first.learner, "--platform", "x"]] {
        let run = try ProgramRun.run(
          Stack.command, arguments: ["session", "revoke"] + words, environment: world.administration)
        #expect(run.status == 64)
      }
    }
  }

  @Test(
    "A teacher launched as a learner since, here or elsewhere in the course, no longer reads the roster",
    arguments: [2, 3])
  func launchedOtherwise(cmid: Int) throws {
    let second = Activity(cmid: 3, instance: 2, name: "Suite")
    try World.run(.inProcess, activities: [Activity(), second]) { world in
      let teacher = try Teacher(world, user: 8)
      #expect(try teacher.answer().status == 200)
      world.moodle.platform.changePerson(8) { $0.role = .student }
      // Nobody knows it yet.
      #expect(try teacher.answer().status == 200)
      #expect(try world.session(user: 8, cmid: cmid).opened["role"] == "learner")
      #expect(Refused(try teacher.answer()) == Refused(403, "forbidden"))
      #expect(Refused(try teacher.answer("?format=csv")) == Refused(403, "forbidden"))
      // A teacher again: the next launch says so, and everything that is open counts again.
      world.moodle.platform.changePerson(8) { $0.role = .editingTeacher }
      #expect(try Teacher(world, user: 8).answer().status == 200)
    }
  }

  @Test("A teacher whom lists of the course's members called one, and then a learner, no longer reads the roster")
  func listedOtherwise() throws {
    try World.run(.inProcess) { world in
      let teachers = try [Teacher(world, user: 8), Teacher(world, user: 11)]
      #expect(try teachers[0].answer().status == 200)
      world.moodle.platform.changePerson(8) { $0.role = .student }
      // The list that is known is older than the change; the next one is asked for after five minutes, by whoever looks.
      #expect(try teachers[0].answer().status == 200)
      try world.ageMembers(minutes: 6)
      #expect(try teachers[1].answer().status == 200)
      #expect(Refused(try teachers[0].answer()) == Refused(403, "forbidden"))
      #expect(try teachers[1].answer().status == 200)
    }
  }

  @Test("The request that reads the list is already refused; a non-editing teacher and an administrator read on")
  func readNow() throws {
    try World.run(.inProcess) { world in
      // Moodle lists the one as a learner, and the other not at all.
      let others = try [Teacher(world, user: 10), Teacher(world, user: 2)]
      let teacher = try Teacher(world, user: 8)
      #expect(try teacher.answer().status == 200)
      world.moodle.platform.changePerson(8) { $0.role = .student }
      try world.ageMembers(minutes: 6)
      #expect(Refused(try teacher.answer()) == Refused(403, "forbidden"))
      for other in others { #expect(try other.answer().status == 200) }
      try world.ageMembers(minutes: 6)
      for other in others { #expect(try other.answer().status == 200) }
    }
  }
}
