import DemoMoodle
import Testing
import Wire

@Suite("LTI 1.1 activities")
struct Launch11Tests {
  private func recordedFields(_ name: String) throws -> [(String, String)] {
    let hops = try #require(Fixtures.json("launch11_\(name).json")["hops"]?.arrayValue)
    return try #require(hops.last?["request_fields"]?.arrayValue).map { pair in
      (pair.arrayValue?.first?.stringValue ?? "", pair.arrayValue?.last?.stringValue ?? "")
    }
  }

  @Test(
    "are launched with the 46 fields that a real Moodle sent, in their order",
    arguments: [("student1", 3), ("teacher1", 8)])
  func recordedLaunch(name: String, user: Int) throws {
    let recorded = try recordedFields(name)
    #expect(recorded.count == 46)
    let site = try RecordedSite(roster: [3, 8])
    let stamp = try #require(recorded.first { $0.0 == "oauth_timestamp" }.flatMap { Int64($0.1) })
    site.clock.now = Instant(seconds: stamp)
    let page = try site.answer(
      MoodleRequest(method: "GET", target: "/mod/lti/launch.php?id=3", fields: try site.session(user: user)))
    #expect(page.text.hasPrefix("<form action=\"http://127.0.0.1:8091/lti11\" name=\"ltiLaunchForm\""))
    let form = try #require(HTMLForm(in: page.text))
    #expect(form.method == "POST")
    #expect(form.fields.map(\.0) == recorded.map(\.0))
    func lasting(_ field: (String, String)) -> String {
      if ["oauth_nonce", "oauth_signature"].contains(field.0) { return field.0 }
      return field.1.replacing(/launchid":\d+/, with: "").replacing(/[0-9a-f]{64}/, with: "")
        .replacing(/sesskey=\w+/, with: "")
    }
    #expect(form.fields.map(lasting) == recorded.map(lasting))
    #expect(form.value("oauth_nonce")?.count == 32)
    #expect(form.fields.contains { $0.0 == "ext_submit" } == false)
  }

  @Test("are signed as a real Moodle signs, with a secret that holds é, & and +")
  func signatures() throws {
    let signer = SignedRequest(url: "http://127.0.0.1:8091/lti11")
    for name in ["student1", "teacher1"] {
      let fields = try recordedFields(name)
      #expect(signer.signature(fields.filter { $0.0 != "oauth_signature" }) == fields.last?.1)
    }
    let site = try RecordedSite()
    let page = try site.answer(MoodleRequest(method: "GET", target: "/mod/lti/launch.php?id=3&user=3"))
    let form = try #require(HTMLForm(in: page.text))
    #expect(form.value("oauth_signature") == signer.signature(form.fields.filter { $0.0 != "oauth_signature" }))
  }

  @Test("sign what the launch URL's query says, and do not send it a second time")
  func queryOfTheURL() throws {
    let site = try RecordedSite()
    let url = "http://127.0.0.1:8091/lti11?custom_grain=%C3%A9t%C3%A9&b=1"
    site.platform.changeActivity(cmid: 3) { $0.toolURL = url }
    let page = try site.answer(MoodleRequest(method: "GET", target: "/mod/lti/launch.php?id=3&user=3"))
    let form = try #require(HTMLForm(in: page.text))
    #expect(form.action == url)
    #expect(form.value("custom_grain") == nil)
    let unsigned = form.fields.filter { $0.0 != "oauth_signature" }
    #expect(form.value("oauth_signature") == SignedRequest(url: url).signature(unsigned))
  }

  @Test("ask somebody without a session to log in, and send a stranger to the enrolment page")
  func outsiders() throws {
    let site = try RecordedSite()
    let anonymous = try site.answer(MoodleRequest(method: "GET", target: "/mod/lti/launch.php?id=3"))
    #expect(anonymous.status == 303)
    #expect(anonymous.fields["Location"] == "http://127.0.0.1:8090/login/index.php")
    let stranger = try site.answer(MoodleRequest(method: "GET", target: "/mod/lti/launch.php?id=3&user=9"))
    #expect(stranger.fields["Location"] == "http://127.0.0.1:8090/enrol/index.php?id=2")
    #expect(!stranger.text.contains("oauth_signature"))
  }

  @Test("leave out what is not shared, and the outcome fields when no grade is accepted")
  func withheld() throws {
    let site = try RecordedSite()
    site.platform.changeActivity(cmid: 3) {
      $0.sendName = false
      $0.sendEmail = false
      $0.acceptsGrades = false
    }
    func fields(_ page: MoodleResponse) throws -> [String] { try #require(HTMLForm(in: page.text)).fields.map(\.0) }
    let request = MoodleRequest(method: "GET", target: "/mod/lti/launch.php?id=3&user=3")
    let names = try fields(site.answer(request))
    for part in [
      "lis_person_name", "ext_user_username", "lis_person_contact", "lis_result", "lis_outcome", "lineitem_",
    ] {
      #expect(!names.contains { $0.contains(part) }, "\(part)")
    }
    #expect(names.contains("user_id") && names.contains("lis_person_sourcedid"))
    site.platform.changeTool(typeID: 2) {
      $0.sendName = .always
      $0.sendEmail = .always
    }
    #expect(try fields(site.answer(request)).contains("lis_person_contact_email_primary"))
  }

  /// A 1.3 and a 1.1 activity side by side.
  private func stage() throws -> Stage {
    let stage = try Stage(activities: [
      Activity(), Activity(cmid: 3, instance: 2, name: "Quiz 1.1", points: 20, typeID: 2),
    ])
    stage.platform.addTool(.passerelle11(at: stage.tool.url, key: "cle11", secret: "s3cret-é&+11"))
    return stage
  }

  @Test("live beside 1.3 activities: one POST launches, an outcome grades, and the gradebook shows both")
  func sideBySide() throws {
    let stage = try stage()
    defer { stage.stop() }
    var client = stage.client
    let trace = try client.launch(user: 3, cmid: 3)
    #expect(trace.hops.count == 2)
    #expect(trace.location?.description == "http://site.test/#passerelle=1")
    #expect(trace.hops[1].request.fields["Origin"] == stage.server.url)
    let sourcedID = try #require(trace.launchForm11?.value("lis_result_sourcedid"))
    #expect(stage.tool.launches[0].first { $0.name == "lis_result_sourcedid" }?.value == sourcedID)

    let service = SignedRequest(url: stage.server.url + "/mod/lti/service.php")
    let body = SignedRequest.envelope("replaceResult", sourcedID: sourcedID, score: "0.75")
    let answer = try stage.send(
      "POST", service.url,
      fields: [("Content-Type", "application/xml"), ("Authorization", service.authorization(body))],
      body: body)
    #expect(answer.status == 200)
    #expect(answer.fields["Content-Type"] == "text/html; charset=utf-8")
    #expect(String(decoding: answer.body, as: UTF8.self).contains("<imsx_codeMajor>success</imsx_codeMajor>"))
    #expect(
      String(decoding: answer.body, as: UTF8.self).contains(
        "<imsx_messageRefIdentifier>m&amp;1</imsx_messageRefIdentifier>"))
    let row = try #require(stage.platform.grade(user: 3, activity: 2))
    #expect(row.grade == 15)
    #expect(row.maximum == 20)
    #expect(row.completion == "COMPLETE")
    let logged = try #require(stage.platform.requests().last)
    #expect(logged.endpoint == .outcome && logged.user == 3 && logged.lineItem == 3)

    #expect(try stage.score(60, at: "2026-11-23T01:00:00Z", token: stage.token()).status == 200)
    let page = try stage.send("GET", "/course/view.php?id=2&user=3")
    let text = String(decoding: page.body, as: UTF8.self)
    #expect(text.contains("15 / 20") && text.contains("60 / 100"))
    #expect(text.contains("cm=3\">Quiz 1.1"))
  }

  @Test("fail in Moodle's words when the grade is locked or none is accepted, and in no words when a fault strikes")
  func failures() throws {
    let stage = try stage()
    defer { stage.stop() }
    var client = stage.client
    let sourcedID = try #require(try client.launch(user: 3, cmid: 3).launchForm11?.value("lis_result_sourcedid"))
    var service = SignedRequest(url: stage.server.url + "/mod/lti/service.php")
    func send(_ operation: String, score: String? = nil) throws -> HTTPResponse {
      let body = SignedRequest.envelope(operation, sourcedID: sourcedID, score: score)
      return try stage.send(
        "POST", service.url,
        fields: [("Content-Type", "application/xml"), ("Authorization", service.authorization(body))], body: body)
    }
    func description(_ answer: HTTPResponse) throws -> String {
      let text = String(decoding: answer.body, as: UTF8.self)
      let match = try #require(
        text.firstMatch(of: /<imsx_codeMajor>(.*)<\/imsx_codeMajor>.*<imsx_description>(.*)<\/imsx_description>/))
      return "\(match.1): \(match.2)"
    }
    for method in ["HMAC-SHA256", "PLAINTEXT", ""] {
      service.signatureMethod = method
      #expect(try description(send("replaceResult", score: "1")) == "failure: Message signature not valid", "\(method)")
    }
    service.signatureMethod = "HMAC-SHA1"
    stage.platform.setLocked(true, lineItem: 3)
    #expect(try description(send("replaceResult", score: "1")) == "failure: Grade replace response")
    #expect(try description(send("deleteResult")) == "failure: Grade delete request")
    stage.platform.setLocked(false, lineItem: 3)
    stage.platform.injectNext(.status(503, retryAfter: 2), at: .outcome)
    let down = try send("replaceResult", score: "1")
    #expect(down.status == 503 && down.fields["Retry-After"] == "2")
    #expect(stage.platform.grade(user: 3, activity: 2)?.grade == nil)
    stage.platform.overrideGrade(user: 3, lineItem: 3, grade: 4)
    #expect(try description(send("replaceResult", score: "1")) == "success: Grade replace response")
    #expect(stage.platform.grade(user: 3, activity: 2)?.grade == 4)
    stage.platform.changeActivity(cmid: 3) { $0.acceptsGrades = false }
    #expect(try description(send("replaceResult", score: "1")) == "failure: Tool does not accept grades")
  }
}
