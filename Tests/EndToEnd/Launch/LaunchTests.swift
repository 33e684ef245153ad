import DemoMoodle
import TestSupport
import Testing
import Wire

/// `/lti/launch`: what becomes of an accepted message, and what is refused around the token.
@Suite(.needsStack) struct LaunchTests {
  @Test(
    "An accepted launch leads to the mini-site with a code in the fragment, and nothing secret in the log",
    arguments: Transport.withProgram)
  func accepted(transport: Transport) throws {
    try World.run(transport) { world in
      let trace = try world.launch(user: 3)
      let answer = try #require(trace.final?.response)
      #expect(answer.status == 303)
      #expect(
        answer.fields["Location"]?.wholeMatch(
          of: /https:\/\/minisite\.example\/grains\/#passerelle=[A-Za-z0-9_-]{43}/) != nil)
      #expect(answer.fields["Cache-Control"] == "no-store")
      #expect(answer.fields["Referrer-Policy"] == "no-referrer")
      // The cookie goes with the state that it belonged to.
      #expect(
        answer.fields["Set-Cookie"]?.wholeMatch(
          of: /passerelle-[A-Za-z0-9_-]{16}=; Path=\/; Max-Age=0; HttpOnly$/) != nil)
      #expect(
        try world.database.value("select expires_at - now() between '50 s' and '60 s' from passerelle.codes") == true)
      let log = try world.tool.log
      #expect(log.contains("launch accepted"))
    }
  }

  @Test("Names with accents arrive whole, in the profile and in the session", arguments: Transport.allCases)
  func accents(transport: Transport) throws {
    try World.run(transport) { world in
      for (user, name) in [
        (3, "Éloïse Lefèvre"), (6, "Anaïs Bœuf"), (7, "Noël Àçîñ"), (4, "Zoë Müller-Garçon"),
        (5, "François D'Hérouville"),
      ] {
        let page = try world.session(user: user)
        #expect(page.opened.at("learner.name")?.stringValue == name)
        #expect(
          try world.database.value("select given_name || ' ' || family_name from public.learners where name = \(name)")
            == name)
      }
      #expect(
        try world.database.values("select email from public.learners order by email")
          == ["student1", "student2", "student3", "student4", "student5"].map { $0 + "@example.org" })
    }
  }

  @Test(
    "A launch without any personal data is a launch; the learner is known by platform and subject alone",
    arguments: Transport.allCases)
  func anonymous(transport: Transport) throws {
    try World.run(transport, activities: [Activity(sendName: false, sendEmail: false)]) { world in
      for _ in 1...2 {
        let page = try world.session(user: 3)
        #expect(page.opened.at("learner.name") == .null)
        #expect(page.opened.at("learner.email") == .null)
      }
      #expect(try world.database.count("select from public.learners where name is null and email is null") == 1)
      #expect(try world.database.value("select subject from passerelle.identities") == "3")
    }
  }

  @Test(
    "Teachers and administrators arrive at the dashboard as instructors, and owe no grade",
    arguments: Transport.allCases, [8, 10, 11, 2])
  func instructors(transport: Transport, user: Int) throws {
    try World.run(transport) { world in
      let trace = try world.launch(user: user)
      #expect(trace.final?.response.status == 303)
      let page = try MiniSite(world, code: try world.code(of: trace))
      #expect(try trace.location?.withFragment(nil) == world.url("/dashboard"))
      #expect(page.opened["role"] == "instructor")
      let answer = try page.complete("accueil")
      #expect(answer.status == 200)
      #expect(try answer.json.at("grade.status") == "none")
      #expect(world.moodle.scores.isEmpty)
      #expect(try world.database.count("select from public.grades where status <> 'none'") == 0)
    }
  }

  @Test("The same POST again is refused as a used nonce", arguments: Transport.allCases)
  func replay(transport: Transport) throws {
    try World.run(transport) { world in
      let attempt = try Attempt(world)
      let token = try attempt.token()
      #expect(try attempt.present(token).status == 303)
      for _ in 1...3 { #expect(Refused(try attempt.present(token)) == Refused(400, "launch_nonce_used")) }
      // The used nonce under a fresh state of the same browser.
      let second = try Attempt(world)
      let replayed = try world.post(
        "/lti/launch", form: [("id_token", token), ("state", second.state)], fields: [("Cookie", second.cookie)])
      #expect(Refused(replayed) == Refused(400, "launch_nonce_used"))
      #expect(try world.database.count("select from passerelle.codes") == 1)
    }
  }

  @Test("The same POST ten times at once is accepted exactly once", arguments: Transport.allCases)
  func replayAtOnce(transport: Transport) throws {
    try World.run(transport) { world in
      for _ in 1...3 {
        let attempt = try Attempt(world)
        let token = try attempt.token()
        let answers = try simultaneously(10) { _ in try attempt.present(token) }.map { try $0.get() }
        #expect(answers.count { $0.status == 303 } == 1)
        #expect(answers.count { Refused($0) == Refused(400, "launch_nonce_used") } == 9)
      }
      #expect(try world.database.count("select from passerelle.codes") == 3)
    }
  }

  @Test(
    "Fifty simultaneous first launches of one person all succeed and leave one learner", arguments: Transport.allCases)
  func firstLaunches(transport: Transport) throws {
    try World.run(transport) { world in
      let attempts = try (0..<50).map { _ in try Attempt(world) }
      let tokens = try attempts.map { try $0.token(user: 6) }
      let answers = try simultaneously(50) { try attempts[$0].present(tokens[$0]) }.map { try $0.get() }
      #expect(answers.count { $0.status == 303 } == 50, "\(Set(answers.map { Refused($0).testDescription }))")
      #expect(try world.database.count("select from public.learners") == 1)
      #expect(try world.database.count("select from passerelle.identities") == 1)
      #expect(try world.database.count("select from passerelle.activities") == 1)
      #expect(try world.database.count("select from passerelle.enrolments") == 1)
      #expect(try world.database.count("select from passerelle.codes") == 50)
      #expect(world.moodle.count("/certs.php") == 1)
    }
  }

  @Test("Fifty people who launch for the first time at once are fifty learners in one activity")
  func crowd() throws {
    try World.run(.event) { world in
      let attempts = try (0..<50).map { _ in try Attempt(world) }
      let tokens = try attempts.enumerated().map { try $1.token(user: 101 + $0) }
      let answers = try simultaneously(50) { try attempts[$0].present(tokens[$0]) }.map { try $0.get() }
      #expect(answers.count { $0.status == 303 } == 50)
      #expect(try world.database.count("select from public.learners") == 50)
      #expect(try world.database.count("select from passerelle.activities") == 1)
    }
  }

  @Test("The launch's form must be a form, with each field once", arguments: Transport.allCases)
  func forms(transport: Transport) throws {
    try World.run(transport) { world in
      let attempt = try Attempt(world)
      let token = try attempt.token()
      let cookie = [("Cookie", attempt.cookie)]
      func refusal(_ form: [(String, String)]) throws -> Refused {
        Refused(try world.post("/lti/launch", form: form, fields: cookie))
      }
      #expect(
        try refusal([("id_token", token), ("id_token", token), ("state", attempt.state)])
          == Refused(400, "form_duplicate_field"))
      #expect(
        try refusal([("id_token", token), ("state", attempt.state), ("state", attempt.state)])
          == Refused(400, "form_duplicate_field"))
      #expect(try refusal([("state", attempt.state)]) == Refused(400, "launch_field_missing"))
      #expect(try refusal([("id_token", token)]) == Refused(400, "launch_field_missing"))
      #expect(try refusal([("id_token", ""), ("state", attempt.state)]) == Refused(400, "launch_field_missing"))
      #expect(try refusal([]) == Refused(400, "launch_field_missing"))
      let json = try world.send(
        "POST", "/lti/launch", fields: [("Content-Type", "application/json")] + cookie,
        body: Array(#"{"id_token":"x"}"#.utf8))
      #expect(Refused(json) == Refused(415, "unsupported_media_type"))
      let large = try refusal([
        ("id_token", token), ("state", attempt.state), ("filler", String(repeating: "x", count: 131_072)),
      ])
      #expect(large == Refused(413, "body_too_large"))
      // None of it has spent the state.
      #expect(try attempt.present(token).status == 303)
    }
  }

  @Test(
    "A state is missing without its cookie, foreign in another browser, unknown when made up",
    arguments: Transport.allCases)
  func states(transport: Transport) throws {
    try World.run(transport) { world in
      let attempt = try Attempt(world)
      let token = try attempt.token()
      let missing = try world.post("/lti/launch", form: [("id_token", token), ("state", attempt.state)])
      #expect(Refused(missing) == Refused(400, "state_missing"))
      // Another login's cookie has another name.
      let other = try Attempt(world)
      #expect(Refused(try attempt.present(token, cookie: other.cookie)) == Refused(400, "state_missing"))
      // The right name, another browser's proof.
      let proof = other.cookie.split(separator: "=")[1]
      let forged = attempt.cookie.split(separator: "=")[0] + "=" + proof
      #expect(Refused(try attempt.present(token, cookie: String(forged))) == Refused(400, "state_foreign"))
      for state in ["x", String(repeating: "A", count: 43), attempt.state + "A"] {
        let answer = try world.post(
          "/lti/launch", form: [("id_token", token), ("state", state)],
          fields: [("Cookie", "passerelle-\(state.prefix(16))=\(proof)")])
        #expect(Refused(answer) == Refused(400, "state_unknown"))
      }
      try world.database.execute("update passerelle.login_states set expires_at = now() - interval '1 s'")
      #expect(Refused(try attempt.present(token)) == Refused(400, "state_expired"))
    }
  }

  @Test("A token of one Moodle does not pass under the state of another", arguments: Transport.allCases)
  func otherPlatform(transport: Transport) throws {
    try World.run(transport) { world in
      let tool = world.tool
      let second = try Moodle(base: world.tool.base, clientID: "secondClient", key: .generate()) {
        (request) throws(TransportFailure) in try tool.send(request)
      }
      defer { second.stop() }
      try world.register(second)
      let here = try Attempt(world)
      let there = try Attempt(world, moodle: second)
      // Signed by the second, presented with the first's state and the first's nonce.
      let token = try second.tokens.token(second.tokens.claims(nonce: here.nonce))
      #expect(Refused(try here.present(token)) == Refused(400, "launch_kid_unknown"))
      // The same kid does not help: the key is looked up at the state's own platform.
      let renamed = try second.tokens.token(
        second.tokens.claims(nonce: here.nonce), header: [("kid", .string(world.moodle.platform.keyID))])
      #expect(Refused(try here.present(renamed)) == Refused(400, "launch_signature_invalid"))
      #expect(try here.present(try here.token()).status == 303)
      #expect(try there.present(try there.token()).status == 303)
      // Two Moodles' user 3 are two people.
      #expect(try world.database.count("select from public.learners") == 2)
    }
  }
}
