import DemoMoodle
import TestSupport
import Testing
import Wire

/// What each answer to a score leads to.
@Suite(.needsStack) struct OutcomeTests {
  @Test("A 2xx answer that is empty or a JSON object is a delivery", arguments: [(200, ""), (201, "{}"), (204, "")])
  func accepted(status: Int, body: String) throws {
    try World.deliveries { world in
      let page = try world.session()
      // What the answer says is so: the result is read back.
      let item = try #require(world.moodle.platform.grade(user: 3)).lineItem
      world.moodle.platform.storeScore(user: 3, lineItem: item, given: 25, timestamp: Instant.now().seconds)
      world.moodle.answer(
        scoresWith: MoodleResponse(status: status, contentType: "application/json", body: Array(body.utf8)))
      #expect(try page.complete("accueil").json.at("grade.status") == "delivered")
      let row = try world.gradeRow()
      #expect(row.status == "delivered" && row.wait == nil && row.errorCode == nil && row.attempts == 0)
      #expect(world.posts == 1)
    }
  }

  @Test("A 200 with [] is a refusal, and parked")
  func refusedInBody() throws {
    try World.deliveries { world in
      let page = try world.session()
      world.moodle.answer(scoresWith: MoodleResponse(status: 200, contentType: nil, body: Array("[]".utf8)))
      #expect(try page.complete("accueil").json.at("grade.status") == "failed")
      try expectParked(world, code: "grade_refused")
    }
  }

  @Test(
    "A refusal is parked, in words for staff in both languages, and sync leaves it alone",
    arguments: [
      (400, "grade_request_not_understood"), (403, "grade_forbidden"), (404, "grade_line_item_missing"),
      (405, "grade_not_accepted"), (410, "grade_line_item_missing"), (422, "grade_unprocessable"),
    ])
  func refused(status: Int, code: String) throws {
    try World.deliveries { world in
      let page = try world.session()
      world.strike(.status(status))
      #expect(try page.complete("accueil").json.at("grade.status") == "failed")
      try expectParked(world, code: code)
    }
  }

  @Test("Somebody who is not enrolled is refused as not gradable")
  func notGradable() throws {
    try World.deliveries { world in
      let page = try world.session()
      world.moodle.platform.setEnrolment(.none, user: 3)
      #expect(try page.complete("accueil").json.at("grade.status") == "failed")
      try expectParked(world, code: "grade_not_gradable")
    }
  }

  private func expectParked(_ world: World, code: String) throws {
    let row = try world.gradeRow()
    #expect(row.status == "failed")
    #expect(row.errorCode == code)
    #expect(row.wait == nil)
    #expect(row.words?.isEmpty == false && row.wordsFrench?.isEmpty == false)
    #expect(row.words != row.wordsFrench)
    let before = world.posts
    #expect(try world.sync().status == 1)
    #expect(try world.sync(now: false).status == 1)
    #expect(world.posts == before)
  }

  /// What brings a parked grade back.
  enum Remedy: String, CaseIterable, CustomTestStringConvertible {
    case relaunch = "a relaunch"
    case progress = "new progress"
    case retry = "grade retry"
    case staff = "staff setting the status to pending"
    var testDescription: String { rawValue }
  }

  @Test(
    "A parked grade is sent again after a relaunch, new progress, grade retry, or staff", arguments: Remedy.allCases)
  func remedies(remedy: Remedy) throws {
    try World.deliveries { world in
      let page = try world.session()
      world.strike(.status(403))
      try page.complete("accueil")
      world.strike(nil)
      var expected = 25.0
      switch remedy {
      case .relaunch: _ = try world.session()
      case .progress:
        #expect(try page.complete("bilan").json.at("grade.status") == "delivered")
        expected = 50
      case .retry:
        let retry = try world.command("grade", "retry", try world.gradeRow().id)
        #expect(retry.status == 0, "\(retry.errorText)")
      case .staff: try world.database.execute("update public.grades set status = 'pending'")
      }
      // A launch delivers before it answers.
      if remedy == .relaunch { #expect(try world.gradeRow().status == "delivered") }
      if remedy == .retry || remedy == .staff {
        let row = try world.gradeRow()
        #expect(row.status == "pending" && row.attempts == 0 && row.errorCode == nil && row.words == nil)
      }
      #expect(try world.sync(now: false).status == 0)
      #expect(world.gradebook() == expected)
      #expect(try world.gradeRow().status == "delivered")
    }
  }

  @Test("Staff cannot make a grade pending that has nothing to send")
  func staffWithoutScore() throws {
    try World.deliveries { world in
      let page = try world.session()
      try page.complete("accueil")
      world.moodle.platform.changeActivity(cmid: 2) { $0.acceptsGrades = false }
      _ = try world.session()
      #expect(try world.gradeRow().status == "none")
      try world.database.execute("update public.grades set status = 'pending'")
      #expect(try world.gradeRow().status == "none")
      #expect(try world.sync().status == 0)
    }
  }

  @Test("401: one new token and one more try; 401 again waits")
  func unauthorized() throws {
    try World.deliveries { world in
      let page = try world.session()
      world.moodle.platform.injectNext(.status(401), at: .score)
      #expect(try page.complete("accueil").json.at("grade.status") == "delivered")
      #expect(world.posts == 2 && world.moodle.count("/token.php") == 2)
      world.strike(.status(401))
      #expect(try page.complete("bilan").json.at("grade.status") == "pending")
      #expect(world.posts == 4 && world.moodle.count("/token.php") == 3)
      let row = try world.gradeRow()
      #expect(row.errorCode == "grade_unauthorized")
      #expect(try #require(row.wait) > 28 && #require(row.wait) <= 37.5)
      world.strike(nil)
      #expect(try world.sync().status == 0)
      #expect(world.gradebook() == 50)
    }
  }

  @Test("409 with the very score in the gradebook is a delivery, without another post")
  func conflictEqual() throws {
    try World.deliveries { world in
      let page = try world.session()
      let item = try #require(world.moodle.platform.grade(user: 3)).lineItem
      let ahead = Instant.now().seconds + 3600
      world.moodle.platform.storeScore(user: 3, lineItem: item, given: 25, timestamp: ahead)
      #expect(try page.complete("accueil").json.at("grade.status") == "delivered")
      #expect(world.posts == 1 && world.moodle.count("/results") == 1)
      #expect(world.gradebook() == 25)
    }
  }

  @Test("409 with another grade in the gradebook is posted again, dated after it")
  func conflictDifferent() throws {
    try World.deliveries { world in
      let page = try world.session()
      // Another clock was ahead: what stands in the gradebook is dated an hour from now.
      let item = try #require(world.moodle.platform.grade(user: 3)).lineItem
      let ahead = Instant.now().seconds + 3600
      world.moodle.platform.storeScore(user: 3, lineItem: item, given: 10, timestamp: ahead)
      #expect(world.gradebook() == 10)
      #expect(try page.complete("accueil").json.at("grade.status") == "delivered")
      #expect(world.gradebook() == 25)
      let seconds = world.moodle.scores.compactMap {
        $0["timestamp"]?.stringValue.flatMap { Instant(rfc3339: $0) }?.seconds
      }
      #expect(seconds.count == 2 && seconds.last == ahead + 1)
      // From there on every score is later still.
      #expect(try page.complete("bilan").json.at("grade.status") == "delivered")
      #expect(world.posts == 3 && world.gradebook() == 50)
    }
  }

  @Test("409 whatever the date waits, and is delivered once Moodle takes it")
  func conflictAlways() throws {
    try World.deliveries { world in
      let page = try world.session()
      world.strike(.status(409))
      #expect(try page.complete("accueil").json.at("grade.status") == "pending")
      #expect(world.posts == 2)
      #expect(try world.gradeRow().errorCode == "grade_conflict")
      world.strike(nil)
      #expect(try world.sync().status == 0)
      #expect(world.gradebook() == 25)
    }
  }
}
