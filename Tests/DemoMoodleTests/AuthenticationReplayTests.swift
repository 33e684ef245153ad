import DemoMoodle
import JOSE
import Testing
import Wire

/// One recorded try at auth.php: the request the tool made, and how it ended.
private struct RecordedAuthentication: Sendable {
  var label: String
  /// The query of the recorded request.
  var query: [(name: String, value: String)]
  var status: Int
  /// What was then posted to the tool, and where; nil when Moodle kept the person.
  var posted: (action: String, fields: [(String, String)])?

  /// Everything in the file but "replay auth", which has no hops; `replayedLaunch` is that test.
  static func load() throws -> [RecordedAuthentication] {
    try #require(Fixtures.json("auth_request_tests.json").arrayValue).compactMap { json in
      guard let hops = json["hops"]?.arrayValue, let label = json["label"]?.stringValue else { return nil }
      let hop = try #require(hops.first { $0["url"]?.stringValue?.contains("/mod/lti/auth.php?") == true })
      let url = try #require(hop["url"]?.stringValue.flatMap { WebURL($0) })
      let last = try #require(hops.last)
      let wasPosted = last["method"] == "POST" && last["url"]?.stringValue?.hasSuffix("/login") == false
      let fields = (last["request_fields"]?.arrayValue ?? []).compactMap { pair -> (String, String)? in
        guard let pair = pair.arrayValue, pair.count == 2 else { return nil }
        return (pair[0].stringValue ?? "", pair[1].stringValue ?? "")
      }
      return RecordedAuthentication(
        label: label, query: url.queryItems, status: Int(hop["status"]?.intValue ?? 0),
        posted: wasPosted ? (last["url"]?.stringValue ?? "", fields) : nil)
    }
  }
}

@Suite("Recorded authentication requests, sent to the platform again")
struct AuthenticationReplayTests {
  @Test("end as they ended at the real Moodle: a token, an error for the tool, or a page the tool never sees")
  func replay() throws {
    let site = try RecordedSite()
    let recordings = try RecordedAuthentication.load()
    #expect(recordings.count == 19)
    for recording in recordings {
      let what = Comment(rawValue: recording.label)
      let (session, hint) = try begin(user: 5, on: site)
      let query = recording.query.map { item in
        // The recorded launch is not ours: it becomes the one begun here, unless tampering with it was the test.
        let isOurs = item.name == "lti_message_hint" && recording.label != "tampered lti_message_hint"
        return (item.name, isOurs ? hint : item.value)
      }
      let answer = try authenticate(query, session: session, on: site)
      #expect(answer.status == recording.status, what)
      #expect(answer.fields["Content-Type"] == "text/html; charset=utf-8", what)
      guard let posted = recording.posted else {
        #expect(HTMLForm(in: answer.text) == nil, what)
        #expect(answer.text.contains("Invalid request"), what)
        continue
      }
      let form = try #require(HTMLForm(in: answer.text), what)
      #expect(form.action == posted.action, what)
      #expect(form.fields.map(\.0) == posted.fields.map(\.0), what)
      for (name, value) in posted.fields where name != "id_token" { #expect(form.value(name) == value, what) }
      if let token = form.value("id_token") {
        let claims = try JSONValue(parsing: JWS(compact: token).payload)
        #expect(claims["nonce"]?.stringValue == recording.query.first { $0.name == "nonce" }?.value, what)
      }
    }
  }

  @Test("a launch serves once: the same authentication request again is Moodle's own 404")
  func replayedLaunch() throws {
    let site = try RecordedSite()
    let (session, hint) = try begin(user: 3, on: site)
    #expect(try authenticate(ordinary(hint: hint), session: session, on: site).status == 200)
    let again = try authenticate(ordinary(hint: hint), session: session, on: site)
    #expect(again.status == 404)
    #expect(again.text.contains("Invalid request"))
  }

  @Test("two launches begun in one session both succeed, in any order")
  func interleaved() throws {
    let site = try RecordedSite()
    let (session, first) = try begin(user: 3, on: site)
    let (_, second) = try begin(user: 3, session: session, on: site)
    #expect(first != second)
    for hint in [second, first] {
      let answer = try authenticate(ordinary(hint: hint), session: session, on: site)
      #expect(HTMLForm(in: answer.text)?.value("id_token") != nil)
    }
  }

  @Test("without the session cookie the request is posted again with repost=true, and fails when there is no session")
  func repost() throws {
    let site = try RecordedSite()
    let (session, hint) = try begin(user: 3, on: site)
    let page = try authenticate(ordinary(hint: hint), session: nil, on: site)
    #expect(page.status == 200)
    #expect(page.fields["Set-Cookie"] == nil)
    let form = try #require(HTMLForm(in: page.text))
    #expect(form.method == "POST")
    #expect(form.fields.map(\.0) == ["repost"])
    let body = Array(FormURLEncoded.encode(form.fields).utf8)
    func post(cookie: String?) throws -> MoodleResponse {
      var fields = HTTPFields([("Content-Type", "application/x-www-form-urlencoded")])
      if let cookie { fields.append("Cookie", "MoodleSession=\(cookie)") }
      return try site.answer(MoodleRequest(method: "POST", target: form.action, fields: fields, body: body))
    }
    #expect(try post(cookie: nil).status == 404)
    #expect(HTMLForm(in: try post(cookie: session).text)?.value("id_token") != nil)
  }

  @Test("somebody who is not enrolled, or suspended, ends on the enrolment page without a token")
  func notEnrolled() throws {
    let site = try RecordedSite()
    site.platform.setEnrolment(.suspended, user: 7)
    for user in [9, 7] {
      let (session, hint) = try begin(user: user, on: site)
      let query = ordinary(hint: hint).map { ($0.0, $0.0 == "login_hint" ? String(user) : $0.1) }
      let answer = try authenticate(query, session: session, on: site)
      #expect(answer.status == 303)
      #expect(answer.fields["Location"] == "http://127.0.0.1:8090/enrol/index.php?id=2")
    }
  }

  @Test("launch.php without anybody posts a login hint of 0")
  func loggedOut() throws {
    let site = try RecordedSite()
    let answer = try site.answer(MoodleRequest(method: "GET", target: "/mod/lti/launch.php?id=2"))
    #expect(HTMLForm(in: answer.text)?.value("login_hint") == "0")
  }

  private func ordinary(hint: String) -> [(String, String)] {
    [
      ("scope", "openid"), ("response_type", "id_token"), ("response_mode", "form_post"), ("prompt", "none"),
      ("client_id", "sdCVQxdbZQil7Gc"), ("redirect_uri", "http://127.0.0.1:8091/launch"), ("login_hint", "3"),
      ("lti_message_hint", hint), ("state", "s"), ("nonce", "n"),
    ]
  }

  /// Logs somebody in and opens launch.php; the session and the hint that the tool must echo.
  private func begin(
    user: Int, session: String? = nil, on site: RecordedSite
  ) throws -> (session: String, hint: String) {
    var session = session
    if session == nil {
      let page = try site.answer(MoodleRequest(method: "GET", target: "/login/index.php?user=\(user)"))
      let cookie = try #require(page.fields["Set-Cookie"])
      session = String(cookie.dropFirst("MoodleSession=".count).prefix { $0 != ";" })
    }
    let id = try #require(session)
    let launch = try site.answer(
      MoodleRequest(
        method: "GET", target: "/mod/lti/launch.php?id=2", fields: HTTPFields([("Cookie", "MoodleSession=\(id)")])))
    return (id, try #require(HTMLForm(in: launch.text)?.value("lti_message_hint")))
  }

  private func authenticate(
    _ query: [(String, String)], session: String?, on site: RecordedSite
  ) throws -> MoodleResponse {
    var fields = HTTPFields()
    if let session { fields.append("Cookie", "MoodleSession=\(session)") }
    return try site.answer(
      MoodleRequest(method: "GET", target: "/mod/lti/auth.php?" + FormURLEncoded.encode(query), fields: fields))
  }
}
