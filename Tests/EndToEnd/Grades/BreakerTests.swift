import DemoMoodle
import TestSupport
import Testing
import Wire

/// A platform that has just failed is not waited for: neither by the learner who met the failure nor by others.
@Suite(.needsStack) struct BreakerTests {
  private func timed(_ page: MiniSite, _ grain: String) throws -> (status: JSONValue?, time: Duration) {
    var status: JSONValue?
    let time = try ContinuousClock().measure { status = try page.complete(grain).json.at("grade.status") }
    return (status, time)
  }

  @Test(
    "After a failure every process answers pending at once, without a call, until a minute has passed",
    arguments: [Fault.delay(milliseconds: 8000), .cutBeforeStore, .status(503), .status(429)])
  func opens(fault: Fault) throws {
    try World.deliveries(settings: [("PASSERELLE_GRADE_TIMEOUT", "4")]) { world in
      let first = try world.session(user: 3)
      let other = try world.session(user: 4)
      world.moodle.platform.injectNext(fault, at: .score)
      #expect(try first.complete("accueil").json.at("grade.status") == "pending")
      let calls = world.moodle.requests.count
      for (page, grain) in [(first, "bilan"), (other, "accueil"), (other, "bilan")] {
        let (status, time) = try timed(page, grain)
        #expect(status == "pending")
        #expect(time < .seconds(2), "\(time)")
      }
      // The timer respects it too.
      #expect(try world.sync(now: false).status == 1)
      #expect(world.moodle.requests.count == calls)
      let left: Double = try world.database.value(
        "select extract(epoch from breaker_until - now())::float8 from passerelle.platforms")
      #expect(left > 50 && left <= 60)
      // A minute later.
      try world.closeBreakers()
      #expect(try timed(other, "exercice").status == "delivered")
      #expect(world.gradebook(user: 4) == 75)
      #expect(try world.sync().status == 0)
      #expect(world.gradebook(user: 3) == 50)
    }
  }

  @Test("The token endpoint's failure opens it as well")
  func token() throws {
    try World.deliveries { world in
      let page = try world.session()
      world.strike(.status(503), at: .token)
      #expect(try page.complete("accueil").json.at("grade.status") == "pending")
      let calls = world.moodle.requests.count
      #expect(try timed(page, "bilan").status == "pending")
      #expect(world.moodle.requests.count == calls)
    }
  }

  @Test("A success closes it")
  func closes() throws {
    try World.deliveries { world in
      let first = try world.session(user: 3)
      let other = try world.session(user: 4)
      world.moodle.platform.injectNext(.status(503), at: .score)
      try first.complete("accueil")
      #expect(try timed(other, "accueil").status == "pending")
      #expect(try world.sync().status == 0)
      #expect(try timed(other, "bilan").status == "delivered")
      #expect(world.gradebook(user: 4) == 50)
    }
  }

  @Test("What concerns one grade only does not open it", arguments: [400, 401, 403, 409, 500])
  func staysClosed(status: Int) throws {
    try World.deliveries { world in
      let first = try world.session(user: 3)
      let other = try world.session(user: 4)
      world.strike(.status(status))
      #expect(try first.complete("accueil").json.at("grade.status") != "delivered")
      world.strike(nil)
      #expect(try timed(other, "accueil").status == "delivered")
    }
  }

  @Test("It is one platform's, not everybody's")
  func perPlatform() throws {
    try World.deliveries { world in
      let page = try world.session()
      let second = try Moodle(base: world.tool.base, clientID: "second") { (request) throws(TransportFailure) in
        try world.tool.send(request)
      }
      defer { second.stop() }
      try world.register(second)
      world.strike(.status(503))
      try page.complete("accueil")
      var browser = world.browser(second)
      let other = try MiniSite(world, code: try world.code(of: try browser.launch(user: 3, cmid: 2)))
      #expect(try timed(other, "accueil").status == "delivered")
      #expect(second.platform.grade(user: 3)?.grade == 25)
    }
  }
}
