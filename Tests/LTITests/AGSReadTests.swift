import LTI
import Testing
import Wire

@Suite("Results and line items")
struct AGSReadTests {
  func lineItem() throws -> WebURL {
    try #require(WebURL("http://127.0.0.1:8090/mod/lti/services.php/2/lineitems/2/lineitem?type_id=1"))
  }

  func recorded(_ file: String, _ label: String) throws -> Exchange {
    try #require(try Recorded.exchanges(file).first { $0.label == label })
  }

  func result(_ response: HTTPResponse, of user: String = "3") throws -> AGS.Result? {
    try AGS.result(of: try known(Subject(user)), in: try lineItem(), token: "t", send: Sent(response).send)
  }

  @Test("one learner's result is asked for as Moodle answers it, without a limit")
  func resultRequest() throws {
    let exchange = try recorded("ags_tests_1", "results ?user_id")
    let sent = Sent(exchange.response)
    let result = try #require(
      try AGS.result(
        of: try known(Subject("3")), in: try lineItem(), token: "cdba4cdaadf95f39e5c640f617132f13", send: sent.send))
    let request = try sent.only()
    #expect(request.method == "GET")
    #expect(request.url == exchange.url)
    #expect(request.fields.values("Accept") == ["application/vnd.ims.lis.v2.resultcontainer+json"])
    #expect(request.fields["Authorization"] == exchange.requestFields["Authorization"])
    #expect(request.body.isEmpty)
    #expect(result.userID.value == "3")
    #expect(result.resultScore == 80)
    #expect(result.resultMaximum == 100)
    #expect(result.comment == #"Bravo — très bien <b>gras</b> & "guillemets""#)
    #expect(result.timestamp == Instant(rfc3339: "2026-11-23T01:17:21Z"))
  }

  @Test("recorded results: none, zero, a third decimal, a comment without a grade, a teacher's override")
  func recordedResults() throws {
    #expect(try result(recorded("ags_tests_1", "results for user without grade").response) == nil)
    #expect(try result(recorded("ags_tests_3", "results then").response) == nil)
    #expect(try result(recorded("ags_tests_3", "results of a zero score").response)?.resultScore == 0)
    #expect(try result(recorded("ags_tests_3", "results of 7/9").response)?.resultScore == 77.77778)
    let commented = try #require(try result(recorded("ags_tests_2", "results after comment only").response))
    #expect(commented.resultScore == nil)
    #expect(commented.userID.value == "3")
    let overridden = try #require(try result(recorded("ags_tests_4", "results after override").response))
    #expect(overridden.resultScore != nil && overridden.resultScore != 90)
  }

  @Test("from a list of everybody's results only the learner's own is taken")
  func wholeList() throws {
    let everybody = try recorded("ags_tests_4", "results all").response
    #expect(try result(everybody, of: "4")?.userID.value == "4")
    #expect(try result(everybody, of: "6")?.userID.value == "6")
    #expect(try result(everybody, of: "9999") == nil)
    #expect(try result(.answer(200, #"[{"userId":3,"resultScore":1.5}]"#))?.resultScore == 1.5)
  }

  @Test("a line item is asked for and read as Moodle gives it")
  func lineItemRead() throws {
    let exchange = try recorded("ags_tests_1", "lineitem GET")
    let sent = Sent(exchange.response)
    let item = try AGS.lineItem(try lineItem(), token: "cdba4cdaadf95f39e5c640f617132f13", send: sent.send)
    let request = try sent.only()
    #expect(request.method == "GET")
    #expect(request.url == exchange.url)
    #expect(request.fields.values("Accept") == ["application/vnd.ims.lis.v2.lineitem+json"])
    #expect(item.id == exchange.url)
    #expect(item.label == "Quiz 1.3 « été »")
    #expect(item.scoreMaximum == 100)
    #expect(item.resourceID == nil)
    #expect(item.tag == nil)
    #expect(item.resourceLinkID == "1")
    let changed = try recorded("ags_tests_4", "GET after").response
    #expect(try AGS.lineItem(try lineItem(), token: "t", send: Sent(changed).send).scoreMaximum == 200)
  }

  @Test("recorded refusals are told apart")
  func recordedRefusals() throws {
    let deleted = try recorded("ags_tests_4", "GET deleted").response
    #expect(throws: ServiceFailure.notFound) {
      try AGS.lineItem(try lineItem(), token: "t", send: Sent(deleted).send)
    }
    #expect(throws: ServiceFailure.rejected(status: 400)) {
      try result(recorded("ags_tests_1", "results Accept application/json").response)
    }
    // A page, of whoever: what Moodle's services mean they say in JSON.
    #expect(throws: ServiceFailure.intercepted(afterSeconds: nil, status: 404)) {
      try result(recorded("ags_tests_4", "results limit=2").response)
    }
    #expect(throws: ServiceFailure.unauthorized) { try result(recorded("ags_tests_1", "bad token").response) }
  }

  static let failures: [(HTTPResponse, ServiceFailure, String)] = [
    (.answer(302), .intercepted(afterSeconds: nil, status: 302), "service_redirected"),
    (.answer(403, "<html>"), .intercepted(afterSeconds: nil, status: 403), "service_intercepted"),
    (.answer(404), .intercepted(afterSeconds: nil, status: 404), "service_intercepted"),
    (.answer(401), .unauthorized, "service_unauthorized"),
    (.answer(403, "{}"), .forbidden, "service_forbidden"), (.answer(404, "{}"), .notFound, "service_not_found"),
    (.answer(410, "{}"), .notFound, "service_not_found"),
    (.answer(418, "{}"), .rejected(status: 418), "service_rejected"),
    (
      .answer(429, "", [("Retry-After", "7")]), .unavailable(afterSeconds: 7, status: 429), "service_unavailable"
    ),
    (.answer(500), .unavailable(afterSeconds: nil, status: 500), "service_unavailable"),
    (.answer(200, ""), .malformed, "service_malformed"), (.answer(200, "{}"), .malformed, "service_malformed"),
    (.answer(200, "<html>"), .malformed, "service_malformed"), (.answer(200, "[1]"), .malformed, "service_malformed"),
    (.answer(200, #"[{"resultScore":1}]"#), .malformed, "service_malformed"),
    (.answer(200, #"[{"userId":"","resultScore":1}]"#), .malformed, "service_malformed"),
  ]

  @Test("every other answer to a read is a failure with its own code", arguments: failures)
  func failure(response: HTTPResponse, failure: ServiceFailure, code: String) throws {
    #expect(throws: failure) { try result(response) }
    #expect(failure.code == code)
    #expect("\(failure)".hasPrefix(code))
  }

  @Test("a line item without an id or a usable maximum is none")
  func unusableLineItem() throws {
    for body in [
      "[]", #"{"label":"x","scoreMaximum":10}"#, #"{"id":"https://a.example/1","label":"x"}"#,
      #"{"id":"https://a.example/1","scoreMaximum":0}"#, #"{"id":"javascript:1","scoreMaximum":10}"#,
    ] {
      #expect(throws: ServiceFailure.malformed) {
        try AGS.lineItem(try lineItem(), token: "t", send: Sent(.answer(200, body)).send)
      }
    }
  }

  @Test("a transport failure is carried; an unusable token is never sent")
  func notSent() throws {
    #expect(throws: ServiceFailure.transport(.timedOut(.connect))) {
      try AGS.lineItem(try lineItem(), token: "t", send: Sent(failure: .timedOut(.connect)).send)
    }
    let sent = Sent(.answer(200))
    #expect(throws: ServiceFailure.unauthorized) { try AGS.lineItem(try lineItem(), token: "a b", send: sent.send) }
    #expect(sent.requests.isEmpty)
  }
}
