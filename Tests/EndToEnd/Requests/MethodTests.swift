import DemoMoodle
import Foundation
import TestSupport
import Testing
import Wire

/// Methods, paths and arguments that nobody sends in good faith.
@Suite(.needsStack) struct MethodTests {
  @Test("Another method is 405 with the methods that are allowed", arguments: Transport.withProgram)
  func methods(transport: Transport) throws {
    try World.run(transport) { world in
      for (path, allowed) in [
        ("/lti/login", "GET, HEAD, POST"), ("/lti/launch", "POST"), ("/lti/jwks", "GET, HEAD"),
        ("/api/session", "POST, DELETE, OPTIONS"), ("/api/progress", "GET, HEAD, POST, OPTIONS"),
        ("/passerelle-x", "GET, HEAD"), ("/dashboard", "GET, HEAD"), ("/me", "GET, HEAD"), ("/health", "GET, HEAD"),
        ("/metrics", "GET, HEAD"),
      ] {
        for method in ["PUT", "PATCH", "DELETE", "POST", "GET", "PROPFIND", "post"]
        where !allowed.components(separatedBy: ", ").contains(method) {
          let answer = try world.send(method, path, fields: [("Accept", "application/json")])
          #expect(Refused(answer) == Refused(405, "method_not_allowed"), "\(method) \(path)")
          #expect(answer.fields["Allow"] == allowed, "\(method) \(path)")
        }
      }
      let options = try world.send("OPTIONS", "/lti/launch", fields: [("Accept", "application/json")])
      #expect(Refused(options) == Refused(405, "method_not_allowed"))
    }
  }

  @Test("HEAD answers as GET does, without the body", arguments: Transport.withProgram)
  func head(transport: Transport) throws {
    try World.run(transport) { world in
      for path in ["/lti/jwks", "/health", "/passerelle.js", "/api/progress", "/nothing"] {
        let get = try world.send("GET", path)
        let head = try world.send("HEAD", path)
        #expect(head.status == get.status && head.body.isEmpty && !get.body.isEmpty, "\(path)")
        for name in ["Content-Type", "Cache-Control", "Vary", "WWW-Authenticate"] {
          #expect(head.fields[name] == get.fields[name], "\(path) \(name)")
        }
      }
    }
  }

  @Test(
    "The public keys and the library may be kept for an hour; nothing else may be kept",
    arguments: Transport.withProgram)
  func caching(transport: Transport) throws {
    try World.run(transport) { world in
      let keys = try world.send("GET", "/lti/jwks")
      #expect(keys.status == 200 && keys.fields["Cache-Control"] == "public, max-age=3600")
      let set = try #require(keys.json["keys"]?.arrayValue)
      #expect(set.count == 1)
      #expect(set[0].objectValue?.members.map(\.key).contains("d") == false)
      #expect(set[0]["kty"] == "RSA" && set[0]["alg"] == "RS256" && set[0]["use"] == "sig")
      #expect(try set[0]["kid"]?.stringValue == world.database.value("select kid from passerelle.tool_keys"))
      let script = try world.send("GET", "/passerelle.js")
      #expect(script.status == 200 && script.fields["Content-Type"] == "text/javascript; charset=utf-8")
      #expect(script.fields["Access-Control-Allow-Origin"] == "*")
      for path in ["/health", "/nothing", "/api/progress", "/lti/login"] {
        #expect(try world.send("GET", path).fields["Cache-Control"] == "no-store", "\(path)")
      }
    }
  }

  @Test("A path that is not one of ours is 404, however it is written", arguments: Transport.withProgram)
  func paths(transport: Transport) throws {
    try World.run(transport) { world in
      for path in [
        "", "/", "/nothing", "/lti", "/lti/", "/lti/launch/", "/lti/jwks/x", "/LTI/JWKS", "/api", "/api/",
        "/api/progress/",
        "/lti/jwks%20", "/lti/j%77ks%3F", "/health.php", "/" + String(repeating: "a/", count: 2000),
        "/%C3%A9", "/<script>alert(1)<%2Fscript>".replacing("%2F", with: ""), "/lti/jwks;x=1", "/etc/passwd",
      ] {
        guard let url = WebURL(world.tool.base.description + path) else { continue }
        let answer = try world.tool.send(
          HTTPRequest(method: "GET", url: url, fields: HTTPFields([("Accept", "text/html")])))
        #expect(answer.status == 404, "\(path.prefix(40))")
        #expect(!answer.text.contains("<script"))
      }
    }
  }

  @Test("Dots, double slashes, encoded slashes and NUL lead nowhere", arguments: Transport.apaches)
  func hostilePaths(transport: Transport) throws {
    try World.run(transport) { world in
      let script = world.tool.base.path
      for (path, statuses) in [
        (script + "/../../etc/passwd", [400, 404]), (script + "/lti/../health", [200]),
        (script + "/%2e%2e/%2e%2e/etc/passwd", [400, 404]), (script + "/lti%2Fjwks", [404]),
        (script + "/lti/jwks%00", [400, 404]), (script + "//lti//jwks", [200]), (script + "/lti/%zz", [400, 404]),
        (script + "/" + String(repeating: "x", count: 9000), [414]), ("/passerelle.cgi", [404]),
        (script + "/lti/jwks%0d%0aX-Evil:%201", [404]), (script + "/\\..\\health", [404]),
      ] as [(String, [Int])] {
        let connection = try RawHTTP(world.tool.base)
        connection.write("GET \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        let answer = try #require(try connection.response())
        #expect(statuses.contains(answer.status), "\(path.prefix(60)): \(answer.status)")
        #expect(answer.fields["X-Evil"] == nil)
        #expect(!answer.text.contains("root:"))
      }
    }
  }

  @Test(
    "A query without = arrives as arguments, and the program does not look at them", arguments: Transport.withProgram)
  func arguments(transport: Transport) throws {
    try World.run(transport) { world in
      let (keys, learners) = try (
        world.database.count("select from passerelle.tool_keys"), world.database.count("select from public.learners")
      )
      for query in ["migrate+--force", "-h", "--version", "sweep", "-s"] {
        let answer = try world.send("GET", "/health?" + query)
        #expect(answer.status == 200)
        #expect(try answer.json["status"] == "ok")
        #expect(try world.send("GET", "/lti/jwks?" + query).status == 200)
      }
      let run = try world.tool.run(
        CGIVariables.make(method: "GET", pathInfo: "/health", query: "migrate+--force"),
        arguments: ["migrate", "--force"])
      #expect(CGIVariables.response(of: run.output)?.status == 200)
      #expect(try world.database.count("select from passerelle.tool_keys") == keys)
      #expect(try world.database.count("select from public.learners") == learners)
    }
  }

  @Test("Header fields that are odd, long, many or doubled change nothing", arguments: Transport.withProgram)
  func headers(transport: Transport) throws {
    try World.run(transport) { world in
      let page = try world.session()
      let odd: [[(String, String)]] = [
        [("Accept", String(repeating: "text/html;q=0.1,", count: 400))], [("Accept-Language", ";;;,,q=,fr;q=x")],
        [("Cookie", "a; =b; c=; ; passerelle-x")], [("Origin", "javascript:alert(1)")],
        [("X-Forwarded-Host", "evil.example"), ("X-Forwarded-Proto", "https"), ("Forwarded", "host=evil.example")],
        (0..<40).map { ("X-Field-\($0)", String(repeating: "v", count: 100)) }, [("Accept", "é\u{1F600}")],
        [("Proxy", "http://evil.example:3128")],
      ]
      for fields in odd {
        let answer = try page.progress(fields)
        #expect(answer.status == 200, "\(fields.first?.0 ?? "")")
      }
      // A proxy named by a header must not be used for calls to Moodle (httpoxy).
      let answer = try world.post(
        "/api/progress", json: ["grain": "accueil", "status": "completed"],
        fields: [("Authorization", "Bearer \(page.token)"), ("Proxy", "http://127.0.0.1:9")])
      #expect(try answer.json.at("grade.status") == "delivered")
      // The base URL is never guessed from a header.
      let login = try world.post(
        "/lti/login",
        form: [("iss", world.moodle.url), ("login_hint", "3"), ("target_link_uri", "https://x.example/")],
        fields: [("X-Forwarded-Host", "evil.example")])
      #expect(login.status == 302 && login.fields["Location"]?.contains("evil") == false)
    }
  }
}
