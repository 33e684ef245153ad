import DemoMoodle
import TestSupport
import Testing
import Wire

/// The database away, settings missing or wrong, and what the log says and never says.
@Suite(.needsStack) struct OutageTests {
  @Test("With the database away every door says so with a 503 and a Retry-After", arguments: Transport.withProgram)
  func database(transport: Transport) throws {
    try World.run(transport) { world in
      let page = try world.session()
      let healthy = try world.send("GET", "/health")
      #expect(healthy.status == 200)
      let health = try healthy.json
      #expect(health["status"] == "ok" && health["database"] == "ok" && health["pendingGrades"] == 0)
      #expect(health["version"]?.stringValue?.isEmpty == false)
      let attempt = try Attempt(world)
      let token = try attempt.token()

      try world.tool.set("PASSERELLE_DATABASE_URL", "postgresql://postgres:geheim@127.0.0.1:9/postgres")
      let login = try world.post(
        "/lti/login", form: [("iss", world.moodle.url), ("login_hint", "3"), ("target_link_uri", "https://x.example/")])
      let refusals = [
        login, try attempt.present(token), try page.progress(), try page.complete("accueil"), try page.end(),
        try world.post("/api/session", json: ["code": .string(String(repeating: "A", count: 43))]),
        try world.send("GET", "/lti/jwks"),
      ]
      for answer in refusals {
        #expect(Refused(answer) == Refused(503, "database_unavailable"))
        #expect(answer.fields["Retry-After"] == "5")
      }
      // Nobody knows who may frame it, and a blank frame would hide the words.
      #expect(login.fields["Content-Security-Policy"]?.contains("frame-ancestors") == false)
      let away = try world.send("GET", "/health")
      #expect(away.status == 503 && away.fields["Retry-After"] == "5")
      #expect(try away.json["status"] == "unavailable" && away.json["database"] == "unavailable")
      #expect(try world.send("GET", "/passerelle.js").status == 200)
      #expect(try !world.tool.log.contains("geheim"))
    }
  }

  @Test("A database that was never migrated is a plain 500, which the log explains", arguments: Transport.withProgram)
  func unmigrated(transport: Transport) throws {
    try World.run(transport) { world in
      try world.tool.set("PASSERELLE_DATABASE_URL", try Stack.pooled("template1"))
      let answer = try world.send("GET", "/lti/jwks", fields: [("Accept", "application/json")])
      #expect(Refused(answer) == Refused(500, "internal_error"))
      #expect(try answer.json["detail"]?.stringValue?.contains("tool_keys") == false)
      #expect(try world.tool.log.contains("42P01"))
    }
  }

  @Test(
    "Each missing or malformed setting is a plain 500 for the browser and is named in the log",
    arguments: Transport.withProgram)
  func misconfigured(transport: Transport) throws {
    try World.run(transport) { world in
      let wrong: [(String, String?)] = [
        ("PASSERELLE_DATABASE_URL", nil), ("PASSERELLE_BASE_URL", nil), ("PASSERELLE_SECRET", nil),
        ("PASSERELLE_BASE_URL", "no-scheme.example.net"), ("PASSERELLE_SECRET", "kurz"),
        ("PASSERELLE_MINISITE_URL", "ftp://x"), ("PASSERELLE_GRADE_TIMEOUT", "soon"),
        ("PASSERELLE_LOG_LEVEL", "loud"), ("PASSERELLE_ALLOWED_ORIGINS", "no-scheme.example.net"),
      ]
      for (key, value) in wrong {
        let good = world.tool.settings.first { $0.0 == key }?.1
        try world.tool.set(key, value)
        for path in ["/health", "/lti/jwks", "/api/progress"] {
          let answer = try world.send("GET", path)
          #expect(answer.status == 500, "\(key) \(path)")
          #expect(!answer.text.contains("PASSERELLE_"), "\(key) \(path)")
          #expect(answer.fields["Cache-Control"] == "no-store")
        }
        #expect(try world.tool.log.contains("misconfigured \(key) "), "\(key)")
        if let value { #expect(try !world.tool.log.contains(value), "\(key)") }
        try world.tool.set(key, good)
      }
      #expect(try world.send("GET", "/health").status == 200)
    }
  }

  @Test(
    "A whole flow, refusals included, leaves no token, code, secret, name or address in the log",
    arguments: Transport.withProgram)
  func silentLog(transport: Transport) throws {
    try World.run(transport) { world in
      let trace = try world.launch(user: 3)
      let code = try world.code(of: trace)
      let page = try MiniSite(world, code: code)
      try page.complete("accueil")
      world.moodle.platform.revokeTokens()
      world.moodle.platform.injectNext(.status(401), .status(503), at: .score)
      try page.complete("bilan")
      world.moodle.platform.setEnrolment(.none, user: 3)
      try page.complete("exercice")
      let attempt = try Attempt(world)
      let replayed = try attempt.token([("sub", "")])
      _ = try attempt.present(replayed)
      let replay = try #require(trace.authenticationForm)
      _ = try world.post("/lti/launch", form: replay.fields, fields: [("Cookie", attempt.cookie)])
      _ = try world.post("/api/session", json: ["code": .string(code)])
      _ = try page.end()
      _ = try page.progress()
      let sync = try world.command("grade", "sync", "--now")

      let log = try world.tool.log + sync.errorText + sync.text
      #expect(log.contains("launch accepted") && log.contains("grade delivered") && log.contains("grade not delivered"))
      let idToken = try #require(trace.idToken)
      var secrets = [code, page.token, attempt.cookie, attempt.state, attempt.nonce, TestDatabase.secret]
      secrets += [idToken, replayed].flatMap { $0.split(separator: ".").map(String.init) }
      secrets += [try #require(trace.state)]
      for request in world.moodle.requests {
        if let field = request.fields["Authorization"] { secrets.append(String(field.dropFirst("Bearer ".count))) }
        if let assertion = request.postValue("client_assertion") { secrets.append(assertion) }
      }
      secrets += ["Éloïse", "Lefèvre", "student1@example.org", "sesskey"]
      #expect(secrets.count > 16)
      for secret in secrets {
        #expect(!log.contains(secret) && !log.contains(secret.suffix(24)), "\(secret.prefix(12))…")
      }
    }
  }
}
