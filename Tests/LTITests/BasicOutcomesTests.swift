import LTI
import Testing
import Wire

@Suite("Basic Outcomes")
struct BasicOutcomesTests {
  static let now = Instant(seconds: 1_795_396_979)
  static let sourcedID =
    #"{"data":{"instanceid":"2","userid":"3","typeid":"2","launchid":480419380},"hash":"15df4bf7840c578cb7729ced45a0bdff19cf680c71631db6640478ddd9ebdbd2"}"#

  static func endpoint(_ sourcedID: String = sourcedID) throws -> BasicOutcomeEndpoint {
    BasicOutcomeEndpoint(
      sourcedID: sourcedID, serviceURL: try #require(WebURL("http://127.0.0.1:8090/mod/lti/service.php")))
  }

  static func oauth1() throws -> BasicOutcomes.Authorization {
    .oauth1(
      OAuth1Credentials(consumerKey: try #require(ConsumerKey("cle11")), secret: SigningConsumer.secret))
  }

  static func exchange(_ label: String) throws -> Exchange {
    try #require(try Recorded.exchanges("basic_outcomes_tests").first { $0.label == label })
  }

  /// Replays a recorded answer as if it referred to the message that was just sent.
  final class Replay {
    private(set) var requests: [HTTPRequest] = []
    private let exchange: Exchange

    init(_ exchange: Exchange) { self.exchange = exchange }

    func send(_ request: HTTPRequest) throws(TransportFailure) -> HTTPResponse {
      requests.append(request)
      var response = exchange.response
      if let recorded = exchange.requestBody.flatMap({ identifier(of: Array($0.utf8)) }),
        let ours = identifier(of: request.body)
      {
        response.body = Array(String(decoding: response.body, as: UTF8.self).replacing(recorded, with: ours).utf8)
      }
      return response
    }
  }

  static func replace(_ score: Double = 0.75, answered exchange: Exchange) throws -> ResultOutcome {
    BasicOutcomes.replaceResult(
      with: try #require(ResultScore(score)), at: try endpoint(), authorization: try oauth1(), now: now,
      send: Replay(exchange).send)
  }

  static let messages = [
    "readResult before any grade", "replaceResult 0.75", "replaceResult 0", "replaceResult 1",
    "replaceResult 0.333333333", "deleteResult",
  ]

  @Test("a message is byte for byte the one the recorded Moodle took, but for its identifier", arguments: messages)
  func message(label: String) throws {
    let exchange = try Self.exchange(label)
    let replay = Replay(exchange)
    switch label.prefix(7) {
    case "readRes":
      let score = try BasicOutcomes.readResult(
        at: try Self.endpoint(), authorization: try Self.oauth1(), now: Self.now, send: replay.send)
      #expect(score == nil)
    case "deleteR":
      let outcome = BasicOutcomes.deleteResult(
        at: try Self.endpoint(), authorization: try Self.oauth1(), now: Self.now, send: replay.send)
      #expect(outcome == .delivered)
    default:
      let score = try #require(label.split(separator: " ").last.flatMap { Double($0) }.flatMap(ResultScore.init))
      let outcome = BasicOutcomes.replaceResult(
        with: score, at: try Self.endpoint(), authorization: try Self.oauth1(), now: Self.now, send: replay.send)
      #expect(outcome == .delivered)
    }
    let request = try #require(replay.requests.first)
    #expect(replay.requests.count == 1)
    #expect(request.method == "POST" && request.url == exchange.url)
    #expect(request.fields["Content-Type"] == "application/xml")
    let ours = try #require(identifier(of: request.body))
    let recorded = try #require(exchange.requestBody)
    let theirs = try #require(identifier(of: Array(recorded.utf8)))
    #expect(String(decoding: request.body, as: UTF8.self).replacing(ours, with: theirs) == recorded)
  }

  @Test("each request is signed anew, over its own body")
  func signed() throws {
    let replay = Replay(try Self.exchange("replaceResult 0.75"))
    for _ in 1...2 {
      _ = BasicOutcomes.deleteResult(
        at: try Self.endpoint(), authorization: try Self.oauth1(), now: Self.now, send: replay.send)
    }
    var nonces: Set<String> = []
    for request in replay.requests {
      let field = try #require(request.fields["Authorization"])
      let nonce = try #require(OAuth1Tests.parameter("oauth_nonce", of: field))
      nonces.insert(nonce)
      let credentials = try known(OAuth1Tests.credentials)
      #expect(
        field
          == OAuth1.authorization(
            url: request.url, body: request.body, credentials: credentials, timestamp: Self.now, nonce: nonce))
    }
    #expect(nonces.count == 2)
  }

  @Test("in LTI 1.3 the message carries a token, as Moodle's recorded one did")
  func bearer() throws {
    let exchange = try Self.exchange("1.3 replaceResult with Bearer")
    let replay = Replay(exchange)
    func replace(_ token: String) throws -> ResultOutcome {
      BasicOutcomes.replaceResult(
        with: try known(ResultScore(0.6)), at: try Self.endpoint(), authorization: .bearer(token), send: replay.send)
    }
    #expect(try replace("a27223426479fffe2e3296af580e39c5") == .delivered)
    #expect(replay.requests.first?.fields["Authorization"] == exchange.requestFields["Authorization"])
    for token in ["", "a b", "a\r\nX: y", "é"] { #expect(try replace(token) == .unauthorized) }
    #expect(replay.requests.count == 1)
  }

  /// What each recorded answer means.
  static let recorded: [(ResultOutcome, [String])] = [
    (
      .delivered,
      [
        "replaceResult 0.75", "replaceResult 0.5 (lower)", "replaceResult 0", "replaceResult 1", "deleteResult",
        "replaceResult again after delete", "old timestamp (-4 min)", "future timestamp (+10 min)",
        "nonce replayed 2/2",
        "exact replay 2/2", "realm=\"\"", "text/xml", "application/xml; charset", "teacher sourcedid",
        "resultData text extension", "replace with the OLD sourcedid afterwards", "1.3 replaceResult with Bearer",
      ]
    ),
    (
      .unauthorized,
      [
        "bad secret", "unknown key", "no Authorization", "old timestamp (-10 min)", "body hash mismatch",
        "no body hash",
        "HMAC-SHA256", "form content type", "1.3 replaceResult with Bearer without bo scope",
      ]
    ),
    (.refused(.sourcedIDUnknown), ["tampered sourcedid (userid 4)", "sourcedid garbage"]),
    (
      .refused(.scoreUnusable),
      ["score 1.5", "score -0.1", "score 100", "score text", "score empty", "score 0,5 (comma)"]
    ),
    (.failed(words: "Invalid XML content"), ["invalid XML"]), (.refused(.unsupported), ["unknown operation"]),
  ]

  @Test("every recorded answer is understood, though each is 200 and text/html", arguments: recorded)
  func answers(outcome: ResultOutcome, labels: [String]) throws {
    for label in labels {
      let exchange = try Self.exchange(label)
      #expect(exchange.response.status == 200)
      #expect(exchange.response.fields["Content-Type"] == "text/html; charset=utf-8")
      #expect(try Self.replace(answered: exchange) == outcome, "\(label)")
    }
  }

  @Test("recorded results: none, a fraction, zero, a third, none after a removal")
  func results() throws {
    let results: [(String, Double?)] = [
      ("readResult before any grade", nil), ("readResult after 0.75", 0.75), ("readResult 0", 0),
      ("readResult 1/3", 0.3333335), ("readResult after delete", nil),
    ]
    for (label, score) in results {
      let read = try BasicOutcomes.readResult(
        at: try Self.endpoint(), authorization: try Self.oauth1(), send: Replay(try Self.exchange(label)).send)
      #expect(read == score, "\(label)")
    }
  }

  @Test("why a result could not be read, from recorded answers")
  func readFailures() throws {
    let failures: [(String, ServiceFailure)] = [
      ("bad secret", .unauthorized), ("no Authorization", .unauthorized), ("sourcedid garbage", .notFound),
      ("unknown operation", .rejected(status: 200)),
      ("invalid XML", .unavailable(afterSeconds: nil, status: 200)),
      ("deleteResult", .malformed), ("token", .malformed),
    ]
    for (label, failure) in failures {
      #expect(throws: failure, "\(label)") {
        try BasicOutcomes.readResult(
          at: try Self.endpoint(), authorization: try Self.oauth1(), send: Replay(try Self.exchange(label)).send)
      }
    }
  }
}

/// `imsx_messageIdentifier` of an envelope.
func identifier(of body: [UInt8]) -> String? {
  (try? XML.Element(parsing: body))?.child("imsx_POXHeader")?.children.first?.child("imsx_messageIdentifier")?.text
}
