import DemoMoodle
import JOSE
import Testing
import Wire

@Suite("Deep Linking")
struct DeepLinkingTests {
  private let settingsName = "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings"

  @Test("is begun by a teacher with the recorded form, and asks with the recorded claims")
  func recordedRequest() throws {
    let recording = try Fixtures.json("deeplink_launch_teacher1.json")
    let hops = try #require(recording["hops"]?.arrayValue)
    let recorded = try #require(recording["id_tokens"]?.arrayValue?.first?["claims"]?.objectValue)
    let site = try RecordedSite(roster: [3, 8])
    site.platform.changeTool(typeID: 1) {
      $0.sendName = .always
      $0.sendEmail = .always
    }
    let begun = try #require(hops.first { $0["url"]?.stringValue?.contains("contentitem.php") == true })
    let url = try #require(begun["url"]?.stringValue.flatMap { WebURL($0) })
    let cookie = try site.session(user: 8)
    let page = try site.answer(MoodleRequest(method: "GET", target: url.requestTarget, fields: cookie))
    let form = try #require(HTMLForm(in: page.text))
    let fields = try #require(hops.first { $0["url"]?.stringValue?.hasSuffix("/login") == true }?["request_fields"])
    let names = (fields.arrayValue ?? []).map { $0.arrayValue?.first?.stringValue ?? "" }
    #expect(form.fields.map(\.0) == names)
    for pair in fields.arrayValue ?? [] where pair.arrayValue?.first != "lti_message_hint" {
      #expect(form.value(pair.arrayValue?.first?.stringValue ?? "") == pair.arrayValue?.last?.stringValue)
    }
    let hint = try #require(form.value("lti_message_hint"))
    #expect(hint.wholeMatch(of: /{"launchid":"ltilaunch_ContentItemSelectionRequest\d+"}/) != nil)

    let request = try #require(hops.first { $0["url"]?.stringValue?.contains("/auth.php?") == true }?["url"])
    let query = try #require(request.stringValue.flatMap { WebURL($0) }).queryItems
      .map { ($0.name, $0.name == "lti_message_hint" ? hint : $0.value) }
    let answer = try site.answer(
      MoodleRequest(method: "GET", target: "/mod/lti/auth.php?" + FormURLEncoded.encode(query), fields: cookie))
    let token = try #require(HTMLForm(in: answer.text)?.value("id_token"))
    let claims = try #require(JSONValue(parsing: JWS(compact: token).payload).objectValue)
    func lasting(_ claims: JSONObject) -> String {
      var claims = claims
      for name in ["iat", "exp"] { claims[name] = "…" }
      return JSONValue.object(claims).encoded.replacing(/sesskey=\w+/, with: "sesskey")
    }
    #expect(lasting(claims) == lasting(recorded))
  }

  @Test("turns every recorded response into the recorded data for the form, and refuses what was refused")
  func recordedResponses() throws {
    let responses = try #require(Fixtures.json("deeplink_responses.json").arrayValue)
    #expect(responses.count == 17)
    for recorded in responses {
      let what = Comment(rawValue: recorded["label"]?.stringValue ?? "")
      let site = try RecordedSite()
      let before = site.platform.activities.count
      site.clock.now = Instant(seconds: try #require(recorded["claims"]?["iat"]?.intValue))
      let cookie = try site.session(user: 8)
      let target = try Self.returnTarget(site, cookie: cookie)
      let jwt = try #require(recorded["jwt"]?.stringValue)
      let answer = try Self.post(jwt, to: target, cookie: cookie, site)
      #expect(answer.status == Int(recorded["status"]?.intValue ?? 0), what)
      guard answer.status == 200 else {
        #expect(site.platform.activities.count == before, what)
        let words = try #require(recorded["text"]?.stringValue?.dropFirst(" Skip to main content ".count))
        let shown = try #require(answer.text.firstMatch(of: /class="errormessage">([^<]*)</)?.1)
        #expect(words.hasPrefix(shown), what)
        continue
      }
      let form = try JSONValue(parsing: try #require(recorded["returned_to_form"]?.stringValue))
      let data = try #require(answer.text.firstMatch(of: /type="application\/json">(.*?)<\/script>/)?.1)
      #expect(try JSONValue(parsing: String(data)).encoded == form.encoded, what)
      let count = form.isNull ? 0 : form["multiple"]?.arrayValue?.count ?? 1
      #expect(site.platform.activities.count == before + count, what)
    }
  }

  /// The return URL of a session, path and query.
  private static func returnTarget(_ site: RecordedSite, cookie: HTTPFields) throws -> String {
    let page = try site.answer(
      MoodleRequest(method: "GET", target: "/mod/lti/contentitem.php?id=1&course=2", fields: cookie))
    let hint = try #require(HTMLForm(in: page.text)?.value("lti_message_hint"))
    let query: [(String, String)] = [
      ("scope", "openid"), ("response_type", "id_token"), ("response_mode", "form_post"), ("state", "s"),
      ("client_id", "sdCVQxdbZQil7Gc"), ("redirect_uri", "http://127.0.0.1:8091/deeplink"), ("login_hint", "8"),
      ("lti_message_hint", hint), ("nonce", "n"),
    ]
    let answer = try site.answer(
      MoodleRequest(method: "GET", target: "/mod/lti/auth.php?" + FormURLEncoded.encode(query), fields: cookie))
    let token = try #require(HTMLForm(in: answer.text)?.value("id_token"))
    let settings = try JSONValue(parsing: JWS(compact: token).payload)[
      "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings"]
    let url = try #require(settings?["deep_link_return_url"]?.stringValue)
    #expect(settings?["title"] == "Passerelle" && settings?["text"] == "")
    return try #require(WebURL(url)).requestTarget
  }

  private static func post(
    _ jwt: String, to target: String, cookie: HTTPFields, _ site: RecordedSite, more: [(String, String)] = []
  ) throws -> MoodleResponse {
    var fields = cookie
    fields.append("Content-Type", "application/x-www-form-urlencoded")
    return try site.answer(
      MoodleRequest(
        method: "POST", target: target, fields: fields,
        body: Array(FormURLEncoded.encode([("JWT", jwt)] + more).utf8)))
  }

  @Test("gives no token to a learner or a non-editing teacher, and asks somebody without a session to log in")
  func teachersOnly() throws {
    let stage = try Stage()
    defer { stage.stop() }
    for user in [3, 10] {
      var client = stage.client
      #expect(throws: LaunchClientError.stuck(status: 404, path: "/mod/lti/auth.php")) {
        try client.chooseContent(user: user)
      }
    }
    let anonymous = try stage.send("GET", "/mod/lti/contentitem.php?id=1&course=2")
    #expect(anonymous.fields["Location"] == stage.server.url + "/login/index.php")
    #expect(try stage.send("GET", "/mod/lti/contentitem.php?id=7&course=2&user=8").status == 404)
  }

  @Test("goes through a browser: what the tool chose is an activity with its parameters, maximum and column")
  func wholeChoice() throws {
    let stage = try Stage()
    defer { stage.stop() }
    var client = stage.client
    let trace = try client.chooseContent(user: 8)
    #expect(trace.hops.map(\.response.status) == [200, 302, 200, 303])
    let claims = try JSONValue(parsing: JWS(compact: #require(trace.idToken)).payload)
    #expect(claims["https://purl.imsglobal.org/spec/lti/claim/message_type"] == "LtiDeepLinkingRequest")
    let returnURL = try #require(claims[settingsName]?["deep_link_return_url"]?.stringValue)
    let items: JSONValue = [
      [
        "type": "ltiResourceLink", "title": "Été & Cie", "custom": ["module": "ete", "grain": "g1"],
        "lineItem": ["scoreMaximum": 40, "resourceId": "ete"],
      ]
    ]
    let jwt = try stage.assertion([("https://purl.imsglobal.org/spec/lti-dl/claim/content_items", items)])
    let answer = try client.returnContent(jwt, to: returnURL)
    #expect(answer.response.status == 200)
    let added = try #require(stage.platform.activities.last)
    #expect(added.name == "Été & Cie" && added.points == 40 && added.cmid == 3 && added.instance == 2)
    #expect(answer.text.contains("top.location.href = \"\(stage.server.url)/course/view.php?id=2\\u0026cm=3\""))
    #expect(stage.platform.grade(user: 3, activity: 2)?.maximum == 40)

    let launched = try JSONValue(parsing: JWS(compact: #require(try client.launch(user: 3, cmid: 3).idToken)).payload)
    let custom = launched["https://purl.imsglobal.org/spec/lti/claim/custom"]
    #expect(custom?["module"] == "ete" && custom?["grain"] == "g1")
    #expect(launched["https://purl.imsglobal.org/spec/lti/claim/resource_link"]?["id"] == "2")
    let listed = try stage.send(
      "GET", "/mod/lti/services.php/2/lineitems?resource_id=ete", fields: [("Authorization", "Bearer \(stage.token())")]
    )
    #expect(try JSONValue(parsing: listed.body).arrayValue?.count == 1)
  }

  @Test("finds the tool by its address when an item names a URL")
  func itemWithURL() throws {
    let stage = try Stage()
    defer { stage.stop() }
    var client = stage.client
    let url = stage.tool.url + "/lti/launch?x=1"
    func choose(_ url: String) throws -> Int {
      let claims = try JSONValue(parsing: JWS(compact: #require(try client.chooseContent(user: 8).idToken)).payload)
      let items: JSONValue = [["type": "ltiResourceLink", "title": "T", "url": .string(url)]]
      let jwt = try stage.assertion([("https://purl.imsglobal.org/spec/lti-dl/claim/content_items", items)])
      _ = try client.returnContent(jwt, to: #require(claims[settingsName]?["deep_link_return_url"]?.stringValue))
      return try #require(stage.platform.activities.last).cmid
    }
    let claims = try JSONValue(
      parsing: JWS(compact: #require(try client.launch(user: 3, cmid: choose(url)).idToken)).payload)
    #expect(claims["https://purl.imsglobal.org/spec/lti/claim/target_link_uri"]?.stringValue == url)
    #expect(claims["https://purl.imsglobal.org/spec/lti/claim/deployment_id"] == "1")
    let nowhere = try choose("https://example.org/")
    #expect(throws: LaunchClientError.stuck(status: 404, path: "/mod/lti/launch.php")) {
      try client.launch(user: 3, cmid: nowhere)
    }
  }

  @Test("comes back without a cookie as a page that posts again, and is refused to another session and another role")
  func sessions() throws {
    let site = try RecordedSite()
    let recorded = try #require(Fixtures.json("deeplink_responses.json").arrayValue?.first)
    site.clock.now = Instant(seconds: try #require(recorded["claims"]?["iat"]?.intValue))
    let jwt = try #require(recorded["jwt"]?.stringValue)
    let cookie = try site.session(user: 8)
    let target = try Self.returnTarget(site, cookie: cookie)
    let page = try Self.post(jwt, to: target, cookie: HTTPFields(), site)
    let form = try #require(HTMLForm(in: page.text))
    #expect(form.fields.map(\.0) == ["JWT", "repost"] && form.value("JWT") == jwt && form.action == target)
    #expect(try Self.post(jwt, to: target, cookie: HTTPFields(), site, more: [("repost", "true")]).status == 303)
    #expect(try Self.post(jwt, to: target, cookie: site.session(user: 8), site).status == 404)
    let learner = try site.session(user: 3)
    #expect(try Self.post(jwt, to: target, cookie: learner, site).status == 404)
    #expect(try Self.post("x", to: target, cookie: cookie, site).status == 404)
    site.platform.changePerson(8) { $0.role = .nonEditingTeacher }
    #expect(try Self.post(jwt, to: target, cookie: cookie, site).text.contains("(Manage activities)"))
    #expect(site.platform.activities.count == 2)
    site.platform.changePerson(8) { $0.role = .editingTeacher }
    #expect(try Self.post(jwt, to: target, cookie: cookie, site, more: [("repost", "true")]).status == 200)
    #expect(site.platform.activities.count == 3)
  }
}
