import LTI
import Testing
import Wire

@Suite("Answers to a registration")
struct RegistrationAnswerTests {
  static func register(_ sent: Sent, token: String? = "registration-token") throws -> RegisteredTool {
    try RegistrationTests.tool().register(with: try RegistrationTests.platform(), token: token, send: sent.send)
  }

  @Test("a real Moodle answers with a client_id, a deployment and the scopes it grants")
  func recorded() throws {
    let exchange = try RegistrationTests.exchange("registration OK")
    let token = try #require(exchange.requestFields["Authorization"]?.split(separator: " ").last.map(String.init))
    let sent = Sent(exchange.response)
    let tool = try Self.register(sent, token: token)
    let request = try sent.only()
    #expect(request.method == "POST" && request.url == exchange.url)
    #expect(request.fields["Authorization"] == exchange.requestFields["Authorization"])
    #expect(request.fields["Content-Type"] == "application/json")
    #expect(
      try JSONValue(parsing: request.body)
        == .object(try RegistrationTests.tool().request(for: try RegistrationTests.platform())))
    #expect(tool.clientID.value == "udhHJtuFPoHjhVS")
    #expect(tool.deploymentID?.value == "3")
    #expect(tool.scopes.count == 5 && tool.scopes.contains(NRPS.scope))
  }

  static let refusals: [(String, RegistrationFailure)] = [
    ("no token", .tokenRefused("missing_registration_token")),
    ("same token reused", .tokenRefused("token_already_used")),
    ("garbage token", .refused(status: 404, words: "http_404")),
    ("missing jwks_uri", .refused(status: 400, words: "missing required attribute jwks_uri")),
    (
      "missing tool config",
      .refused(
        status: 400, words: "missing required attribute https://purl.imsglobal.org/spec/lti-tool-configuration")
    ),
    (
      "token_endpoint_auth_method client_secret_basic",
      .refused(status: 400, words: "invalid_token_endpoint_auth_method")
    ),
    ("missing domain", .refused(status: 400, words: "missing_domain")),
    ("domain mismatch with target_link_uri", .refused(status: 400, words: "domain_targetlinkuri_mismatch")),
  ]

  @Test("recorded refusals are told in Moodle's own words", arguments: refusals)
  func recordedRefusal(label: String, failure: RegistrationFailure) throws {
    #expect(throws: failure) { try Self.register(Sent(try RegistrationTests.exchange(label).response)) }
  }

  @Test("without a token none is sent, and what cannot stand in a field is not sent either")
  func tokens() throws {
    let sent = Sent(.answer(201, #"{"client_id":"c"}"#))
    #expect(try Self.register(sent, token: nil).clientID.value == "c")
    #expect(try sent.only().fields["Authorization"] == nil)
    let none = Sent()
    for token in ["", "a b", "a\r\nX: y", "é"] {
      #expect(throws: RegistrationFailure.tokenRefused("not a token")) { try Self.register(none, token: token) }
    }
    #expect(none.requests.isEmpty)
  }

  @Test("an answer without a usable client_id registers nothing; a deployment is optional, but not any value")
  func answers() throws {
    func answer(_ deployment: String) -> Sent {
      Sent(.answer(200, "{\"client_id\":\"c\",\"\(RegistrationTests.toolClaim)\":{\"deployment_id\":\(deployment)}}"))
    }
    #expect(try Self.register(answer("\"d 1\"")).deploymentID?.value == "d 1")
    #expect(try Self.register(answer("3")).deploymentID?.value == "3")
    #expect(try Self.register(answer("null")).deploymentID == nil)
    for deployment in ["\"\"", "[]", "1.5", "true", "\"a\\nb\""] {
      #expect(throws: RegistrationFailure.answerMalformed) { try Self.register(answer(deployment)) }
    }
    #expect(try Self.register(Sent(.answer(200, #"{"client_id":"c"}"#))).scopes.count == 6)
    let nul = [#"{"client_id":"c\u0000"}"#, #"{"client_id":"c","scope":"x\u0000"}"#]
    for body in ["", "[]", "{}", #"{"client_id":""}"#, #"{"client_id":5}"#, "<html></html>"] + nul {
      #expect(throws: RegistrationFailure.answerMalformed) { try Self.register(Sent(.answer(200, body))) }
    }
  }

  @Test("what may pass is told from what will not")
  func temporary() throws {
    for status in [408, 425, 429, 500, 503] {
      #expect(throws: RegistrationFailure.unavailable(afterSeconds: 7, status: status)) {
        try Self.register(Sent(.answer(status, "", [("Retry-After", "7")])))
      }
    }
    #expect(throws: RegistrationFailure.refused(status: 302, words: "http_302")) {
      try Self.register(Sent(.answer(302, "", [("Location", "https://evil.example/")])))
    }
    #expect(throws: RegistrationFailure.transport(.timedOut(.receive))) {
      try Self.register(Sent(failure: .timedOut(.receive)))
    }
  }

  @Test("a platform's words are cut, printable, and never repeat a token")
  func words() throws {
    let bodies = [
      (#"{"error":"invalid_redirect_uri","error_description":"no é"}"#, "invalid_redirect_uri: no ??"),
      ("a\nb", "a?b"), ("token eyJhbGciOi is bad", "(withheld)"), (String(repeating: "x", count: 401), "http_400"),
      (String(repeating: "x", count: 400), String(repeating: "x", count: 120) + "…"), ("<p>x</p>", "http_400"),
      ("", "http_400"), ("{\"x\":", "http_400"),
    ]
    for (body, words) in bodies {
      #expect(throws: RegistrationFailure.refused(status: 400, words: words)) {
        try Self.register(Sent(.answer(400, body)))
      }
    }
  }

  static let codes: [(RegistrationFailure, String)] = [
    (.insecure("issuer"), "registration_insecure member=issuer"),
    (.configurationRefused(status: 404), "registration_configuration_refused status=404"),
    (.configurationMalformed, "registration_configuration_malformed"),
    (.configurationIncomplete("jwks_uri"), "registration_configuration_incomplete member=jwks_uri"),
    (.originMismatch("issuer"), "registration_origin_mismatch member=issuer"),
    (.unsupported("x"), "registration_unsupported member=x"),
    (.tokenRefused("w"), "registration_token_refused words=w"),
    (.refused(status: 400, words: "w"), "registration_refused status=400 words=w"),
    (.unavailable(afterSeconds: 3, status: 503), "registration_unavailable status=503 retry_after=3"),
    (.answerMalformed, "registration_answer_malformed"),
    (.transport(.tooLarge), "transport_too_large the response is larger than allowed"),
  ]

  @Test("each failure has its own stable code", arguments: codes)
  func code(failure: RegistrationFailure, logLine: String) {
    #expect(failure.logLine == logLine && "\(failure)" == logLine)
    #expect(failure.code == logLine.split(separator: " ").first.map(String.init))
  }
}
