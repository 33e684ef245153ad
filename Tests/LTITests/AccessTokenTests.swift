import JOSE
import LTI
import Testing
import Wire

@Suite("Access tokens")
struct AccessTokenTests {
  static let now = Instant(seconds: 1_795_396_551)

  func request(scopes: [String] = [AGSScope.score, AGSScope.resultReadOnly]) throws -> AccessTokenRequest {
    let platform = try SigningPlatform.shared.get()
    return AccessTokenRequest(
      tokenURL: try #require(WebURL("http://127.0.0.1:8090/mod/lti/token.php")),
      clientID: try #require(ClientID("sdCVQxdbZQil7Gc")),
      keyID: platform.keyID, key: platform.key, scopes: scopes)
  }

  func fetch(_ response: HTTPResponse) throws -> AccessToken {
    try request().fetch(now: Self.now, randomBytes: { [UInt8](repeating: 7, count: $0) }, send: Sent(response).send)
  }

  @Test("the assertion is signed, backdated, short-lived, for one audience, in whole seconds, with a random jti")
  func assertion() throws {
    let sent = Sent(.answer(200, #"{"access_token":"a","token_type":"Bearer"}"#))
    var asked: [Int] = []
    _ = try request().fetch(
      now: Self.now,
      randomBytes: {
        asked.append($0)
        return Array(0..<UInt8($0))
      }, send: sent.send)
    #expect(asked == [16])
    let message = try sent.only()
    #expect(message.method == "POST")
    #expect(message.url.description == "http://127.0.0.1:8090/mod/lti/token.php")
    #expect(message.fields["Content-Type"] == "application/x-www-form-urlencoded")
    let form = try FormURLEncoded.decode(message.body)
    #expect(form.items.map(\.name) == ["grant_type", "client_assertion_type", "client_assertion", "scope"])
    #expect(try form.value("grant_type") == "client_credentials")
    #expect(try form.value("client_assertion_type") == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
    #expect(try form.value("scope") == "\(AGSScope.score) \(AGSScope.resultReadOnly)")
    let assertion = try JWS(compact: try known(try form.value("client_assertion")))
    let platform = try SigningPlatform.shared.get()
    #expect(assertion.keyID == platform.keyID)
    try assertion.verify(with: platform.publicKey)
    #expect(
      String(decoding: assertion.payload, as: UTF8.self)
        == #"{"iss":"sdCVQxdbZQil7Gc","sub":"sdCVQxdbZQil7Gc","aud":"http://127.0.0.1:8090/mod/lti/token.php","iat":1795396546,"exp":1795396611,"jti":"AAECAwQFBgcICQoLDA0ODw"}"#
    )
  }

  @Test("the form is what the recorded Moodle accepted, but for the assertion and the scopes")
  func recordedForm() throws {
    let exchange = try #require(try Recorded.exchanges("token_tests").first { $0.label == "token ok, all 5 scopes" })
    let recorded = try FormURLEncoded.decode(Array(try #require(exchange.requestBody).utf8))
    let sent = Sent(exchange.response)
    _ = try request().fetch(now: Self.now, randomBytes: { [UInt8](repeating: 0, count: $0) }, send: sent.send)
    let ours = try FormURLEncoded.decode(try sent.only().body)
    #expect(ours.items.map(\.name) == recorded.items.map(\.name))
    for name in ["grant_type", "client_assertion_type"] { #expect(try ours.value(name) == recorded.value(name)) }
    #expect(try sent.only().url == exchange.url)
  }

  /// What each recorded answer means: a token of so many scopes, or the platform's word of refusal.
  static let recorded: [(label: String, scopes: Int, error: String?)] = [
    ("token ok, all 5 scopes", 5, nil), ("token second time (is it reused?)", 5, nil), ("only score scope", 1, nil),
    ("score + unknown scope", 1, nil), ("only unknown scope", 0, "invalid_scope"),
    ("empty scope", 0, "invalid_request"),
    ("bad key signature", 0, "Signature verification failed"),
    ("kid unknown", 0, "\"kid\" invalid, unable to lookup correct key"),
    ("no kid header", 0, "error/Error: kid must be provided in JWT header."), ("unknown client", 0, "invalid_client"),
    ("expired assertion", 0, "Expired token"), ("expired 30 s ago", 0, "Expired token"),
    ("iat 30 s in the future", 0, "Cannot handle token with iat prior to 2026-11-23T01:16:22+0000"),
    ("iat 120 s in the future", 0, "Cannot handle token with iat prior to 2026-11-23T01:17:52+0000"),
    ("JSON body instead of form", 0, "invalid_request"), ("GET", 0, "invalid_request"),
    ("bad grant_type", 0, "unsupported_grant_type"), ("garbage assertion", 0, "invalid_request"),
    ("comma separated scope", 0, "invalid_scope"), ("HS256 assertion", 0, "Incorrect key for this algorithm"),
    ("aud wrong", 5, nil), ("form with charset parameter", 1, nil),
  ]

  @Test("recorded answers of Moodle's token endpoint, text/html and broken JSON included", arguments: recorded)
  func recordedAnswer(label: String, scopes: Int, error: String?) throws {
    let exchange = try #require(try Recorded.exchanges("token_tests").first { $0.label == label })
    #expect(exchange.response.fields["Content-Type"] == "text/html; charset=utf-8")
    if let error {
      #expect(throws: TokenFailure.refused(error: error)) { try fetch(exchange.response) }
    } else {
      let token = try fetch(exchange.response)
      #expect(token.value.utf8.count == 32)
      #expect(token.expiresIn == 3600)
      #expect(token.scopes.count == scopes)
      #expect(token.scopes.contains(AGSScope.score))
    }
  }

  @Test("every recorded answer is a token or a refusal, never anything else")
  func allRecorded() throws {
    var tokens: Set<String> = []
    for exchange in try Recorded.exchanges("token_tests") {
      do {
        tokens.insert(try fetch(exchange.response).value)
        #expect(exchange.response.status == 200)
      } catch let failure as TokenFailure {
        #expect(exchange.response.status == 400)
        #expect(failure.code == "token_refused")
      }
    }
    #expect(tokens.count == 13)
  }

  static let acceptedBodies: [(body: String, expiresIn: Int, scopes: Int)] = [
    (#"{"access_token":"a","token_type":"bearer","expires_in":120,"scope":"x y"}"#, 120, 2),
    (#"{"access_token":"a"}"#, 3600, 2), (#"{"access_token":"a","expires_in":null}"#, 3600, 2),
    (#"{"access_token":"a","expires_in":"600"}"#, 600, 2), (#"{"access_token":"a","expires_in":99.9}"#, 99, 2),
    (#"{"access_token":"a","expires_in":1e15}"#, 86_400, 2), (#"{"access_token":"a","expires_in":0}"#, 0, 2),
    (#"{"access_token":"a","scope":""}"#, 3600, 0),
  ]

  @Test(
    "a life not given is an hour, a longer one than a day is a day; scopes not given are those asked for",
    arguments: acceptedBodies)
  func accepted(body: String, expiresIn: Int, scopes: Int) throws {
    let token = try fetch(.answer(200, body))
    #expect(token.value == "a")
    #expect(token.expiresIn == expiresIn)
    #expect(token.scopes.count == scopes)
  }

  static let malformedBodies = [
    "", "[]", "<html>", #"{"access_token":""}"#, #"{"access_token":5}"#, #"{"access_token":"a b"}"#,
    #"{"access_token":"a\r\nX: y"}"#, #"{"access_token":"a","token_type":"mac"}"#,
    #"{"access_token":"a","token_type":1}"#,
    #"{"access_token":"a","expires_in":-5}"#, #"{"access_token":"a","expires_in":"soon"}"#,
    #"{"access_token":"a","expires_in":[]}"#,
    #"{"access_token":"a","access_token":"b"}"#, #"{"access_token":"a\u0000"}"#,
    #"{"access_token":"a","scope":"x y\u0000"}"#,
  ]

  @Test("a 200 without a usable bearer token is malformed", arguments: malformedBodies)
  func malformed(body: String) throws {
    #expect(throws: TokenFailure.malformed) { try fetch(.answer(200, body)) }
  }

  static let failures: [(HTTPResponse, TokenFailure, String)] = [
    (.answer(200, #"{"error":"invalid_client"}"#), .refused(error: "invalid_client"), "token_refused"),
    (
      .answer(401, #"{"error":"invalid_client","error_description":"x"}"#), .refused(error: "invalid_client"),
      "token_refused"
    ),
    (.answer(400), .intercepted(afterSeconds: nil, status: 400), "token_intercepted"),
    (.answer(302), .intercepted(afterSeconds: nil, status: 302), "token_redirected"),
    (.answer(403, "<html>"), .intercepted(afterSeconds: nil, status: 403), "token_intercepted"),
    (.answer(400, #"{"error":7}"#), .refused(error: "http_400"), "token_refused"),
    (.answer(400, #"{ "error" : "" }"#), .refused(error: "http_400"), "token_refused"),
    (.answer(404, "<!DOCTYPE html>"), .unavailable(afterSeconds: nil, status: 404), "token_unavailable"),
    (.answer(404, #"{"error":"not_found"}"#), .refused(error: "not_found"), "token_refused"),
    (.answer(429, "", [("Retry-After", "30")]), .unavailable(afterSeconds: 30, status: 429), "token_unavailable"),
    (.answer(503, #"{"error":"maintenance"}"#), .unavailable(afterSeconds: nil, status: 503), "token_unavailable"),
    (.answer(500), .unavailable(afterSeconds: nil, status: 500), "token_unavailable"),
  ]

  @Test("every other answer is a failure with its own code", arguments: failures)
  func failure(response: HTTPResponse, failure: TokenFailure, code: String) throws {
    #expect(throws: failure) { try fetch(response) }
    #expect(failure.code == code)
    #expect("\(failure)".hasPrefix(code))
  }

  @Test("a transport failure is carried")
  func transport() throws {
    #expect(throws: TokenFailure.transport(.tls(.certificateExpired))) {
      try request().fetch(
        now: Self.now, randomBytes: { [UInt8](repeating: 0, count: $0) },
        send: Sent(failure: .tls(.certificateExpired)).send)
    }
  }

  @Test("neither a token nor an assertion reaches a description")
  func redaction() throws {
    let token = try fetch(.answer(200, #"{"access_token":"s3cr3t-token","expires_in":60}"#))
    #expect(!"\(token)".contains("s3cr3t"))
    #expect(!String(reflecting: token).contains("s3cr3t"))
    var dumped = ""
    dump(token, to: &dumped)
    #expect(!dumped.contains("s3cr3t"))
    let echo = #"{"error":"cannot read eyJhbGciOiJSUzI1NiJ9.e30.c2ln"}"#
    #expect(throws: TokenFailure.refused(error: "(withheld)")) { try fetch(.answer(400, echo)) }
    let endless = "{\"error\":\"\(String(repeating: "w", count: 500))\"}"
    #expect(throws: TokenFailure.refused(error: String(repeating: "w", count: 120) + "…")) {
      try fetch(.answer(400, endless))
    }
    #expect(throws: TokenFailure.refused(error: "a?b??")) { try fetch(.answer(400, #"{"error":"a\nbé"}"#)) }
  }
}
