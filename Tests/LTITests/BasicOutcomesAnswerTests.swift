import LTI
import Testing
import Wire

@Suite("Basic Outcomes, answers that no Moodle was seen to give")
struct BasicOutcomesAnswerTests {
  /// An envelope that refers to whatever message was sent.
  static func envelope(
    _ codeMajor: String, _ words: String = "", reference: String = "%", body: String = "", prefix: String = ""
  ) -> String {
    let namespace = prefix.isEmpty ? "xmlns" : "xmlns:" + prefix.dropLast()
    func element(_ name: String, _ content: String) -> String { "<\(prefix)\(name)>\(content)</\(prefix)\(name)>" }
    let status = element(
      "imsx_statusInfo",
      element("imsx_codeMajor", codeMajor) + element("imsx_severity", "status")
        + element("imsx_description", words) + element("imsx_messageRefIdentifier", reference))
    let header = element("imsx_POXHeader", element("imsx_POXResponseHeaderInfo", status))
    return
      "<\(prefix)imsx_POXEnvelopeResponse \(namespace)=\"http://www.imsglobal.org/services/ltiv1p1/xsd/imsoms_v1p0\">"
      + header + element("imsx_POXBody", body) + "</\(prefix)imsx_POXEnvelopeResponse>"
  }

  static func outcome(
    _ status: Int, _ body: String, _ fields: [(String, String)] = []
  ) throws -> ResultOutcome {
    BasicOutcomes.deleteResult(
      at: try BasicOutcomesTests.endpoint(), authorization: try BasicOutcomesTests.oauth1()
    ) { (request) throws(TransportFailure) in
      .answer(status, body.replacing("%", with: identifier(of: request.body) ?? ""), fields)
    }
  }

  static func read(_ body: String) throws -> Double? {
    try BasicOutcomes.readResult(
      at: try BasicOutcomesTests.endpoint(), authorization: try BasicOutcomesTests.oauth1()
    ) { (request) throws(TransportFailure) in
      .answer(200, body.replacing("%", with: identifier(of: request.body) ?? ""))
    }
  }

  @Test("codeMajor decides, whatever the words, the prefixes or the blanks")
  func codeMajor() throws {
    #expect(try Self.outcome(200, Self.envelope("success", "Grade failure")) == .delivered)
    #expect(try Self.outcome(200, Self.envelope(" Success\n", prefix: "ims:")) == .delivered)
    #expect(try Self.outcome(200, Self.envelope("success", reference: "")) == .delivered)
    #expect(try Self.outcome(200, "\r\n " + Self.envelope("success")) == .delivered)
    #expect(try Self.outcome(201, Self.envelope("unsupported")) == .refused(.unsupported))
    #expect(try Self.outcome(200, Self.envelope("failure", "success")) == .failed(words: "success"))
    #expect(try Self.outcome(200, Self.envelope("failure", "Tool does not accept grades")) == .refused(.notAccepted))
    #expect(try Self.outcome(200, Self.envelope("processing")) == .uncertain(status: 200))
    #expect(try Self.outcome(200, Self.envelope("")) == .uncertain(status: 200))
  }

  @Test("a gradebook that would not store is tried again: Moodle says so with the words of success")
  func notStored() throws {
    for words in ["Grade replace response", "Grade delete request"] {
      #expect(
        try Self.outcome(200, Self.envelope("failure", words)) == .retryLater(afterSeconds: nil, status: 200))
    }
  }

  @Test("the success of another message is none of this one's")
  func otherMessage() throws {
    #expect(try Self.outcome(200, Self.envelope("success", reference: "2a679dc9")) == .uncertain(status: 200))
    #expect(throws: ServiceFailure.malformed) {
      try Self.read(Self.envelope("success", reference: "2a679dc9", body: "<readResultResponse/>"))
    }
  }

  @Test("200 without an envelope leaves doubt: pages, JSON, nothing, half an envelope, a document type")
  func noEnvelope() throws {
    let whole = Self.envelope("success")
    for body in [
      "", " ", "{}", "<html><body>success</body></html>", "success", String(whole.dropLast()), whole + whole,
      "<!DOCTYPE x>" + whole, whole.replacing("imsx_codeMajor", with: "codeMajor"),
      whole.replacing("EnvelopeResponse", with: "EnvelopeRequest"),
      whole.replacing("imsx_statusInfo", with: "statusInfo"), "<p>&nbsp;</p>",
    ] {
      #expect(try Self.outcome(200, body) == .uncertain(status: 200))
    }
  }

  static let statuses: [(Int, ResultOutcome)] = [
    (401, .unauthorized), (403, .refused(.forbidden)), (404, .refused(.serviceMissing)),
    (410, .refused(.serviceMissing)), (302, .intercepted(afterSeconds: 7, status: 302)),
    (400, .refused(.rejected(status: 400))), (429, .retryLater(afterSeconds: 7, status: 429)),
    (500, .retryLater(afterSeconds: 7, status: 500)), (503, .retryLater(afterSeconds: 7, status: 503)),
  ]

  @Test("other statuses say more than an envelope under them", arguments: statuses)
  func status(status: Int, outcome: ResultOutcome) throws {
    #expect(try Self.outcome(status, Self.envelope("success"), [("Retry-After", "7")]) == outcome)
  }

  @Test(
    "a status under which no envelope stands comes from something in front",
    arguments: [400, 403, 404, 405, 410, 413, 423, 451])
  func intercepted(status: Int) throws {
    for body in ["", "<html>", "{}"] {
      #expect(try Self.outcome(status, body, []) == .intercepted(afterSeconds: nil, status: status))
    }
  }

  @Test("two grades at once, as Moodle 5.1 was recorded: a failure that is no known refusal is passing trouble")
  func collision() throws {
    let answers = try Recorded.exchanges("outcomes_collision", moodle: "5.1").filter {
      String(decoding: $0.response.body, as: UTF8.self).contains("Error writing to database")
    }
    #expect(answers.count == 1)
    for answer in answers {
      #expect(
        try Self.outcome(200, String(decoding: answer.response.body, as: UTF8.self), [])
          == .failed(words: "Error writing to database"))
    }
  }

  @Test("no answer is passed on as it is")
  func transport() throws {
    let failure = TransportFailure.timedOut(.receive)
    #expect(
      BasicOutcomes.deleteResult(
        at: try BasicOutcomesTests.endpoint(), authorization: .bearer("t"), send: Sent(failure: failure).send)
        == .transport(failure))
    #expect(throws: ServiceFailure.transport(failure)) {
      try BasicOutcomes.readResult(
        at: try BasicOutcomesTests.endpoint(), authorization: .bearer("t"), send: Sent(failure: failure).send)
    }
  }

  @Test("a result that is no number from 0 to 1 is no result")
  func readValues() throws {
    func answer(_ text: String) -> String {
      Self.envelope(
        "success",
        body:
          "<readResultResponse><result><resultScore><textString>\(text)</textString></resultScore></result></readResultResponse>"
      )
    }
    for (text, score) in [("1", 1), (" 0.5\n", 0.5), ("5e-1", 0.5), ("0.0000000001", 1e-10)] {
      #expect(try Self.read(answer(text)) == score)
    }
    #expect(try Self.read(answer(" \n")) == nil)
    #expect(try Self.read(Self.envelope("success", body: "<readResultResponse/>")) == nil)
    for text in ["nan", "inf", "0x1", "1.01", "-0.1", "0,5", "1e999", "50%25", "A", "."] {
      #expect(throws: ServiceFailure.malformed) { try Self.read(answer(text)) }
    }
  }

  @Test("scores are written with a dot, without an exponent, with enough digits")
  func scoreText() throws {
    let texts: [(Double, String)] = [
      (0, "0"), (-0.0, "0"), (1, "1"), (0.5, "0.5"), (1.0 / 3, "0.333333333333"), (7.0 / 9, "0.777777777778"),
      (0.1 + 0.2, "0.3"), (0.00001, "0.00001"), (1e-12, "0.000000000001"), (1e-13, "0"), (1 - 1e-13, "1"),
      (0.85, "0.85"),
    ]
    for (score, text) in texts {
      let sent = Sent(.answer(200))
      _ = BasicOutcomes.replaceResult(
        with: try #require(ResultScore(score)), at: try BasicOutcomesTests.endpoint(), authorization: .bearer("t"),
        send: sent.send)
      let body = String(decoding: try sent.only().body, as: UTF8.self)
      #expect(body.contains("<textString>\(text)</textString>"), "\(score)")
    }
    for score in [-0.000001, 1.000001, .nan, .infinity, -.infinity, 100] { #expect(ResultScore(score) == nil) }
  }

  @Test("handles are escaped, and one that XML cannot carry is never sent")
  func escaping() throws {
    for handle in ["</sourcedId><x/>", "a&b\"'", "]]>", "é\r\n🙂", " padded "] {
      let sent = Sent(.answer(200))
      _ = BasicOutcomes.deleteResult(
        at: try BasicOutcomesTests.endpoint(handle), authorization: .bearer("t"), send: sent.send)
      let root = try XML.Element(parsing: try sent.only().body)
      let record = root.descendant("imsx_POXBody", "deleteResultRequest", "resultRecord")
      #expect(record?.descendant("sourcedGUID", "sourcedId").map { Array($0.text.utf8) } == Array(handle.utf8))
      #expect(record?.children.count == 1)
    }
    let sent = Sent()
    let endpoint = try BasicOutcomesTests.endpoint("a\u{1}b")
    #expect(
      BasicOutcomes.deleteResult(at: endpoint, authorization: .bearer("t"), send: sent.send)
        == .refused(.sourcedIDUnknown))
    #expect(throws: ServiceFailure.notFound) {
      try BasicOutcomes.readResult(at: endpoint, authorization: .bearer("t"), send: sent.send)
    }
    #expect(sent.requests.isEmpty)
  }

  static let codes: [(ResultOutcome, String, String)] = [
    (.delivered, "grade_delivered", "grade_delivered"), (.unauthorized, "grade_unauthorized", "grade_unauthorized"),
    (.refused(.sourcedIDUnknown), "grade_sourced_id_unknown", "grade_sourced_id_unknown"),
    (.refused(.notAccepted), "grade_not_accepted", "grade_not_accepted"),
    (.refused(.unsupported), "grade_unsupported", "grade_unsupported"),
    (.refused(.scoreUnusable), "grade_refused", "grade_refused"),
    (.failed(words: "no"), "grade_platform_unavailable", "grade_platform_unavailable words=no"),
    (.refused(.forbidden), "grade_forbidden", "grade_forbidden"),
    (.refused(.serviceMissing), "grade_service_missing", "grade_service_missing"),
    (.intercepted(afterSeconds: nil, status: 301), "grade_redirected", "grade_redirected status=301"),
    (.intercepted(afterSeconds: 9, status: 403), "grade_intercepted", "grade_intercepted status=403 retry_after=9"),
    (.refused(.rejected(status: 418)), "grade_rejected", "grade_rejected status=418"),
    (.retryLater(afterSeconds: 5, status: 429), "grade_rate_limited", "grade_rate_limited status=429 retry_after=5"),
    (
      .retryLater(afterSeconds: nil, status: 500), "grade_platform_unavailable",
      "grade_platform_unavailable status=500"
    ),
    (.uncertain(status: 200), "grade_answer_unexpected", "grade_answer_unexpected status=200"),
    (
      .transport(.nameNotResolved), "transport_name_not_resolved",
      "transport_name_not_resolved the host's name has no address"
    ),
  ]

  @Test("each outcome has its own stable code and log line", arguments: codes)
  func code(outcome: ResultOutcome, code: String, logLine: String) {
    #expect(outcome.code == code)
    #expect(outcome.logLine == logLine)
  }

  @Test("a platform's words reach the log cut, printable, and never with a token")
  func words() throws {
    let long = String(repeating: "é", count: 100)
    #expect(
      try Self.outcome(200, Self.envelope("failure", long))
        == .failed(words: String(repeating: "?", count: 120) + "…"))
    #expect(
      try Self.outcome(200, Self.envelope("failure", "no\nlaunch accepted"))
        == .failed(words: "no?launch accepted"))
    #expect(
      try Self.outcome(200, Self.envelope("failure", "bad token eyJhbGciOi")) == .failed(words: "(withheld)"))
  }
}
