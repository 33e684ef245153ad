import DemoMoodle
import Foundation
import Testing
import Wire

@Suite("Faults that tests inject")
struct FaultTests {
  private static let early = "2026-11-23T01:00:00Z"
  private static let late = "2026-11-23T01:00:01Z"

  @Test("a status with Retry-After is answered and nothing is stored; the next request is served")
  func status() throws {
    let stage = try Stage()
    defer { stage.stop() }
    let token = try stage.token()
    stage.platform.injectNext(.status(503, retryAfter: 2), .status(401), .status(409), .status(429), at: .score)
    for expected in [503, 401, 409, 429] {
      let answer = try stage.score(10, at: Self.early, token: token)
      #expect(answer.status == expected)
      #expect(answer.fields["Retry-After"] == (expected == 503 ? "2" : nil))
      #expect(stage.platform.grade(user: 3)?.grade == nil)
    }
    #expect(try stage.score(10, at: Self.early, token: token).status == 200)
    #expect(
      stage.platform.audit().injected == [
        "score status-503": 1, "score status-401": 1, "score status-409": 1, "score status-429": 1,
      ])
    #expect(stage.platform.audit().injectedTotal == 4)
  }

  @Test("a connection cut before the grade was stored leaves no grade, one cut after it leaves the grade")
  func cuts() throws {
    let stage = try Stage()
    defer { stage.stop() }
    let token = try stage.token()
    stage.platform.injectNext(.cutBeforeStore, .cutAfterStore, at: .score)
    #expect(throws: TransportFailure.closedEarly(afterSending: true)) {
      try stage.score(10, at: Self.early, token: token)
    }
    #expect(stage.platform.grade(user: 3)?.grade == nil)
    #expect(throws: TransportFailure.closedEarly(afterSending: true)) {
      try stage.score(10, at: Self.early, token: token)
    }
    #expect(stage.platform.grade(user: 3)?.grade == 10)
    #expect(stage.platform.requests().suffix(2).map(\.status) == [nil, nil])
  }

  @Test("a delayed score is stored although its client has gone, and counts as done when the client went")
  func delay() throws {
    let stage = try Stage()
    defer { stage.stop() }
    let token = try stage.token()
    stage.platform.injectNext(.delay(milliseconds: 2000), at: .score)
    #expect(throws: TransportFailure.timedOut(.receive)) {
      try stage.score(10, at: Self.early, token: token, timeout: 150)
    }
    #expect(stage.platform.grade(user: 3)?.grade == nil)
    // The next score goes out while the platform still holds the first, and has seen that nobody waits for its answer.
    try waitUntil { stage.platform.requests().first { $0.fault == "delay" }?.abandoned == true }
    #expect(try stage.score(20, at: Self.late, token: token).status == 200)
    let first = try #require(stage.platform.requests().first { $0.fault == "delay" })
    #expect(first.abandoned)
    #expect(stage.platform.audit().overlaps.isEmpty)
    try waitUntil { stage.platform.requests().first { $0.fault == "delay" }?.status != nil }
    // It was older, so Moodle's timestamps keep it out.
    #expect(stage.platform.requests().first { $0.fault == "delay" }?.status == 409)
    #expect(stage.platform.grade(user: 3)?.grade == 20)
  }

  @Test("an answer held back or trickling arrives whole in the end")
  func slowAnswers() throws {
    let stage = try Stage()
    defer { stage.stop() }
    let token = try stage.token()
    stage.platform.injectNext(.delayAfterStore(milliseconds: 120), .drip(milliseconds: 1), at: .score)
    let before = ContinuousClock.now
    #expect(try stage.score(10, at: Self.early, token: token).status == 200)
    #expect(before.duration(to: .now) >= .milliseconds(120))
    #expect(try stage.score(11, at: Self.late, token: token).status == 200)
    #expect(stage.platform.grade(user: 3)?.grade == 11)
    stage.platform.injectNext(.drip(milliseconds: 50), at: .score)
    #expect(throws: TransportFailure.timedOut(.receive)) {
      try stage.score(12, at: "2026-11-23T01:00:02Z", token: token, timeout: 200)
    }
  }

  @Test("the token endpoint and the key set can be down by themselves")
  func otherEndpoints() throws {
    let stage = try Stage()
    defer { stage.stop() }
    stage.platform.injectNext(.status(500), .cutBeforeStore, at: .token)
    stage.platform.injectNext(.status(503), at: .keySet)
    #expect(try stage.requestToken(assertion: stage.assertion()).status == 500)
    #expect(throws: TransportFailure.closedEarly(afterSending: true)) {
      try stage.requestToken(assertion: stage.assertion())
    }
    #expect(try stage.requestToken(assertion: stage.assertion()).status == 200)
    #expect(try stage.send("GET", "/mod/lti/certs.php").status == 503)
    #expect(try stage.send("GET", "/mod/lti/certs.php").status == 200)
  }

  @Test("a process is steered by POST /demo/faults, and a wrong document changes nothing")
  func control() throws {
    let stage = try Stage()
    defer { stage.stop() }
    let good =
      #"{"seed":7,"queue":{"score":["cut-after-store",{"status":503,"retryAfter":2},{"delay":5},{"drip":1}]},"#
      + #""probabilities":{"token":[{"fault":{"status":500},"probability":1}]}}"#
    let answer = try JSONValue(parsing: stage.send("POST", "/demo/faults", body: good).body)
    #expect(answer["queued"] == ["score": ["cut-after-store", "status-503", "delay", "drip"]])
    #expect(answer["probabilities"] == ["token": [["fault": "status-500", "probability": 1]]])
    for wrong in [
      "{", "[]", #"{"queue":{"nothing":[]}}"#, #"{"clear":true,"queue":{"score":["oops"]}}"#,
      #"{"probabilities":{"score":[{"fault":"cut-after-store","probability":2}]}}"#, #"{"x":1}"#,
    ] {
      #expect(try stage.send("POST", "/demo/faults", body: wrong).status == 400, "\(wrong)")
    }
    #expect(try stage.requestToken(assertion: stage.assertion()).status == 500)
    let cleared = try JSONValue(parsing: stage.send("POST", "/demo/faults", body: #"{"clear":true}"#).body)
    #expect(cleared["queued"] == [:])
    #expect(cleared["injected"] == ["token status-500": 1])
    #expect(try stage.requestToken(assertion: stage.assertion()).status == 200)
  }

  @Test("chance strikes at its rate, and in the same places for the same seed")
  func chance() throws {
    func struck(seed: UInt64) throws -> [Int] {
      let site = try RecordedSite()
      site.platform.withFaults {
        $0.reseed(seed)
        $0.setChances([.init(.status(503), probability: 0.2), .init(.status(500), probability: 0.1)], for: .keySet)
      }
      return try (0..<500).map { _ in
        try site.answer(MoodleRequest(method: "GET", target: "/mod/lti/certs.php")).status
      }
    }
    let statuses = try struck(seed: 42)
    #expect((70...130).contains(statuses.count { $0 == 503 }))
    #expect((30...75).contains(statuses.count { $0 == 500 }))
    #expect(try struck(seed: 42) == statuses)
    #expect(try struck(seed: 43) != statuses)
  }
}

@Suite("What the platform notices for a soak test")
struct AuditTests {
  @Test(
    "two scores for one learner and column at once are an overlap; different learners, or one after the other, are not")
  func overlaps() throws {
    let stage = try Stage()
    defer { stage.stop() }
    let token = try stage.token()
    #expect(try stage.score(1, at: "2026-11-23T01:00:00Z", token: token).status == 200)
    #expect(try stage.score(2, at: "2026-11-23T01:00:01Z", token: token).status == 200)
    #expect(stage.platform.audit().overlaps.isEmpty)

    stage.platform.injectNext(.delay(milliseconds: 1000), at: .score)
    stage.platform.injectNext(.delay(milliseconds: 1000), at: .score)
    func together(_ users: [Int], at timestamp: String) {
      inParallel(users) { user in _ = try? stage.score(3, user: user, at: timestamp, token: token) }
    }
    together([4, 5], at: "2026-11-23T01:00:02Z")
    #expect(stage.platform.audit().overlaps.isEmpty)
    stage.platform.injectNext(.delay(milliseconds: 1000), .delay(milliseconds: 1000), at: .score)
    together([6, 6], at: "2026-11-23T01:00:02Z")
    let overlaps = stage.platform.audit().overlaps
    #expect(overlaps.count == 1)
    #expect(overlaps.first?.first.user == 6)
    #expect(overlaps.first?.second.lineItem == 2)
    let document = try JSONValue(parsing: stage.send("GET", "/demo/audit").body)
    #expect(document["overlaps"]?.arrayValue?.count == 1)
  }

  @Test("a grade that falls or is erased is noticed; one that rises is not")
  func decreases() throws {
    let stage = try Stage()
    defer { stage.stop() }
    let token = try stage.token()
    #expect(try stage.score(50, at: "2026-11-23T01:00:00Z", token: token).status == 200)
    #expect(try stage.score(50, at: "2026-11-23T01:00:01Z", token: token).status == 200)
    #expect(try stage.score(60, at: "2026-11-23T01:00:02Z", token: token).status == 200)
    #expect(stage.platform.audit().decreases.isEmpty)
    #expect(try stage.score(40, at: "2026-11-23T01:00:03Z", token: token).status == 200)
    let erasing = try stage.send(
      "POST", "/mod/lti/services.php/2/lineitems/2/lineitem/scores",
      fields: [("Content-Type", "application/vnd.ims.lis.v1.score+json"), ("Authorization", "Bearer " + token)],
      body:
        #"{"userId":"3","timestamp":"2026-11-23T01:00:04Z","activityProgress":"Started","gradingProgress":"NotReady"}"#)
    #expect(erasing.status == 200)
    let decreases = stage.platform.audit().decreases
    #expect(decreases.map(\.before) == [60, 40])
    #expect(decreases.map(\.after) == [40, nil])
    #expect(stage.platform.grade(user: 3)?.completion == "INCOMPLETE")
  }
}

/// Runs the same thing for several values on threads of their own, and waits for all: Swift's own pool has as many
/// threads as the machine has cores, and other tests block them.
func inParallel<Value: Sendable>(_ values: [Value], _ body: @escaping @Sendable (Value) -> Void) {
  let group = DispatchGroup()
  for value in values {
    group.enter()
    Thread.detachNewThread {
      body(value)
      group.leave()
    }
  }
  group.wait()
}

/// Waits for something that another thread brings about; fails after 5 seconds.
func waitUntil(_ condition: () -> Bool) throws {
  for _ in 0..<500 {
    if condition() { return }
    Pause.milliseconds(10)
  }
  #expect(condition())
}
