import DemoMoodle
import TestSupport
import Testing
import Wire

/// `/api/session`: the one-time code, the session it is traded for, and their ends.
@Suite(.needsStack) struct SessionTests {
  private func open(_ world: World, _ body: JSONValue) throws -> HTTPResponse {
    try world.post("/api/session", json: body)
  }

  @Test("The code opens a session that says who, where and until when", arguments: Transport.both)
  func opened(transport: Transport) throws {
    try World.run(transport, settings: [("PASSERELLE_SESSION_HOURS", "3")]) { world in
      let trace = try world.launch(user: 6)
      let answer = try open(world, ["code": .string(try world.code(of: trace))])
      #expect(answer.status == 200)
      #expect(answer.fields["Content-Type"] == "application/json")
      #expect(answer.fields["Cache-Control"] == "no-store")
      let session = try answer.json
      #expect(
        session.objectValue?.members.map(\.key)
          == [
            "token", "expiresAt", "role", "learner", "module", "returnUrl", "activity", "scope", "run", "grain",
            "preview", "progress",
          ])
      #expect(session["token"]?.stringValue?.wholeMatch(of: /[A-Za-z0-9_-]{43}/) != nil)
      let expiry = try #require(session["expiresAt"]?.stringValue.flatMap { Instant(rfc3339: $0) })
      #expect((-5...0).contains(expiry.seconds - Instant.now().seconds - 3 * 3600))
      let id: String = try world.database.value("select id::text from public.learners")
      #expect(
        session["learner"]
          == ["id": .string(id), "name": "Anaïs Bœuf", "email": "student4@example.org", "locale": "en"])
      #expect(session["module"] == ["slug": "decouverte", "title": "À la découverte"])
      #expect(session["returnUrl"]?.stringValue?.hasPrefix(world.moodle.url + "/mod/lti/return.php?") == true)
      let progress = try #require(session["progress"])
      #expect(progress["completed"] == 0 && progress["total"] == 4 && progress["ratio"] == 0)
      #expect(progress.at("grade.status") == "none")
      #expect(progress["grains"]?.arrayValue?.count == 4)
    }
  }

  @Test("A code serves once, also when two ask at the same instant", arguments: Transport.both)
  func once(transport: Transport) throws {
    try World.run(transport) { world in
      for _ in 1...3 {
        let code = try world.code(of: try world.launch())
        let answers = try simultaneously(2) { _ in try open(world, ["code": .string(code)]) }.map { try $0.get() }
        #expect(answers.count { $0.status == 200 } == 1)
        #expect(answers.count { Refused($0) == Refused(400, "invalid_code") } == 1)
        #expect(Refused(try open(world, ["code": .string(code)])) == Refused(400, "invalid_code"))
      }
      #expect(try world.database.count("select from passerelle.sessions") == 3)
    }
  }

  @Test("A code that is expired, unknown or malformed is an invalid code", arguments: Transport.both)
  func badCodes(transport: Transport) throws {
    try World.run(transport) { world in
      let code = try world.code(of: try world.launch())
      try world.database.execute("update passerelle.codes set expires_at = now() - interval '1 s'")
      for value: JSONValue in [
        .string(code), .string(String(repeating: "A", count: 43)), "", "short",
        .string(String(repeating: "é", count: 43)),
        .null, 12, .bool(true), [], ["a": 1], "' or true --",
      ] {
        let answer = try open(world, ["code": value])
        #expect(Refused(answer) == Refused(400, "invalid_code"), "\(value)")
      }
      #expect(Refused(try open(world, [:])) == Refused(400, "invalid_code"))
      #expect(Refused(try open(world, [.string(code)])) == Refused(400, "invalid_body"))
    }
  }

  @Test("DELETE ends the session at once; its token is then unknown", arguments: Transport.both)
  func ended(transport: Transport) throws {
    try World.run(transport) { world in
      let page = try world.session()
      let end = try page.end()
      #expect(end.status == 204 && end.body.isEmpty)
      #expect(Refused(try page.progress()) == Refused(401, "invalid_token"))
      #expect(Refused(try page.complete("accueil")) == Refused(401, "invalid_token"))
      #expect(Refused(try page.end()) == Refused(401, "invalid_token"))
    }
  }

  @Test("A session that is over says so, until it is swept away", arguments: Transport.both)
  func expired(transport: Transport) throws {
    try World.run(transport) { world in
      let page = try world.session()
      try world.database.execute("update passerelle.sessions set expires_at = now() - interval '1 s'")
      let read = try page.progress()
      #expect(Refused(read) == Refused(401, "session_expired"))
      #expect(read.fields["WWW-Authenticate"] == #"Bearer error="invalid_token""#)
      #expect(Refused(try page.complete("accueil")) == Refused(401, "session_expired"))
      #expect(try world.database.count("select from public.progress") == 0)
      #expect(try world.command("sweep").status == 0)
      #expect(Refused(try page.progress()) == Refused(401, "invalid_token"))
    }
  }

  @Test(
    "A token that is missing, unknown, malformed or of another scheme is 401 invalid_token",
    arguments: Transport.both)
  func badTokens(transport: Transport) throws {
    try World.run(transport) { world in
      let page = try world.session()
      for value in [
        "Bearer " + String(repeating: "A", count: 43), "Bearer x", "Bearer", "Basic dTpw", "Bearer \(page.token)x",
        "Bearer \(page.token) \(page.token)", "bear \(page.token)", page.token, "Bearer %00",
      ] {
        for method in ["GET", "POST"] {
          let answer = try world.send(
            method, "/api/progress", fields: [("Authorization", value), ("Content-Type", "application/json")],
            body: method == "POST" ? Array(#"{"grain":"accueil","status":"completed"}"#.utf8) : [])
          #expect(Refused(answer) == Refused(401, "invalid_token"), "\(method) \(value)")
          #expect(answer.fields["WWW-Authenticate"] == #"Bearer error="invalid_token""#)
        }
      }
      let none = try world.send("GET", "/api/progress")
      #expect(Refused(none) == Refused(401, "invalid_token"))
      #expect(none.fields["WWW-Authenticate"] == "Bearer")
      // The scheme's name may be in any case (RFC 9110 §11.1).
      let lower = try world.send("GET", "/api/progress", fields: [("Authorization", "bearer \(page.token)")])
      #expect(lower.status == 200)
    }
  }

  @Test("Deleting the learner in Directus ends their sessions and takes their progress and grades away")
  func deletedLearner() throws {
    try World.run(.inProcess) { world in
      let page = try world.session()
      try page.complete("accueil")
      try world.database.execute("delete from public.learners")
      #expect(Refused(try page.progress()) == Refused(401, "invalid_token"))
      for table in [
        "public.progress", "public.grades", "passerelle.enrolments", "passerelle.sessions", "passerelle.codes",
        "passerelle.identities",
      ] {
        #expect(try world.database.count("select from \(unescaped: table)") == 0, "\(table)")
      }
      // The same person may come back, as somebody new.
      #expect(try world.session().opened.at("progress.completed") == 0)
    }
  }

  @Test("The tokens, codes, states and nonces that browsers carry are nowhere in the database as they are")
  func digests() throws {
    try World.run(.inProcess) { world in
      let trace = try world.launch()
      let code = try world.code(of: trace)
      let page = try MiniSite(world, code: try world.code(of: try world.launch()))
      let state = try #require(trace.state)
      for secret in [code, page.token, state] {
        let bytes = Array(secret.utf8)
        #expect(
          try world.database.count(
            """
            select from passerelle.login_states where position(\(bytes) in state) > 0
            union all select from passerelle.codes where position(\(bytes) in code) > 0
            union all select from passerelle.sessions where position(\(bytes) in token) > 0
            """) == 0)
      }
    }
  }
}
