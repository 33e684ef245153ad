import DemoMoodle
import JOSE
import Testing
import Wire

@Suite("What the platform says of itself and of a launch")
struct ClaimsTests {
  /// Ids of the recorded users and the enrolments that Moodle had by then.
  @Test(
    "is claim for claim what the recorded Moodle put in its tokens",
    arguments: [("student1", 3), ("teacher1", 8), ("teacher2", 10), ("manager1", 11), ("admin", 2)])
  func recordedClaims(name: String, user: Int) throws {
    let hops = try #require(Fixtures.json("launch13_\(name).json")["hops"]?.arrayValue)
    let tokens = hops.compactMap { $0["id_token"]?["claims"]?.objectValue }
    let recorded = try #require(tokens.first)
    try compare(recorded, user: user)
  }

  @Test("is claim for claim the recorded submission review, begun by a teacher for a learner")
  func submissionReview() throws {
    let recorded = try #require(Fixtures.json("launch13_variants.json")["submission_review"]?.objectValue)
    let site = try RecordedSite(roster: [3, 8])
    let page = try site.answer(MoodleRequest(method: "GET", target: "/login/index.php?user=8"))
    let session = try #require(page.fields["Set-Cookie"]).prefix { $0 != ";" }
    let cookie = HTTPFields([("Cookie", String(session))])
    let launch = try site.answer(
      MoodleRequest(method: "GET", target: "/mod/lti/launch.php?id=2&action=gradeReport&user=3", fields: cookie))
    let form = try #require(HTMLForm(in: launch.text))
    #expect(form.value("login_hint") == "8")
    let query: [(String, String)] = [
      ("scope", "openid"), ("response_type", "id_token"), ("response_mode", "form_post"),
      ("client_id", "sdCVQxdbZQil7Gc"), ("redirect_uri", "http://127.0.0.1:8091/launch"), ("login_hint", "8"),
      ("lti_message_hint", form.value("lti_message_hint") ?? ""), ("nonce", "n"), ("state", "s"),
    ]
    let answer = try site.answer(
      MoodleRequest(
        method: "GET", target: "/mod/lti/auth.php?" + FormURLEncoded.encode(query), fields: cookie))
    let token = try #require(HTMLForm(in: answer.text)?.value("id_token"))
    let claims = try #require(JSONValue(parsing: JWS(compact: token).payload).objectValue)
    #expect(Self.lasting(claims) == Self.lasting(recorded))
    #expect(Self.lasting(claims).keys == Self.lasting(recorded).keys)
  }

  @Test("is a review of one learner's work when a teacher opens it from the gradebook, all the way to the tool")
  func reviewThroughABrowser() throws {
    let stage = try Stage()
    defer { stage.stop() }
    var client = stage.client
    let trace = try client.review(4, asTeacher: 10)
    #expect(trace.hops.map(\.response.status) == [200, 302, 200, 303])
    let claims = try JSONValue(parsing: JWS(compact: #require(trace.idToken)).payload)
    let lti = "https://purl.imsglobal.org/spec/lti/claim/"
    #expect(claims["sub"] == "10" && claims[lti + "for_user"] == ["user_id": "4"])
    #expect(claims[lti + "message_type"] == "LtiSubmissionReviewRequest")
    // The same non-editing teacher is a learner in the roster.
    #expect(claims[lti + "roles"]?.arrayValue?.first?.stringValue?.hasSuffix("#Instructor") == true)
  }

  @Test("leaves out name, user name and address when the activity does not share them, and keeps the ids")
  func privacy() throws {
    let site = try RecordedSite()
    site.platform.changeActivity(cmid: 2) {
      $0.sendName = false
      $0.sendEmail = false
    }
    let claims = IDTokenFactory(site.platform).claims(user: 3, nonce: "n")
    for name in ["name", "given_name", "family_name", "email"] { #expect(claims[name] == nil) }
    #expect(claims["https://purl.imsglobal.org/spec/lti/claim/ext"] == ["lms": "moodle-2"])
    #expect(claims["sub"] == "3")
    #expect(
      claims["https://purl.imsglobal.org/spec/lti/claim/lis"]?["person_sourcedid"] == "ID-student1")
  }

  @Test("names no line item once a second one is linked, when it was deleted, or when no grade is accepted")
  func lineItemOfTheLaunch() throws {
    let name = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
    let stage = try Stage()
    defer { stage.stop() }
    let factory = IDTokenFactory(stage.platform)
    #expect(factory.claims(nonce: "n")[name]?["lineitem"] != nil)
    let bearer = [("Authorization", "Bearer " + (try stage.token()))]
    let lineItems = "/mod/lti/services.php/2/lineitems"
    let made = try stage.send(
      "POST", lineItems, fields: bearer + [("Content-Type", "application/vnd.ims.lis.v2.lineitem+json")],
      body: #"{"label":"L","scoreMaximum":10,"resourceLinkId":"1"}"#)
    #expect(made.status == 201)
    #expect(factory.claims(nonce: "n")[name]?["lineitem"] == nil)
    #expect(factory.claims(nonce: "n")[name]?["lineitems"] != nil)
    #expect(try stage.send("DELETE", lineItems + "/3/lineitem", fields: bearer).status == 204)
    #expect(factory.claims(nonce: "n")[name]?["lineitem"] != nil)
    #expect(try stage.send("DELETE", lineItems + "/2/lineitem", fields: bearer).status == 204)
    #expect(factory.claims(nonce: "n")[name]?["lineitem"] == nil)

    let without = try Stage(activities: [Activity(acceptsGrades: false)])
    defer { without.stop() }
    let claims = IDTokenFactory(without.platform).claims(nonce: "n")
    #expect(claims[name]?["lineitem"] == nil)
    #expect(claims["https://purl.imsglobal.org/spec/lti-bo/claim/basicoutcome"] == nil)
  }

  @Test("the OpenID configuration is the recorded text, and the key set has the recorded members")
  func documents() throws {
    let site = try RecordedSite()
    for exchange in try Exchange.load("platform_documents.json") {
      let answer = try site.answer(exchange.request)
      #expect(answer.status == 200)
      #expect(answer.fields["Content-Type"] == exchange.contentType)
      #expect(answer.fields["Cache-Control"] == nil)
      if exchange.label == "jwks" {
        func keys(_ text: String) throws -> [[String]] {
          try #require(JSONValue(parsing: text)["keys"]?.arrayValue).map { $0.objectValue?.keys ?? [] }
        }
        #expect(try keys(answer.text) == keys(exchange.body))
      } else {
        #expect(answer.text == exchange.body)
      }
    }
  }

  private func compare(_ recorded: JSONObject, user: Int) throws {
    let site = try RecordedSite(roster: [3, 8, 10, 11])
    let claims = IDTokenFactory(site.platform).claims(user: user, nonce: "n")
    #expect(Self.lasting(claims) == Self.lasting(recorded))
    #expect(Self.lasting(claims).keys == Self.lasting(recorded).keys)
  }

  /// The claims without what differs at each launch, or between two sites.
  private static func lasting(_ claims: JSONObject) -> JSONObject {
    let lti = "https://purl.imsglobal.org/spec/lti/claim/"
    var claims = claims
    for name in ["nonce", "iat", "exp"] where claims[name] != nil { claims[name] = "…" }
    claims["https://purl.imsglobal.org/spec/lti-bo/claim/basicoutcome"] = .string(
      (claims["https://purl.imsglobal.org/spec/lti-bo/claim/basicoutcome"]?.encoded ?? "")
        .replacing(/launchid\\":\d+/, with: "launchid").replacing(/hash\\":\\"[0-9a-f]{64}/, with: "hash"))
    claims[lti + "launch_presentation"] = .string(
      (claims[lti + "launch_presentation"]?.encoded ?? "").replacing(/sesskey=\w+/, with: "sesskey"))
    return claims
  }
}
