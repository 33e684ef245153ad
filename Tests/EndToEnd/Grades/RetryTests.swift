import DemoMoodle
import TestSupport
import Testing
import Wire

/// When what may pass by itself is tried again.
@Suite(.needsStack) struct RetryTests {
  @Test(
    "A status that may pass waits about half a minute for its next attempt",
    arguments: [
      (408, "grade_platform_unavailable"), (425, "grade_platform_unavailable"), (429, "grade_rate_limited"),
      (500, "grade_platform_unavailable"), (502, "grade_platform_unavailable"), (503, "grade_platform_unavailable"),
      (504, "grade_platform_unavailable"),
    ])
  func temporary(status: Int, code: String) throws {
    try World.deliveries { world in
      let page = try world.session()
      world.strike(.status(status))
      #expect(try page.complete("accueil").json.at("grade.status") == "pending")
      try expectWaiting(world, codes: [code])
      world.strike(nil)
      // Before its time nothing is sent; `--now` does not wait.
      let before = world.posts
      #expect(try world.sync(now: false).status == 1)
      #expect(world.posts == before)
      #expect(try world.sync().status == 0)
      #expect(world.gradebook() == 25)
    }
  }

  @Test("The pause doubles from half a minute to six hours, never the same for all")
  func backoff() throws {
    try World.deliveries { world in
      let page = try world.session()
      world.strike(.status(503))
      try page.complete("accueil")
      var waits: [Double] = []
      for attempt in 1...12 {
        let row = try world.gradeRow()
        #expect(row.attempts == attempt)
        let wait = try #require(row.wait)
        let least = min(30 * Double(1 << (attempt - 1)), 17_280)
        // The row is read a moment after it was written.
        #expect(wait > least - 2 && wait <= least * 1.25, "attempt \(attempt)")
        waits.append(wait / least)
        #expect(try world.sync().status == 1)
      }
      #expect(Set(waits.map { Int($0 * 100) }).count > 3, "\(waits)")
      #expect(waits.allSatisfy { $0 * 17_280 <= 21_600 })
    }
  }

  @Test("Retry-After is honoured, as seconds and as a date")
  func retryAfter() throws {
    try World.deliveries { world in
      let page = try world.session()
      world.moodle.platform.injectNext(.status(503, retryAfter: 600), at: .score)
      #expect(try page.complete("accueil").json.at("grade.status") == "pending")
      #expect((595...600).contains(try #require(try world.gradeRow().wait)))
      var response = MoodleResponse(status: 429, contentType: nil)
      response.fields.set("Retry-After", Instant.now().adding(seconds: 5400).httpDate)
      world.moodle.answer(scoresWith: response)
      #expect(try world.sync().status == 1)
      #expect((5390...5401).contains(try #require(try world.gradeRow().wait)))
      // A shorter one than the pause does not shorten it.
      response.fields.set("Retry-After", "1")
      world.moodle.answer(scoresWith: response)
      #expect(try world.sync().status == 1)
      #expect(try #require(try world.gradeRow().wait) > 100)
    }
  }

  /// How a connection can fail before anything is sent, or without an answer.
  enum Failure: String, CaseIterable, CustomTestStringConvertible {
    case refused = "a refused connection"
    case name = "a name that does not resolve"
    case tls = "a TLS handshake that fails"
    case timeout = "no answer in time"
    case drip = "an answer that trickles too slowly"
    case cut = "a connection cut before the score was stored"
    var testDescription: String { rawValue }
  }

  @Test("A transport failure waits, and the grade is delivered later", arguments: Failure.allCases)
  func transport(failure: Failure) throws {
    try World.deliveries(settings: [("PASSERELLE_GRADE_TIMEOUT", "2")]) { world in
      let page = try world.session()
      // The line item is known and a token is there: the score itself is what fails.
      try page.complete("accueil")
      let site = world.moodle.url
      func move(to other: String) throws {
        try world.database.execute(
          "update passerelle.enrolments set line_item = replace(line_item, \(site), \(other))")
      }
      let codes: Set<String>
      switch failure {
      case .refused:
        try move(to: "http://127.0.0.1:9")
        codes = ["transport_connect_failed"]
      case .name:
        try move(to: "http://moodle.invalid")
        codes = ["transport_name_not_resolved", "transport_timed_out"]
      case .tls:
        // A certificate whose authority nobody trusts.
        let apache = try #require(WebURL(try Stack.value("PASSERELLE_TEST_APACHE_TLS_URL")))
        try move(to: apache.origin.description)
        codes = ["transport_tls"]
      case .timeout:
        world.strike(.delay(milliseconds: 6000))
        codes = ["transport_timed_out"]
      case .drip:
        world.strike(.drip(milliseconds: 300))
        codes = ["transport_timed_out"]
      case .cut:
        world.strike(.cutBeforeStore)
        codes = ["transport_closed_early"]
      }
      let clock = ContinuousClock()
      var status: JSONValue?
      let time = try clock.measure { status = try page.complete("bilan").json.at("grade.status") }
      #expect(status == "pending")
      #expect(time < .milliseconds(3500), "\(time)")
      try expectWaiting(world, codes: codes)
      world.strike(nil)
      try world.database.execute(
        """
        update passerelle.enrolments e set line_item = \(site) || substring(e.line_item from '/mod/.*')
        """)
      #expect(try world.sync().status == 0)
      #expect(world.gradebook() == 50)
      #expect(try world.gradeRow().status == "delivered")
    }
  }

  @Test(
    "A token endpoint that fails makes the grade wait",
    arguments: [Fault.status(500), .status(503, retryAfter: 200), .status(404), .status(400), .cutBeforeStore])
  func token(fault: Fault) throws {
    try World.deliveries { world in
      let page = try world.session()
      world.strike(fault, at: .token)
      #expect(try page.complete("accueil").json.at("grade.status") == "pending")
      #expect(world.posts == 0)
      let wait = try #require(try world.gradeRow().wait)
      if case .status(503, _) = fault {
        #expect((195...200).contains(wait))
      } else {
        #expect(wait > 28 && wait <= 37.5)
      }
      world.strike(nil, at: .token)
      #expect(try world.sync().status == 0)
      #expect(world.gradebook() == 25)
    }
  }

  private func expectWaiting(_ world: World, codes: Set<String>) throws {
    let row = try world.gradeRow()
    #expect(row.status == "pending")
    #expect(codes.contains(row.errorCode ?? ""), "\(row.errorCode ?? "–")")
    #expect(row.attempts == 1)
    #expect(try #require(row.wait) > 28 && #require(row.wait) <= 37.5)
    #expect(row.words?.isEmpty == false && row.wordsFrench?.isEmpty == false && row.words != row.wordsFrench)
  }

  // MARK: - A locked grade

  private func letErrorsBegin(hoursAgo hours: Int, _ world: World) throws {
    try world.database.execute(
      """
      update passerelle.enrolments set failing_since = failing_since - make_interval(hours => \(hours)),
        erring_since = erring_since - make_interval(hours => \(hours))
      """)
  }

  @Test("A locked grade is tried for a day, then parked with words that say so; unlocked and retried it is delivered")
  func locked() throws {
    try World.deliveries { world in
      let page = try world.session()
      let item = try #require(world.moodle.platform.grade(user: 3)).lineItem
      world.moodle.platform.setLocked(true, lineItem: item, user: 3)
      #expect(try page.complete("accueil").json.at("grade.status") == "pending")
      let first = try world.gradeRow()
      // That is told when a day has not helped; two grades at once look the same.
      #expect(first.words?.contains("locked") == false && first.wordsFrench?.contains("verrouillée") == false)
      try letErrorsBegin(hoursAgo: 23, world)
      #expect(try world.sync().status == 1)
      #expect(try world.gradeRow().status == "pending")
      try letErrorsBegin(hoursAgo: 2, world)
      #expect(try world.sync().status == 1)
      let parked = try world.gradeRow()
      #expect(parked.status == "failed" && parked.wait == nil)
      #expect(parked.errorCode == "grade_locked")
      #expect(parked.words?.contains("for a day") == true && parked.words?.contains("unlock") == true)
      #expect(parked.wordsFrench?.contains("depuis un jour") == true)
      #expect(parked.wordsFrench?.contains("éverrouillez") == true)
      let before = world.posts
      #expect(try world.sync().status == 1)
      #expect(world.posts == before)

      world.moodle.platform.setLocked(false, lineItem: item, user: 3)
      #expect(try world.command("grade", "retry", parked.id).status == 0)
      #expect(try world.sync(now: false).status == 0)
      #expect(world.gradebook() == 25)
    }
  }

  @Test("A platform that was away for days does not use up the day of a 500")
  func awayThenError() throws {
    try World.deliveries { world in
      let page = try world.session()
      world.strike(.status(503))
      try page.complete("accueil")
      try letErrorsBegin(hoursAgo: 60, world)
      #expect(try world.sync().status == 1)
      #expect(try world.gradeRow().status == "pending")
      world.strike(.status(500))
      #expect(try world.sync().status == 1)
      #expect(try world.gradeRow().status == "pending")
      // A 503 in between begins the day anew.
      try letErrorsBegin(hoursAgo: 20, world)
      world.strike(.status(503))
      #expect(try world.sync().status == 1)
      world.strike(.status(500))
      #expect(try world.sync().status == 1)
      try letErrorsBegin(hoursAgo: 20, world)
      #expect(try world.sync().status == 1)
      #expect(try world.gradeRow().status == "pending")
    }
  }
}
