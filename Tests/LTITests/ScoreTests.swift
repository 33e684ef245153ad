import LTI
import Testing
import Wire

@Suite("Scores and what becomes of them")
struct ScoreTests {
  func score(_ given: Double = 80, of maximum: Double = 100, comment: String = "3 grains sur 4") throws -> Score {
    try #require(
      Score(
        userID: try known(Subject("3")), scoreGiven: given, scoreMaximum: maximum, activityProgress: .completed,
        comment: comment, timestamp: Instant(seconds: 1_795_396_641, nanoseconds: 731_000_000)))
  }

  func lineItem() throws -> WebURL {
    try #require(WebURL("http://127.0.0.1:8090/mod/lti/services.php/2/lineitems/2/lineitem?type_id=1"))
  }

  @Test("a score is JSON on one line, FullyGraded, with a whole-second timestamp")
  func body() throws {
    #expect(
      String(decoding: try score().body, as: UTF8.self)
        == #"{"userId":"3","scoreGiven":80,"scoreMaximum":100,"activityProgress":"Completed","gradingProgress":"FullyGraded","comment":"3 grains sur 4","timestamp":"2026-11-23T01:17:21Z"}"#
    )
    let started = try #require(
      Score(
        userID: try known(Subject("7")), scoreGiven: 0, scoreMaximum: 20, activityProgress: .inProgress, comment: "",
        timestamp: Instant(seconds: 0)))
    #expect(
      String(decoding: started.body, as: UTF8.self)
        == #"{"userId":"7","scoreGiven":0,"scoreMaximum":20,"activityProgress":"InProgress","gradingProgress":"FullyGraded","comment":"","timestamp":"1970-01-01T00:00:00Z"}"#
    )
  }

  @Test("five decimals travel as they are")
  func decimals() throws {
    let body = try JSONValue(parsing: try score(77.77778).body)
    #expect(body["scoreGiven"]?.doubleValue == 77.77778)
    #expect(String(decoding: try score(77.77778).body, as: UTF8.self).contains(#""scoreGiven":77.77778,"#))
    #expect(String(decoding: try score(0.00001).body, as: UTF8.self).contains(#""scoreGiven":1e-05,"#))
  }

  @Test("no comment, however wild, puts a line break or an invalid byte into the body")
  func oneLine() throws {
    for comment in [
      "a\nb\r\nc", "\u{85}\u{2028}\u{2029}", "\"\\\u{0}\u{1F}", "Noël Àçîñ 🙂", String(repeating: "x\n", count: 9000),
    ] {
      let body = try score(comment: comment).body
      #expect(!body.contains { $0 < 0x20 })
      #expect(try JSONValue(parsing: body)["comment"] == .string(comment))
    }
  }

  @Test("a result is taken back by a score without points, posted like any other")
  func withdrawal() throws {
    let sent = Sent(.answer(200))
    let outcome = AGS.withdraw(
      resultOf: try #require(Subject("3")), at: Instant(seconds: 1_795_396_641), from: try lineItem(), token: "t",
      send: { (request) throws(TransportFailure) in try sent.send(request) })
    #expect(outcome == .delivered)
    let request = try sent.only()
    #expect(request.method == "POST" && request.url.description.contains("/lineitem/scores?type_id=1"))
    #expect(request.fields["Content-Type"] == "application/vnd.ims.lis.v1.score+json")
    #expect(request.fields["Authorization"] == "Bearer t")
    #expect(
      String(decoding: request.body, as: UTF8.self)
        == #"{"userId":"3","activityProgress":"Initialized","gradingProgress":"NotReady","timestamp":"2026-11-23T01:17:21Z"}"#
    )
    let refused = Sent(.answer(200, "[]"))
    #expect(
      AGS.withdraw(
        resultOf: try #require(Subject("3")), at: Instant(seconds: 1), from: try lineItem(), token: "t",
        send: { (request) throws(TransportFailure) in try refused.send(request) }) == .refused(.refusedInBody))
  }

  @Test("numbers that no platform can store make no score")
  func unusable() throws {
    let user = try #require(Subject("3"))
    let pairs: [(Double, Double)] = [
      (-0.1, 100), (.nan, 100), (.infinity, 100), (1, 0), (1, -1), (1, .nan), (1, .infinity),
    ]
    for (given, maximum) in pairs {
      #expect(
        Score(
          userID: user, scoreGiven: given, scoreMaximum: maximum, activityProgress: .completed, comment: "",
          timestamp: Instant(seconds: 0)) == nil)
    }
    #expect(try score(150, of: 100).scoreGiven == 150)
  }

  @Test("a score is posted where and how Moodle took it")
  func request() throws {
    let recorded = try #require(
      try Recorded.exchanges("ags_tests_1").first { $0.label == "score ok 80/100 with comment" })
    let sent = Sent(recorded.response)
    #expect(
      AGS.post(try score(), to: try lineItem(), token: "cdba4cdaadf95f39e5c640f617132f13", send: sent.send)
        == .delivered)
    let request = try sent.only()
    #expect(request.method == "POST")
    #expect(request.url == recorded.url)
    #expect(request.fields["Content-Type"] == recorded.requestFields["Content-Type"])
    #expect(request.fields["Authorization"] == recorded.requestFields["Authorization"])
    #expect(request.fields["Accept"] == nil)
    #expect(try request.body == score().body)
  }

  @Test("/scores goes after the path and before the query")
  func scoresURL() throws {
    let places = [
      ("https://a.example/2/lineitem?type_id=1", "https://a.example/2/lineitem/scores?type_id=1"),
      ("https://a.example/2/lineitem", "https://a.example/2/lineitem/scores"),
      ("https://a.example/2/lineitem/", "https://a.example/2/lineitem/scores"),
      ("https://a.example/l?u=/x/&y=?", "https://a.example/l/scores?u=/x/&y=?"),
    ]
    for (lineItem, scores) in places {
      #expect(AGS.scoresURL(try #require(WebURL(lineItem))).description == scores)
    }
    #expect(AGS.resultsURL(try lineItem()).description.hasSuffix("/2/lineitem/results?type_id=1"))
  }

  /// What each recorded answer to a posted score means, by file and label. 409 in the second file: a score dated in the
  /// future had been sent before.
  static let recorded: [(file: String, outcome: ScoreOutcome, labels: [String])] = [
    (
      "ags_tests_1", .delivered,
      [
        "score ok 80/100 with comment", "scores without type_id", "score with charset param", "userId as integer",
        "scoreGiven string number", "scoreGiven negative", "score above maximum 150/100", "scoreMaximum 0",
        "scoreMaximum negative", "unknown activityProgress", "unknown gradingProgress",
      ]
    ),
    (
      "ags_tests_1", .refused(.requestNotUnderstood),
      [
        "WRONG: appended after query (lineitem?type_id=1/scores)", "score with application/json",
        "score with scorecontainer type", "score v1.score without +json",
      ]
    ),
    (
      "ags_tests_1", .unauthorized,
      [
        "scores with wrong type_id=2", "no Authorization", "bad token", "lower-case bearer",
        "wrong scope (result.readonly)",
      ]
    ),
    ("ags_tests_1", .refused(.lineItemMissing), ["unknown lineitem 9999", "unknown course 99"]),
    ("ags_tests_1", .refused(.forbidden), ["another tool's lineitem (id 3 = LTI 1.1 activity)"]),
    (
      "ags_tests_1", .conflict,
      ["course total lineitem (id 1)", "timestamp without timezone", "timestamp date only", "timestamp +02:00"]
    ),
    (
      "ags_tests_1", .refused(.notGradable),
      [
        "unknown user 9999", "not enrolled user 9", "teacher 8", "userId missing", "timestamp missing",
        "gradingProgress missing", "activityProgress missing", "scoreMaximum missing, scoreGiven present",
        "scoreGiven text", "timestamp not ISO", "empty body", "invalid JSON",
      ]
    ),
    ("ags_tests_1", .retryLater(afterSeconds: nil, status: 500), ["userId non numeric"]),
    (
      "ags_tests_2", .delivered,
      [
        "pretty JSON valid", "Started / NotReady, no score", "Completed / NotReady no score",
        "Completed / FullyGraded no score", "Completed / FullyGraded no score + comment", "ts t", "newer by 1 s",
        "newer by 1 s, identical score", "far future (+1 day)", "fmt no zone 2026-11-23T01:11:46.000",
        "fmt +02:00 2026-11-23T01:13:26+02:00", "fmt microseconds 2026-11-23T01:15:06.000000Z",
        "fmt no seconds fraction Z 2026-11-23T01:16:46Z", "fmt basic format 20261123T011736Z",
        "fmt space separator 2026-11-23 01:17:46", "fmt +0200 no colon 2026-11-23T01:17:56+0000",
      ]
    ),
    ("ags_tests_2", .refused(.refusedInBody), ["pretty JSON invalid (unknown user)"]),
    (
      "ags_tests_2", .conflict,
      [
        "InProgress / FullyGraded 40", "Started/NotReady without score AFTER a grade", "InProgress / FullyGraded 41",
        "Completed / PendingManual 60 after 41", "Completed / Pending 61", "Completed / Failed 62",
        "Initialized / FullyGraded 0", "explicit scoreGiven null", "same ts, other score", "same second +400 ms",
        "same ts, same score (idempotent retry)", "older by 1 s", "now after future",
      ]
    ),
    (
      "ags_tests_3", .delivered,
      [
        "InProgress / FullyGraded 40", "Started/NotReady without score AFTER a grade",
        "FullyGraded 41 older than the erased one", "Completed / PendingManual 60 after 41", "FullyGraded 42",
        "Completed / Pending 61", "FullyGraded 43", "Completed / Failed 62", "Initialized / FullyGraded 0",
        "explicit scoreGiven null", "0.8/1", "7/9", "17/20", "1e2 / 100.0", "comment newlines", "comment html",
        "comment emoji", "comment empty string", "comment 10 kB", "no comment after a comment", "extra unknown fields",
      ]
    ),
    (
      "ags_tests_3", .refused(.notGradable),
      [
        "unknown user + 20 kB comment (single line)", "unknown user + 5 kB comment (single line)",
        "unknown user + accents",
      ]
    ),
    (
      "ags_tests_4", .delivered,
      [
        "score 40", "score 90 after override (later ts)", "score 40", "score on hidden activity",
        "score for suspended student5", "score in created lineitem", "prep score 3", "prep score 4", "prep score 5",
        "prep score 6",
      ]
    ),
    ("ags_tests_4", .retryLater(afterSeconds: nil, status: 500), ["score on locked grade", "score on locked item"]),
    ("ags_tests_4", .refused(.notGradable), ["score for unenrolled student5"]),
    ("ags_tests_4", .unauthorized, ["expired access token"]),
  ]

  @Test("every recorded answer to a posted score is understood", arguments: recorded)
  func recordedAnswers(file: String, outcome: ScoreOutcome, labels: [String]) throws {
    let exchanges = try Recorded.exchanges(file).filter {
      $0.method == "POST" && $0.url.description.contains("/scores")
    }
    #expect(labels.allSatisfy { label in exchanges.contains { $0.label == label } })
    for exchange in exchanges {
      let result = AGS.post(try score(), to: try lineItem(), token: "t", send: Sent(exchange.response).send)
      #expect((result == outcome) == labels.contains(exchange.label), "\(exchange.label): \(result)")
    }
  }

  @Test("no recorded answer to a posted score is left out of the table")
  func recordedAnswersAreAll() throws {
    for file in ["ags_tests_1", "ags_tests_2", "ags_tests_3", "ags_tests_4"] {
      let exchanges = try Recorded.exchanges(file).filter {
        $0.method == "POST" && $0.url.description.contains("/scores")
      }
      let labels = Self.recorded.filter { $0.file == file }.flatMap(\.labels)
      #expect(exchanges.map(\.label).sorted() == labels.sorted())
    }
  }

  static let statuses: [(HTTPResponse, ScoreOutcome, String)] = [
    (.answer(200), .delivered, "grade_delivered"), (.answer(200, " \r\n"), .delivered, "grade_delivered"),
    (.answer(201, #"{"resultUrl":"https://lms.example.org/r/1"}"#), .delivered, "grade_delivered"),
    (.answer(204), .delivered, "grade_delivered"), (.answer(200, "{}"), .delivered, "grade_delivered"),
    (.answer(200, "[]"), .refused(.refusedInBody), "grade_refused"),
    (.answer(200, " [ ] "), .refused(.refusedInBody), "grade_refused"),
    (.answer(200, "[1]"), .uncertain(status: 200), "grade_answer_unexpected"),
    (.answer(200, "OK"), .uncertain(status: 200), "grade_answer_unexpected"),
    (.answer(200, "<!DOCTYPE html><title>Login</title>"), .uncertain(status: 200), "grade_answer_unexpected"),
    (.answer(301), .intercepted(afterSeconds: nil, status: 301), "grade_redirected"),
    (.answer(302, #"{"status":302}"#), .intercepted(afterSeconds: nil, status: 302), "grade_redirected"),
    (.answer(308), .intercepted(afterSeconds: nil, status: 308), "grade_redirected"),
    (.answer(403, "<html>"), .intercepted(afterSeconds: nil, status: 403), "grade_intercepted"),
    (
      .answer(404, "<!DOCTYPE html>", [("Retry-After", "60")]), .intercepted(afterSeconds: 60, status: 404),
      "grade_intercepted"
    ),
    (.answer(405), .intercepted(afterSeconds: nil, status: 405), "grade_intercepted"),
    (.answer(410, "Gone"), .intercepted(afterSeconds: nil, status: 410), "grade_intercepted"),
    (.answer(413, "{ not JSON"), .intercepted(afterSeconds: nil, status: 413), "grade_intercepted"),
    (.answer(423), .intercepted(afterSeconds: nil, status: 423), "grade_intercepted"),
    (.answer(451, "<html>"), .intercepted(afterSeconds: nil, status: 451), "grade_intercepted"),
    (.answer(400, "<html>"), .intercepted(afterSeconds: nil, status: 400), "grade_intercepted"),
    (.answer(400, "[]"), .refused(.notGradable), "grade_not_gradable"),
    (.answer(400, #"{"error":"no such user"}"#), .refused(.notGradable), "grade_not_gradable"),
    (.answer(401), .unauthorized, "grade_unauthorized"), (.answer(403, "{}"), .refused(.forbidden), "grade_forbidden"),
    (.answer(402, "{}"), .refused(.rejected(status: 402)), "grade_rejected"),
    (.answer(404, #"{"status":404}"#), .refused(.lineItemMissing), "grade_line_item_missing"),
    (.answer(410, "[]"), .refused(.lineItemMissing), "grade_line_item_missing"),
    (.answer(405, "{}"), .refused(.notAccepted), "grade_not_accepted"),
    (.answer(408), .retryLater(afterSeconds: nil, status: 408), "grade_platform_unavailable"),
    (.answer(409, "[]"), .conflict, "grade_conflict"),
    (.answer(413, "{}"), .refused(.rejected(status: 413)), "grade_rejected"),
    (.answer(422, "[]"), .refused(.unprocessable), "grade_unprocessable"),
    (.answer(425), .retryLater(afterSeconds: nil, status: 425), "grade_platform_unavailable"),
    (.answer(429, "", [("Retry-After", "120")]), .retryLater(afterSeconds: 120, status: 429), "grade_rate_limited"),
    (.answer(500, "[]"), .retryLater(afterSeconds: nil, status: 500), "grade_platform_unavailable"),
    (.answer(502), .retryLater(afterSeconds: nil, status: 502), "grade_platform_unavailable"),
    (.answer(503, "", [("retry-after", "5")]), .retryLater(afterSeconds: 5, status: 503), "grade_platform_unavailable"),
    (.answer(599), .retryLater(afterSeconds: nil, status: 599), "grade_platform_unavailable"),
    (.answer(101), .refused(.rejected(status: 101)), "grade_rejected"),
  ]

  @Test("every status has its meaning and its code", arguments: statuses)
  func status(response: HTTPResponse, outcome: ScoreOutcome, code: String) throws {
    let result = AGS.post(try score(), to: try lineItem(), token: "t", send: Sent(response).send)
    #expect(result == outcome)
    #expect(result.code == code)
    #expect(result.logLine.hasPrefix(code))
  }

  @Test("a failure of the transport is carried as it is")
  func transport() throws {
    let failures: [TransportFailure] = [.timedOut(.receive), .closedEarly(afterSending: true), .nameNotResolved]
    for failure in failures {
      let outcome = AGS.post(try score(), to: try lineItem(), token: "t", send: Sent(failure: failure).send)
      #expect(outcome == .transport(failure))
      #expect(outcome.code == failure.code)
    }
  }

  @Test("a token that cannot stand in a field is never sent", arguments: ["", "a b", "a\r\nX: y", "é", "a\u{0}"])
  func unusableToken(token: String) throws {
    let sent = Sent(.answer(200))
    #expect(AGS.post(try score(), to: try lineItem(), token: token, send: sent.send) == .unauthorized)
    #expect(sent.requests.isEmpty)
  }

  static let waits: [(fields: [(String, String)], seconds: Int?)] = [
    ([], nil), ([("Retry-After", "0")], 0), ([("Retry-After", "90")], 90), ([("Retry-After", "86401")], 86_400),
    ([("Retry-After", "99999999999999999999999")], 86_400), ([("Retry-After", "-1")], nil),
    ([("Retry-After", "1.5")], nil),
    ([("Retry-After", "")], nil), ([("Retry-After", "soon")], nil),
    ([("Retry-After", "Mon, 23 Nov 2026 01:18:21 GMT")], 60), ([("Retry-After", "Mon, 23 Nov 2026 01:16:21 GMT")], 0),
    ([("Retry-After", "Mon, 23 Nov 2026 01:18:21 GMT"), ("Date", "Mon, 23 Nov 2026 01:18:11 GMT")], 10),
    ([("Retry-After", "Fri, 31 Dec 9999 23:59:59 GMT")], 86_400),
  ]

  @Test("Retry-After is read as seconds or as a date, which the answer's own clock measures", arguments: waits)
  func retryAfter(fields: [(String, String)], seconds: Int?) throws {
    let outcome = AGS.post(
      try score(), to: try lineItem(), token: "t", now: Instant(seconds: 1_795_396_641),
      send: Sent(.answer(503, "", fields)).send)
    #expect(outcome == .retryLater(afterSeconds: seconds, status: 503))
  }
}
