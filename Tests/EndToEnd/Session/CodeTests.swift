import DemoMoodle
import TestSupport
import Testing
import Wire

/// `/api/code`: the way from one page of a person to another.
@Suite(.needsStack) struct CodeTests {
  private func ask(_ page: MiniSite) throws -> HTTPResponse {
    try page.world.send("POST", "/api/code", fields: [("Authorization", "Bearer \(page.token)")])
  }

  private func code(_ page: MiniSite) throws -> JSONValue {
    let answer = try ask(page)
    #expect(answer.status == 200, "\(answer.text)")
    return try answer.json
  }

  @Test("The code opens a session of the same person, role and module, once", arguments: Transport.both)
  func opens(transport: Transport) throws {
    try World.run(transport) { world in
      for (user, role) in [(3, "learner"), (8, "instructor")] {
        let page = try world.session(user: user)
        let answer = try code(page)
        #expect(answer.objectValue?.keys == ["code", "expiresAt", "minisite", "me"])
        let secret = try #require(answer["code"]?.stringValue)
        #expect(secret.wholeMatch(of: /[A-Za-z0-9_-]{43}/) != nil)
        #expect(answer["minisite"]?.stringValue == World.minisite + "#passerelle=" + secret)
        #expect(answer["me"]?.stringValue == world.tool.base.description + "/me#passerelle=" + secret)
        let expiry = try #require(answer["expiresAt"]?.stringValue.flatMap { Instant(rfc3339: $0) })
        #expect((55...60).contains(expiry.seconds - Instant.now().seconds))
        let other = try MiniSite(world, code: secret)
        #expect(other.token != page.token)
        #expect(other.opened["role"]?.stringValue == role)
        for member in ["learner", "module", "returnUrl", "role"] {
          #expect(other.opened[member] == page.opened[member], "\(member)")
        }
        #expect(other.opened["returnUrl"]?.stringValue?.hasPrefix(world.moodle.url) == true)
        let again = try world.post("/api/session", json: ["code": .string(secret)])
        #expect(Refused(again) == Refused(400, "invalid_code"))
        // Two pages, two sessions: the end of one is not the other's.
        #expect(try page.end().status == 204)
        #expect(try other.progress().status == 200)
      }
    }
  }

  @Test("A session that came by such a code ends when the first one does")
  func ends() throws {
    try World.run(.inProcess) { world in
      let first = try world.session(user: 3)
      try world.database.execute(
        "update passerelle.sessions set expires_at = date_trunc('second', now()) + interval '40 minutes'")
      let second = try MiniSite(world, code: try #require(try code(first)["code"]?.stringValue))
      let third = try MiniSite(world, code: try #require(try code(second)["code"]?.stringValue))
      for page in [second, third] {
        let expiry = try #require(page.opened["expiresAt"]?.stringValue.flatMap { Instant(rfc3339: $0) })
        #expect((2390...2400).contains(expiry.seconds - Instant.now().seconds))
      }
      #expect(try world.database.value("select count(distinct expires_at)::integer from passerelle.sessions") == 1)
      try world.database.execute("update passerelle.codes set expires_at = now()")
      let late = try #require(try code(third)["code"]?.stringValue)
      try world.database.execute("update passerelle.codes set expires_at = now()")
      #expect(Refused(try world.post("/api/session", json: ["code": .string(late)])) == Refused(400, "invalid_code"))
    }
  }

  @Test("The mini-site is the module's own, or none where nobody says")
  func minisite() throws {
    try World.run(.inProcess) { world in
      let page = try world.session(user: 8)
      try world.database.execute("update public.modules set url = 'https://ici.example/a?b=1#c'")
      let own = try code(page)
      #expect(
        own["minisite"]?.stringValue == "https://ici.example/a?b=1#c&passerelle=" + (own["code"]?.stringValue ?? ""))
      try world.database.execute("update public.modules set url = null")
      try world.tool.set("PASSERELLE_MINISITE_URL", nil)
      let none = try code(page)
      #expect(none["minisite"] == .null && none["me"]?.stringValue?.contains("/me#passerelle=") == true)
    }
  }

  @Test("Nobody without a session of an activity gets one", arguments: Transport.both)
  func refused(transport: Transport) throws {
    try World.run(transport) { world in
      #expect(Refused(try world.send("POST", "/api/code")) == Refused(401, "invalid_token"))
      let unknown = ("Authorization", "Bearer " + String(repeating: "A", count: 43))
      #expect(Refused(try world.send("POST", "/api/code", fields: [unknown])) == Refused(401, "invalid_token"))
      let chooser = try world.deepLink()
      let answer = try world.send("POST", "/api/code", fields: [("Authorization", "Bearer \(chooser.token)")])
      #expect(Refused(answer) == Refused(403, "forbidden"))
      let page = try world.session(user: 3)
      try world.database.execute("update passerelle.sessions set expires_at = now()")
      #expect(Refused(try ask(page)) == Refused(401, "session_expired"))
      #expect(try world.database.count("select from passerelle.codes") == 0)
      #expect(Refused(try world.send("GET", "/api/code")) == Refused(405, "method_not_allowed"))
    }
  }

  @Test("A page of the mini-site may ask, another site's may not read the answer")
  func origins() throws {
    try World.run(.inProcess) { world in
      let page = try world.session(user: 3)
      func allowed(_ origin: String) throws -> String? {
        try world.send(
          "POST", "/api/code", fields: [("Authorization", "Bearer \(page.token)"), ("Origin", origin)]
        ).fields["Access-Control-Allow-Origin"]
      }
      #expect(try allowed(World.minisiteOrigin) == World.minisiteOrigin)
      #expect(try allowed("https://evil.example") == nil)
    }
  }
}
