import DemoMoodle
import Foundation
import TestSupport
import Testing
import Wire

@testable import Passerelle

/// The description of the API against the routes, and against what they answer.
@Suite(.needsStack) struct OpenAPITests {
  private func document(_ world: World) throws -> JSONValue {
    let answer = try world.send("GET", "/openapi.json")
    #expect(answer.status == 200 && answer.fields["Content-Type"] == "application/json")
    #expect(answer.fields["Access-Control-Allow-Origin"] == "*")
    return try answer.json
  }

  @Test("Every route is described once, nothing else is, and each operation has a name of its own")
  func routes() throws {
    try World.run(.inProcess) { world in
      let document = try document(world)
      #expect(document["openapi"] == "3.1.0" && document.at("info.version")?.stringValue == Version.current)
      var described: Set<String> = []
      var names: [String] = []
      for (path, methods) in try #require(document["paths"]?.objectValue).members {
        for (method, operation) in try #require(methods.objectValue).members {
          described.insert(method.uppercased() + " " + path)
          names.append(try #require(operation["operationId"]?.stringValue))
          #expect(operation["summary"]?.stringValue?.isEmpty == false, "\(path)")
          #expect(operation.at("responses.default") != nil, "\(path)")
        }
      }
      // A path of the document names what a route's `*` stands for (OpenAPI 3.1, path templating).
      #expect(described == Set(Route.all.map { "\($0.method) \($0.path.replacing("*", with: "{file}"))" }))
      #expect(Set(names).count == names.count)
    }
  }

  @Test("What is referred to is there, and every schema is used")
  func references() throws {
    try World.run(.inProcess) { world in
      let text = try world.send("GET", "/openapi.json").text
      let used = Set(text.matches(of: /#\/components\/schemas\/([A-Za-z]+)"/).map { String($0.1) })
      let there = Set(try #require(document(world).at("components.schemas")?.objectValue).members.map(\.key))
      #expect(used == there)
    }
  }

  /// Whether an answer is what the document says of that method and path.
  private func check(
    _ document: JSONValue, _ method: String, _ path: String, _ answer: HTTPResponse,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let operation = try #require(document["paths"]?[path]?[method.lowercased()], sourceLocation: sourceLocation)
    let response = try #require(
      operation["responses"]?[String(answer.status)] ?? operation["responses"]?["default"],
      sourceLocation: sourceLocation)
    let type = String((answer.fields["Content-Type"] ?? "").prefix { $0 != ";" })
    for (name, header) in response["headers"]?.objectValue?.members ?? [] where header["required"] == true {
      #expect(answer.fields[name] != nil, "\(method) \(path) \(name)", sourceLocation: sourceLocation)
    }
    guard !answer.body.isEmpty else { return }
    // What people open is refused on a page; to who asks for JSON as a problem.
    let schema =
      type == "application/problem+json"
      ? ["$ref": "#/components/schemas/Problem"]
      : try #require(
        response["content"]?[type]?["schema"], "\(method) \(path) answers \(answer.status) \(type)",
        sourceLocation: sourceLocation)
    guard type.hasSuffix("json") else { return }
    let problems = SchemaCheck(document: document).problems(try answer.json, schema)
    #expect(problems == [], "\(method) \(path): \(answer.text.prefix(400))", sourceLocation: sourceLocation)
  }

  @Test("Every kind of answer is what the document says", arguments: Transport.both)
  func answers(transport: Transport) throws {
    try World.run(transport) { world in
      let document = try document(world)
      let page = try world.session()
      try check(document, "POST", "/api/session", try answerToCode(world, user: 4))
      for grain in ["accueil", "bilan"] {
        try check(document, "POST", "/api/progress", try page.complete(grain, score: 0.5))
      }
      try check(document, "GET", "/api/progress", try page.progress())
      let token = ("Authorization", "Bearer \(page.token)")
      try check(document, "POST", "/api/code", try world.send("POST", "/api/code", fields: [token]))
      let teacher = try Teacher(world)
      for query in [
        "", "?cells=compact", "?cells=page", "?format=csv", "?learner=\(page.learner)",
        "?learner=\(page.learner)&cells=compact",
      ] {
        try check(document, "GET", "/api/roster", try teacher.answer(query))
      }
      let etag = try #require(try teacher.answer().fields["ETag"])
      try check(document, "GET", "/api/roster", try teacher.answer("", [("If-None-Match", etag)]))
      let site = try world.deepLink()
      try check(document, "GET", "/api/deep-link", try site.list())
      try check(document, "POST", "/api/deep-link", try site.answer(["module": "decouverte", "grain": "bilan"]))
      try check(document, "POST", "/api/deep-link", try site.answer(["items": []]))
      for path in [
        "/lti/jwks", "/lti/login", "/lti/register", "/deep-link", "/dashboard", "/me", "/passerelle.js",
        "/passerelle.mjs", "/passerelle.d.ts", "/icon.svg", "/health", "/metrics", "/openapi.json",
      ] {
        try check(document, "GET", path, try world.send("GET", path))
        try check(
          document, "GET", path,
          try world.send("GET", path, fields: [("Accept", "application/json"), ("Via", "1.1 x")]))
      }
      for file in ScriptFile.names where file.contains("-") {
        try check(document, "GET", "/passerelle-{file}", try world.send("GET", "/" + file))
      }
      try check(document, "POST", "/lti/launch", try #require(try world.launch().final?.response))
      for answer in [
        try page.report(["grain": "nowhere", "status": "completed"]), try page.report(["grain": 1]),
        try page.report(["grain": "accueil", "status": "completed", "score": 2]),
      ] {
        #expect(answer.status >= 400)
        try check(document, "POST", "/api/progress", answer)
      }
      try check(document, "DELETE", "/api/session", try page.end())
      try check(document, "DELETE", "/api/session", try page.end())
    }
  }

  @Test("What a page keeps, and what a teacher does, is answered as the document says", arguments: Transport.both)
  func acts(transport: Transport) throws {
    try World.run(transport) { world in
      let document = try document(world)
      let page = try world.session()
      let kept = try page.keep("[1]", for: "accueil")
      let tag = try #require(kept.fields["ETag"])
      for (method, answer, status) in [
        ("PUT", kept, 204), ("GET", try page.state("accueil"), 200),
        ("GET", try page.state("accueil", [("If-None-Match", tag)]), 304),
        ("GET", try page.state("bilan"), 404), ("GET", try page.state("nowhere"), 422),
        ("PUT", try page.keep("2", for: "accueil", [("If-None-Match", "*")]), 412),
        ("PUT", try page.keep("2", for: "bilan", [("If-Match", "*")]), 412),
      ] {
        #expect(answer.status == status, "\(answer.text)")
        try check(document, method, "/api/state", answer)
      }
      try page.complete("accueil")
      let teacher = try Teacher(world).page
      let correction: JSONValue = [
        "learner": .string(page.learner), "grain": "bilan", "status": "completed", "score": 0.5, "reason": "oral",
      ]
      let nobody: JSONValue = ["learners": ["nobody"]]
      for (path, session, body, status) in [
        ("/api/session/as-learner", page, [:], 200), ("/api/session/as-learner", teacher, [:], 403),
        ("/api/progress/correct", teacher, correction, 200), ("/api/group", teacher, ["group": "1", "name": "A"], 204),
        ("/api/grades/resend", teacher, [:], 200), ("/api/grades/resend", teacher, nobody, 200),
        ("/api/activity/restart", page, ["grade": "keep"], 403),
        ("/api/activity/restart", teacher, ["grade": "keep"], 200),
      ] as [(String, MiniSite, JSONValue, Int)] {
        let answer = try world.post(path, json: body, fields: [("Authorization", "Bearer \(session.token)")])
        #expect(answer.status == status, "\(path): \(answer.text)")
        try check(document, "POST", path, answer)
      }
    }
  }

  private func answerToCode(_ world: World, user: Int) throws -> HTTPResponse {
    let code = try world.code(of: try world.launch(user: user))
    return try world.post("/api/session", json: ["code": .string(code)])
  }

  @Test("A body that the document forbids is refused, and one that it allows is taken")
  func bodies() throws {
    try World.run(.inProcess) { world in
      let document = try document(world)
      let page = try world.session()
      let schema = try #require(
        document["paths"]?["/api/progress"]?["post"]?["requestBody"]?["content"]?["application/json"]?["schema"])
      let bodies: [JSONValue] = [
        ["grain": "accueil", "status": "started"], ["grain": "bilan", "status": "completed", "score": 0.25],
        ["grains": [["grain": "accueil", "status": "completed"]]], ["grain": "accueil"],
        ["grain": "accueil", "status": "none"], ["grain": "bilan", "status": "completed", "score": 1.5],
        ["grain": "bilan", "status": "completed", "score": .null], ["grains": "accueil"], [],
      ]
      for body in bodies {
        let isDescribed = SchemaCheck(document: document).problems(body, schema).isEmpty
        #expect((try page.report(body).status == 200) == isDescribed, "\(body.encoded)")
      }
    }
  }

  @Test("Apache serves the installed file without a process, as the program would", arguments: Transport.apaches)
  func file(transport: Transport) throws {
    try World.run(transport) { world in
      let served = try world.send("GET", "/openapi.json")
      #expect(served.fields["Last-Modified"] != nil, "the program has answered")
      #expect(served.fields["Cache-Control"] == "public, max-age=3600")
      #expect(served.fields["Cross-Origin-Resource-Policy"] == "cross-origin")
      #expect(served.fields.values("X-Content-Type-Options") == ["nosniff"])
      let same = try World.run(.inProcess) { try $0.send("GET", "/openapi.json") }
      #expect(served.body == same.body && served.fields["Content-Type"] == same.fields["Content-Type"])
    }
  }
}
