import DemoMoodle
import TestSupport
import Testing
import Wire

/// Which pages may call the API (WHATWG Fetch, CORS protocol).
@Suite(.needsStack) struct CORSTests {
  private static let preflight = [
    ("Access-Control-Request-Method", "POST"), ("Access-Control-Request-Headers", "authorization,content-type"),
  ]

  private func allowed(_ world: World, _ origin: String, path: String = "/api/progress") throws -> Bool {
    let answer = try world.send("OPTIONS", path, fields: [("Origin", origin)] + Self.preflight)
    #expect(answer.status == 204 && answer.body.isEmpty)
    #expect(answer.fields["Vary"]?.contains("Origin") == true)
    let origins = answer.fields.values("Access-Control-Allow-Origin")
    guard origins == [origin] else {
      #expect(origins.isEmpty)
      #expect(answer.fields["Access-Control-Allow-Methods"] == nil)
      return false
    }
    #expect(answer.fields["Access-Control-Allow-Methods"] == "GET, POST, PUT, DELETE")
    #expect(answer.fields["Access-Control-Allow-Headers"] == "Authorization, Content-Type, If-Match, If-None-Match")
    #expect(answer.fields["Access-Control-Allow-Credentials"] == nil)
    return true
  }

  @Test("The mini-site, the further origins and the script's own may call; nobody else", arguments: Transport.both)
  func origins(transport: Transport) throws {
    let further = "https://preview.example, http://localhost:8080"
    try World.run(transport, settings: [("PASSERELLE_ALLOWED_ORIGINS", further)]) { world in
      for origin in [
        World.minisiteOrigin, "https://preview.example", "http://localhost:8080", world.tool.base.origin.description,
      ] {
        for path in ["/api/progress", "/api/session", "/api/nothing"] {
          let isAllowed = try allowed(world, origin, path: path)
          #expect(isAllowed, "\(origin) \(path)")
        }
      }
      for origin in [
        "https://evil.example", "http://minisite.example", "https://minisite.example:8443",
        "https://minisite.example.evil.example",
        "https://sub.minisite.example", "null", world.moodle.url, "https://minisite.example/", "http://localhost",
      ] {
        let isAllowed = try allowed(world, origin)
        #expect(!isAllowed, "\(origin)")
      }
    }
  }

  @Test("A module's own URL makes its origin a mini-site, until the module is archived", arguments: Transport.both)
  func moduleOrigin(transport: Transport) throws {
    try World.run(transport) { world in
      #expect(try !allowed(world, "https://botanique.example"))
      try world.database.execute("update public.modules set url = 'https://botanique.example/cours/?x=1'")
      #expect(try allowed(world, "https://botanique.example"))
      try world.database.execute("update public.modules set status = 'archived'")
      #expect(try !allowed(world, "https://botanique.example"))
    }
  }

  @Test("Answers and refusals alike carry Vary: Origin and the permission", arguments: Transport.both)
  func answers(transport: Transport) throws {
    try World.run(transport) { world in
      let page = try world.session()
      for (origin, granted) in [(World.minisiteOrigin, true), ("https://evil.example", false)] {
        let field = [("Origin", origin)]
        let answers = [
          try page.progress(field), try world.send("GET", "/api/progress", fields: field),
          try world.send("GET", "/api/nothing", fields: field), try world.send("PUT", "/api/progress", fields: field),
          try world.post("/api/session", json: ["code": "x"], fields: field),
        ]
        #expect(answers.map(\.status) == [200, 401, 404, 405, 400])
        for answer in answers {
          #expect(answer.fields["Vary"]?.contains("Origin") == true)
          #expect(answer.fields["Access-Control-Allow-Origin"] == (granted ? origin : nil))
        }
      }
      // Pages that no script reads have no part in it.
      let keys = try world.send("GET", "/lti/jwks", fields: [("Origin", World.minisiteOrigin)])
      #expect(keys.fields["Access-Control-Allow-Origin"] == nil)
    }
  }

  @Test(
    "The preflight is answered with the database away, and so is a refusal's permission", arguments: Transport.both)
  func withoutDatabase(transport: Transport) throws {
    try World.run(transport) { world in
      try world.tool.set("PASSERELLE_DATABASE_URL", "postgresql://postgres@127.0.0.1:9/postgres")
      #expect(try allowed(world, World.minisiteOrigin))
      #expect(try !allowed(world, "https://evil.example"))
      let answer = try world.send(
        "GET", "/api/progress",
        fields: [("Origin", World.minisiteOrigin), ("Authorization", "Bearer " + String(repeating: "A", count: 43))])
      #expect(Refused(answer) == Refused(503, "database_unavailable"))
      #expect(answer.fields["Access-Control-Allow-Origin"] == World.minisiteOrigin)
    }
  }
}
