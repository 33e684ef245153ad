import DemoMoodle
import Testing
import Wire

@Suite("The browser's part")
struct BrowserTests {
  @Test("a form is found in a page, its entities resolved, and only named inputs kept")
  func forms() throws {
    let form = try #require(
      HTMLForm(
        in: """
          <p>5 &lt; 6</p><FORM method=post action='/x?a=1&amp;b=2'>
          <input type="hidden" name="q" value="{&quot;a&quot;:&#39;&eacute;&#xE9;&#233; &bogus &amp;amp;"/><input value="no name">
          <input name=bare value=v><input name="empty"></FORM><input name="outside" value="1">
          """))
    #expect(form.action == "/x?a=1&b=2")
    #expect(form.method == "POST")
    #expect(form.fields.map(\.0) == ["q", "bare", "empty"])
    #expect(form.value("q") == "{\"a\":'&eacute;éé &bogus &amp;")
    #expect(form.value("bare") == "v")
    #expect(HTMLForm(in: "<p>none</p>") == nil)
  }

  @Test("cookies go back to their host and path, ports aside; Secure ones are refused over http; Max-Age=0 deletes")
  func cookies() throws {
    var jar = CookieJar()
    let tool = try #require(WebURL("http://127.0.0.1:8091/lti/login"))
    func answer(_ cookies: [String]) -> HTTPResponse {
      HTTPResponse(status: 200, fields: HTTPFields(cookies.map { ("Set-Cookie", $0) }))
    }
    jar.store(answer(["a=1; path=/lti; HttpOnly", "b=2", "s=3; Secure; SameSite=None", "c=x=y; Path=/"]), from: tool)
    #expect(jar.field(for: tool) == "a=1; b=2; c=x=y")
    #expect(jar.field(for: try #require(WebURL("http://127.0.0.1:9/ltix"))) == "c=x=y")
    #expect(jar.field(for: try #require(WebURL("http://other/lti"))) == nil)
    jar.store(answer(["a=4; path=/lti", "c=; Path=/; Max-Age=0"]), from: tool)
    #expect(jar.field(for: tool) == "b=2; a=4")
    let secure = try #require(WebURL("https://host/lti"))
    jar.store(answer(["s=3; Secure"]), from: secure)
    #expect(jar.field(for: secure) == "s=3")
  }

  @Test("a launch keeps the tool's cookie and brings it back to the tool's launch")
  func cookieOfTheTool() throws {
    let stage = try Stage()
    defer { stage.stop() }
    var client = stage.client
    let trace = try client.launch(user: 4)
    let last = try #require(trace.final)
    #expect(last.request.fields["Cookie"]?.contains("tool=1") == true)
    #expect(last.request.fields["Origin"] == stage.server.url)
    #expect(stage.tool.launches.count == 1)
    #expect(stage.tool.launches[0].map(\.name) == ["id_token", "state"])
    #expect(trace.idToken == stage.tool.launches[0][0].value)
  }

  @Test("a tool that asks for the wrong thing leaves the launch stuck, or gets the error that Moodle posts")
  func wrongRequests() throws {
    let stage = try Stage()
    defer { stage.stop() }
    var client = stage.client
    stage.tool.changeAuthentication([("redirect_uri", stage.tool.url + "/elsewhere")])
    #expect(throws: LaunchClientError.stuck(status: 404, path: "/mod/lti/auth.php")) { try client.launch(user: 3) }
    stage.tool.changeAuthentication([("prompt", "login")])
    let trace = try client.launch(user: 3)
    #expect(trace.authenticationForm?.value("error") == "invalid_request")
    #expect(trace.authenticationForm?.value("error_description") == "Invalid prompt")
    #expect(trace.idToken == nil)
  }

  @Test("several people may launch at once")
  func crowd() throws {
    let stage = try Stage(people: Person.everyone + Person.learners(20))
    defer { stage.stop() }
    inParallel(Array(101...120)) { user in
      var client = stage.client
      _ = try? client.launch(user: user)
    }
    #expect(stage.tool.launches.count == 20)
  }
}
