import DemoMoodle
import Foundation
import TestSupport
import Testing
import Wire

/// Scores of which nobody knows whether they were stored: the gradebook is asked before another is sent.
@Suite(.needsStack) struct DoubtTests {
  @Test("A connection cut after the score was stored: the result is read, and the grade is delivered with one post")
  func cutAfterStore() throws {
    try World.deliveries { world in
      let page = try world.session()
      world.moodle.platform.injectNext(.cutAfterStore, at: .score)
      #expect(try page.complete("accueil").json.at("grade.status") == "delivered")
      #expect(world.posts == 1 && world.moodle.count("/results") == 1)
      #expect(try world.gradeRow().status == "delivered")
    }
  }

  @Test("The result cannot be read either: the grade waits, and the next attempt reads before it posts")
  func resultsAway() throws {
    try World.deliveries { world in
      let page = try world.session()
      world.moodle.platform.injectNext(.cutAfterStore, at: .score)
      world.strike(.status(503), at: .results)
      #expect(try page.complete("accueil").json.at("grade.status") == "pending")
      #expect(try world.sync().status == 1)
      #expect(world.posts == 1)
      world.strike(nil, at: .results)
      #expect(try world.sync().status == 0)
      #expect(world.posts == 1 && world.gradebook() == 25)
    }
  }

  @Test(
    "A result that may not be read does not keep the grade back: the score is posted again", arguments: [401, 403, 405])
  func resultsForbidden(status: Int) throws {
    try World.deliveries { world in
      let page = try world.session()
      world.moodle.platform.injectNext(.cutAfterStore, at: .score)
      world.strike(.status(status), at: .results)
      #expect(try page.complete("accueil").json.at("grade.status") == "pending")
      #expect(try world.sync().status == 0)
      #expect(world.posts == 2 && world.gradebook() == 25)
    }
  }

  @Test("A connection cut before the score was stored: the result is read, and the score is posted again later")
  func cutBeforeStore() throws {
    try World.deliveries { world in
      let page = try world.session()
      world.moodle.platform.injectNext(.cutBeforeStore, at: .score)
      #expect(try page.complete("accueil").json.at("grade.status") == "pending")
      #expect(world.posts == 1 && world.moodle.count("/results") == 1)
      #expect(try world.sync().status == 0)
      #expect(world.posts == 2 && world.gradebook() == 25)
    }
  }

  @Test("A 5xx may have been stored: the next attempt reads first", arguments: [500, 502, 503, 504])
  func storedDespiteError(status: Int) throws {
    try World.deliveries { world in
      let page = try world.session()
      try page.complete("accueil")
      let item = try #require(world.moodle.platform.grade(user: 3)).lineItem
      // What a proxy does that gives up on a Moodle which goes on.
      world.moodle.platform.injectNext(.status(status), at: .score)
      #expect(try page.complete("bilan").json.at("grade.status") == "pending")
      let sent = try #require(world.moodle.scores.last?["timestamp"]?.stringValue.flatMap { Instant(rfc3339: $0) })
      world.moodle.platform.storeScore(user: 3, lineItem: item, given: 50, timestamp: sent.seconds)
      #expect(try world.sync().status == 0)
      #expect(world.posts == 2 && world.gradebook() == 50)
    }
  }

  @Test("A process killed after its score was stored: the next holder reads before it posts, and need not post")
  func killedAfterStore() throws {
    try World.deliveries { world in
      let page = try world.session()
      world.moodle.platform.injectNext(.delayAfterStore(milliseconds: 3000), at: .score)
      let request = try InterruptedRequest(
        world, token: page.token, body: ["grain": "accueil", "status": "completed"])
      try eventually { world.gradebook() == 25 }
      request.kill()
      #expect(try world.gradeRow().status == "pending")
      // While the lease lasts nobody else sends.
      #expect(try page.complete("accueil").json.at("grade.status") == "pending")
      #expect(try world.sync().status == 1)
      #expect(world.posts == 1 && world.moodle.count("/results") == 0)
      try world.endLeases()
      #expect(try world.sync().status == 0)
      #expect(world.posts == 1 && world.moodle.count("/results") == 1)
      #expect(try world.gradeRow().status == "delivered")
    }
  }

  @Test("A process killed before its score was stored: the next holder posts, and the late score changes nothing")
  func killedBeforeStore() throws {
    try World.deliveries { world in
      let page = try world.session()
      world.moodle.platform.injectNext(.delay(milliseconds: 1500), at: .score)
      let request = try InterruptedRequest(
        world, token: page.token, body: ["grain": "accueil", "status": "completed"])
      try eventually { world.posts == 1 }
      request.kill()
      try world.endLeases()
      #expect(try page.complete("bilan").json.at("grade.status") == "delivered")
      #expect(world.gradebook() == 50)
      try eventually {
        world.moodle.platform.requests().contains { $0.fault == "delay" && $0.status != nil }
      }
      #expect(world.gradebook() == 50)
      #expect(try world.gradeRow().status == "delivered")
    }
  }

  @Test("A lease that nobody ended lasts its time and no longer")
  func leaseLasts() throws {
    try World.deliveries(settings: [("PASSERELLE_GRADE_TIMEOUT", "1")]) { world in
      let page = try world.session()
      world.moodle.platform.injectNext(.delayAfterStore(milliseconds: 3000), at: .score)
      let request = try InterruptedRequest(
        world, token: page.token, body: ["grain": "accueil", "status": "completed"])
      try eventually { world.gradebook() == 25 }
      request.kill()
      let left: Double = try world.database.value(
        "select extract(epoch from leased_until - clock_timestamp())::float8 from passerelle.enrolments")
      // Longer than the holder may take, shorter than anybody's patience.
      #expect(left > 8 && left <= 11)
    }
  }

  @Test("A grade lowered and raised again while a score is under way ends at what the progress says")
  func loweredAndRaised() throws {
    try World.deliveries(settings: [("PASSERELLE_GRADE_TIMEOUT", "1")]) { world in
      let page = try world.session()
      try page.complete("accueil")
      try page.complete("bilan")
      #expect(world.gradebook() == 50)
      // Staff take a grain back, and that lower score is on its way for a long time.
      let staff: () throws -> Void = {
        try world.database.execute(
          """
          delete from public.progress p using public.grains g where g.id = p.grain and g.slug = 'bilan'
          """)
      }
      try staff()
      world.moodle.platform.injectNext(.delay(milliseconds: 2500), at: .score)
      #expect(try world.sync().status == 1)
      // They change their mind: the gradebook still has the old grade, but the lower one is about to land.
      try world.closeBreakers()
      try page.complete("bilan")
      #expect(try world.sync().status == 0)
      try eventually {
        world.moodle.platform.requests().contains { $0.fault == "delay" && $0.status != nil }
      }
      #expect(world.gradebook() == 50)
    }
  }

  @Test("A doubt lasts until a score was accepted, also when other failures come in between")
  func doubtLasts() throws {
    try World.deliveries { world in
      let page = try world.session()
      try page.complete("accueil")
      // Stored, but nobody knows.
      world.moodle.platform.injectNext(.cutAfterStore, at: .score)
      world.strike(.status(503), at: .results)
      #expect(try page.complete("bilan").json.at("grade.status") == "pending")
      #expect(world.gradebook() == 50)
      world.strike(.status(503), at: .token)
      world.moodle.platform.revokeTokens()
      try world.database.execute("delete from passerelle.access_tokens")
      #expect(try world.sync().status == 1)
      world.strike(nil, at: .token)
      world.strike(nil, at: .results)
      // Staff take back what was accepted last and what is in doubt: the grade before must be sent all the same.
      try world.database.execute(
        "delete from public.progress p using public.grains g where g.id = p.grain and g.slug = 'bilan'")
      #expect(try world.gradeRow().status == "pending")
      #expect(try world.sync().status == 0)
      #expect(world.gradebook() == 25)
    }
  }

  @Test("An answer that is neither empty nor JSON leaves a doubt, which the result settles")
  func unexpectedAnswer() throws {
    try World.deliveries { world in
      let page = try world.session()
      world.moodle.answer(
        scoresWith: MoodleResponse(status: 200, contentType: "text/html", body: Array("<p>Welcome</p>".utf8)))
      #expect(try page.complete("accueil").json.at("grade.status") == "pending")
      #expect(try world.gradeRow().errorCode == "grade_answer_unexpected")
      #expect(world.moodle.count("/results") == 1)
      world.moodle.answer(scoresWith: nil)
      #expect(try world.sync().status == 0)
      #expect(world.gradebook() == 25)
    }
  }
}
