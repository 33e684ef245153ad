import DemoMoodle
import TestSupport
import Testing
import Wire

/// What something in front of Moodle answers is passing trouble, never a refusal: only Moodle's own shape is final at once.
@Suite(.needsStack) struct PassingTroubleTests {
  private static let statuses = [301, 302, 303, 307, 403, 404, 405, 410, 413, 423, 451]

  @Test(
    "A page or a redirect in place of the answer to a score waits, and the grade is delivered later",
    arguments: statuses)
  func score(status: Int) throws {
    try World.deliveries { world in
      let page = try world.session()
      world.strike(.page(status))
      #expect(try page.complete("accueil").json.at("grade.status") == "pending")
      let row = try world.gradeRow()
      #expect(row.errorCode == (status < 400 ? "grade_redirected" : "grade_intercepted"))
      #expect(row.attempts == 1)
      #expect(try #require(row.wait) > 28 && #require(row.wait) <= 37.5)
      world.strike(nil)
      #expect(try world.sync().status == 0)
      #expect(world.gradebook() == 25)
    }
  }

  @Test(
    "The same of tokens, line items and results", arguments: [Endpoint.token, .lineItem, .results], [302, 403, 404])
  func services(endpoint: Endpoint, status: Int) throws {
    try World.deliveries { world in
      let page = try world.session()
      if endpoint == .results { world.moodle.platform.injectNext(.cutBeforeStore, at: .score) }
      world.strike(.page(status), at: endpoint)
      #expect(try page.complete("accueil").json.at("grade.status") == "pending")
      world.strike(nil, at: endpoint)
      try world.closeBreakers()
      #expect(try world.sync().status == 0)
      #expect(world.gradebook() == 25)
    }
  }

  @Test("The same of Basic Outcomes, and a failure that is no known refusal", arguments: statuses)
  func outcomes(status: Int) throws {
    try Launch11Consumer.run { consumer in
      let page = try consumer.ownSession()
      consumer.world.strike(.page(status), at: .outcome)
      #expect(try page.complete("accueil").json.at("grade.status") == "pending")
      consumer.world.strike(nil, at: .outcome)
      try consumer.world.closeBreakers()
      #expect(try consumer.world.sync().status == 0)
      #expect(consumer.gradebook() == 5)
    }
  }

  @Test("A day of it parks the grade under its own name; grade retry --status failed sends it again")
  func aDay() throws {
    try World.deliveries { world in
      let page = try world.session()
      let other = try world.session(user: 4)
      world.strike(.page(403))
      try page.complete("accueil")
      try other.complete("accueil")
      for (hours, status) in [(23, "pending"), (2, "failed")] {
        try world.database.execute(
          "update passerelle.enrolments set erring_since = erring_since - make_interval(hours => \(hours))")
        #expect(try world.sync().status == 1)
        #expect(try world.gradeRow().status == status)
      }
      let row = try world.gradeRow()
      #expect(row.errorCode == "grade_intercepted" && row.wait == nil)
      #expect(row.words?.contains("For a day") == true && row.wordsFrench?.contains("Depuis un jour") == true)
      world.strike(nil)
      let retry = try world.command("grade", "retry", "--status", "failed")
      #expect(retry.status == 0 && retry.text == "pending again: 2\n", "\(retry.text)\(retry.errorText)")
      #expect(try world.sync(now: false).status == 0)
      #expect(world.gradebook() == 25 && world.gradebook(user: 4) == 25)
    }
  }

  @Test("Redirects of an old address let everybody's grades wait a minute, a single page does not")
  func breaker() throws {
    try World.deliveries { world in
      let page = try world.session()
      let other = try world.session(user: 4)
      world.moodle.platform.injectNext(.page(403), at: .score)
      #expect(try page.complete("accueil").json.at("grade.status") == "pending")
      #expect(try other.complete("accueil").json.at("grade.status") == "delivered")
      world.moodle.platform.injectNext(.page(302), at: .score)
      #expect(try other.complete("bilan").json.at("grade.status") == "pending")
      let calls = world.moodle.requests.count
      #expect(try page.complete("bilan").json.at("grade.status") == "pending")
      #expect(world.moodle.requests.count == calls)
    }
  }

  @Test("grade retry chooses by status, activity, course, platform, or all, and refuses a choice that names nothing")
  func choices() throws {
    try World.deliveries(activities: [Activity(), Activity(cmid: 3, instance: 2)]) { world in
      let page = try world.session()
      _ = try world.session(cmid: 3)
      try page.complete("accueil")
      #expect(world.posts == 2)
      func again(_ words: String...) throws -> String {
        let run = try ProgramRun.run(
          Stack.command, arguments: ["grade", "retry"] + words, environment: world.administration)
        try world.sync(now: false)
        return run.status == 0 ? run.text : "\(run.status) \(run.errorText)"
      }
      let activity: String = try world.database.value(
        "select id::text from passerelle.activities where resource_link_id = '2'")
      #expect(try again("--activity", activity) == "pending again: 1\n")
      #expect(try again("--course", "2", "--platform", world.moodle.url) == "pending again: 2\n")
      #expect(try again("--platform", world.moodle.url) == "pending again: 2\n")
      #expect(try again("--all") == "pending again: 2\n")
      #expect(try again("--status", "delivered") == "pending again: 2\n")
      #expect(try again("--status", "failed") == "pending again: 0\n")
      #expect(world.posts == 11)
      #expect(try again().hasPrefix("64 "))
      #expect(try again("--course", "2").hasPrefix("64 "))
      #expect(try again("--all", "--status", "failed").hasPrefix("64 "))
      #expect(try again("--platform", "https://nowhere.example").hasPrefix("1 "))
      #expect(try again("--activity", "00000000-0000-0000-0000-000000000000").hasPrefix("1 "))
    }
  }
}
