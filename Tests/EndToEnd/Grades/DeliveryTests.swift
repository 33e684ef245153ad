import DemoMoodle
import TestSupport
import Testing
import Wire

/// What becomes of a grade when Moodle is slow, away or unwilling, and how `passerelle grade sync` finishes it.
@Suite(.needsStack) struct DeliveryTests {
  /// Lets every wait be over: pauses between attempts, the breaker, leases.
  private func passTime(_ world: World) throws {
    try world.database.script(
      """
      update public.grades set next_attempt_at = now() where status = 'pending';
      update passerelle.platforms set breaker_until = null;
      update passerelle.enrolments set leased_until = now() where leased_until is not null;
      """)
  }

  @Test(
    "While Moodle is away progress is kept, the answer says pending, and grade sync delivers after",
    arguments: Stage.allCases)
  func away(stage: Stage) throws {
    try World.run(stage) { world in
      let page = try world.session()
      let faults: [Fault] = [.status(503), .cutBeforeStore, .status(500)]
      for (grain, fault) in zip(TestDatabase.grains, faults) {
        world.moodle.platform.withFaults { $0.setChances([.init(fault, probability: 1)], for: .score) }
        try passTime(world)
        let answer = try page.complete(grain)
        #expect(answer.status == 200)
        let grade = try answer.json.at("grade")
        #expect(grade?["status"] == "pending", "\(fault.name)")
        #expect(grade?["message"] == "Progress saved. The grade is waiting and will be sent to Moodle.")
      }
      #expect(try page.progress().json["completed"] == 3)
      let early = try world.command("grade", "sync", "--now")
      #expect(early.status == 1, "\(early.errorText)")
      #expect(world.moodle.platform.grade(user: 3)?.grade == nil)

      world.moodle.platform.withFaults { $0.clear() }
      try passTime(world)
      let late = try world.command("grade", "sync")
      #expect(late.status == 0, "\(late.text) \(late.errorText)")
      #expect(world.moodle.platform.grade(user: 3)?.grade == 75)
      #expect(try page.progress().json.at("grade.status") == "delivered")
      let again = try world.command("grade", "sync")
      #expect(again.status == 0)
      #expect(try world.database.count("select from public.grades where last_error is not null") == 0)
    }
  }

  @Test(
    "A Moodle that does not answer is waited for no longer than PASSERELLE_GRADE_TIMEOUT", arguments: Stage.allCases
  )
  func slow(stage: Stage) throws {
    try World.run(stage, settings: [("PASSERELLE_GRADE_TIMEOUT", "2")]) { world in
      let page = try world.session()
      world.moodle.platform.injectNext(.delay(milliseconds: 6000), at: .score)
      let clock = ContinuousClock()
      var answer: HTTPResponse?
      let time = try clock.measure { answer = try page.complete("accueil") }
      #expect(try answer?.json.at("grade.status") == "pending")
      #expect(time > .milliseconds(1900) && time < .milliseconds(3500), "\(time)")
      // The next one does not wait at all: the platform has just failed.
      let next = try clock.measure { answer = try page.complete("bilan") }
      #expect(try answer?.json.at("grade.status") == "pending")
      #expect(next < .milliseconds(1500), "\(next)")
      try passTime(world)
      let sync = try world.command("grade", "sync", "--now")
      #expect(sync.status == 0, "\(sync.text) \(sync.errorText)")
      #expect(world.moodle.platform.grade(user: 3)?.grade == 50)
    }
  }

  @Test(
    "An answer lost after the score was stored is found in the results and not sent again",
    arguments: Stage.allCases)
  func lostAnswer(stage: Stage) throws {
    try World.run(stage) { world in
      let page = try world.session()
      world.moodle.platform.injectNext(.cutAfterStore, at: .score)
      try page.complete("accueil")
      try passTime(world)
      let sync = try world.command("grade", "sync", "--now")
      #expect(sync.status == 0, "\(sync.text) \(sync.errorText)")
      #expect(world.moodle.platform.grade(user: 3)?.grade == 25)
      #expect(world.moodle.count("/scores") == 1)
      #expect(try page.progress().json.at("grade.status") == "delivered")
    }
  }

  @Test(
    "A refusal for good is failed, in words for the learner and with a code for the administrator",
    arguments: Stage.allCases)
  func refused(stage: Stage) throws {
    try World.run(stage) { world in
      let page = try world.session()
      world.moodle.platform.setEnrolment(.none, user: 3)
      let answer = try page.complete("accueil").json
      #expect(answer.at("grade.status") == "failed")
      #expect(answer.at("grade.message")?.stringValue?.contains("Moodle refused the grade") == true)
      let list = try world.command("grade", "list", "--status", "failed", "--json")
      #expect(list.status == 0)
      let rows = try JSONValue(parsing: list.output).arrayValue ?? []
      #expect(rows.count == 1 && rows.first?["lastErrorCode"] == "grade_not_gradable")
      #expect(try world.command("grade", "sync", "--now").status == 1)
      // Enrolled again, the learner opens the activity once more.
      world.moodle.platform.setEnrolment(.active, user: 3)
      _ = try world.session()
      #expect(try world.command("grade", "sync").status == 0)
      #expect(world.moodle.platform.grade(user: 3)?.grade == 25)
    }
  }

  @Test("A 200 whose body is [] is a refusal", arguments: Stage.allCases)
  func emptyArray(stage: Stage) throws {
    try World.run(stage) { world in
      let page = try world.session()
      world.moodle.answer(scoresWith: MoodleResponse(status: 200, contentType: "text/html", body: Array("[]".utf8)))
      #expect(try page.complete("accueil").json.at("grade.status") == "failed")
      #expect(try world.database.value("select last_error_code from public.grades") == "grade_refused")
    }
  }

  @Test(
    "Nothing sent to a Moodle that is switched off is lost: sync delivers when it is back",
    arguments: Stage.allCases)
  func switchedOff(stage: Stage) throws {
    try World.run(stage) { world in
      let page = try world.session()
      try page.complete("accueil")
      // Nobody listens at that address any more.
      let site = world.moodle.url
      try world.database.execute(
        "update passerelle.enrolments set line_item = replace(line_item, \(site), 'http://127.0.0.1:9')")
      let down = try page.complete("bilan").json
      #expect(down["completed"] == 2 && down.at("grade.status") == "pending")
      #expect(try world.command("grade", "sync", "--now").status == 1)
      try world.database.execute(
        "update passerelle.enrolments set line_item = replace(line_item, 'http://127.0.0.1:9', \(site))")
      try passTime(world)
      #expect(try world.command("grade", "sync").status == 0)
      #expect(world.moodle.platform.grade(user: 3)?.grade == 50)
    }
  }

  @Test("A disabled platform's grades wait; enabling it delivers them", arguments: Stage.allCases)
  func disabled(stage: Stage) throws {
    try World.run(stage) { world in
      let page = try world.session()
      #expect(try world.command("platform", "disable", "Moodle", "--keep-sessions").status == 0)
      #expect(try page.complete("accueil").json.at("grade.status") == "pending")
      #expect(world.moodle.count("/scores") == 0)
      #expect(try world.command("grade", "sync", "--now").status == 1)
      #expect(try world.command("platform", "enable", "Moodle").status == 0)
      #expect(try world.command("grade", "sync", "--now").status == 0)
      #expect(world.moodle.platform.grade(user: 3)?.grade == 25)
    }
  }

  @Test("One learner in two activities of one module owes both the same", arguments: Stage.allCases)
  func twoActivities(stage: Stage) throws {
    let activities = [Activity.module("decouverte"), Activity.module("decouverte", position: 1)]
    try World.run(stage, activities: activities) { world in
      _ = try world.session(cmid: 2)
      let page = try world.session(cmid: 3)
      #expect(try page.complete("accueil").json.at("grade.status") == "delivered")
      #expect(world.moodle.platform.grade(user: 3, activity: 1)?.grade == 25)
      #expect(world.moodle.platform.grade(user: 3, activity: 2)?.grade == 25)
    }
  }

  @Test("Thirty learners who complete at once all have their grade, with few tokens asked for")
  func crowd() throws {
    try World.run(.event) { world in
      let pages = try (101...130).map { try world.session(user: $0) }
      let answers = try simultaneously(30) { try pages[$0].complete("accueil") }.map { try $0.get() }
      #expect(answers.allSatisfy { $0.status == 200 })
      if try world.database.count("select from public.grades where status <> 'delivered'") > 0 {
        try passTime(world)
        let sync = try world.command("grade", "sync", "--now")
        #expect(sync.status == 0, "\(sync.text)")
      }
      for user in 101...130 { #expect(world.moodle.platform.grade(user: user)?.grade == 25) }
    }
  }
}
