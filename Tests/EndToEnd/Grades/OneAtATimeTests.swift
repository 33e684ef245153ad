import DemoMoodle
import TestSupport
import Testing
import Wire

/// One learner, one post at a time: Moodle fails when two grades of one learner in one course arrive at once.
@Suite(.needsStack) struct OneAtATimeTests {
  /// Five learners with one finished grain each, and their grades in four activities of the course all pending.
  private func owing(_ world: World, activities: Int) throws {
    let users = 101...105
    let cmids = world.moodle.platform.activities.suffix(activities).map(\.cmid)
    let pages = try users.map { try world.session(user: $0, cmid: cmids[0]) }
    for user in users { for cmid in cmids.dropFirst() { _ = try world.launch(user: user, cmid: cmid) } }
    world.strike(.status(503))
    world.strike(.status(503), at: .outcome)
    for page in pages { try page.complete("accueil") }
    world.strike(nil)
    world.strike(nil, at: .outcome)
    #expect(try world.database.count("select from public.grades where status = 'pending'") == 5 * activities)
    world.strike(.delay(milliseconds: 30))
    world.strike(.delay(milliseconds: 30), at: .outcome)
  }

  private func check(_ world: World, activities: Int) {
    let audit = world.moodle.platform.audit()
    #expect(audit.crossings.isEmpty, "\(audit.crossings.prefix(2))")
    for user in 101...105 {
      for activity in world.moodle.platform.activities.suffix(activities) {
        #expect(world.gradebook(user: user, activity: activity.instance) == activity.points / 4)
      }
    }
  }

  @Test("grade sync with four workers, five learners and four activities of one new course: LTI 1.3")
  func sync13() throws {
    let activities = (0..<4).map { Activity(cmid: 2 + $0, instance: 1 + $0) }
    try World.deliveries(activities: activities) { world in
      try owing(world, activities: 4)
      let run = try world.command("grade", "sync", "--now", "--parallel", "4")
      #expect(run.status == 0 && run.text.contains("delivered 20, still pending 0, failed 0"), "\(run.text)")
      check(world, activities: 4)
    }
  }

  @Test("The same by LTI 1.1, where Moodle calls the collision a failure")
  func sync11() throws {
    try Launch11Consumer.run { consumer in
      let world = consumer.world
      for _ in 1...3 { world.moodle.platform.addNewActivity(.lti11(module: nil)) }
      try owing(world, activities: 4)
      let run = try world.command("grade", "sync", "--now", "--parallel", "4")
      #expect(run.status == 0 && run.text.contains("delivered 20, still pending 0, failed 0"), "\(run.text)")
      check(world, activities: 4)
    }
  }

  @Test("Two syncs at once, and the learners' own requests among them, never meet at one learner")
  func everybody() throws {
    let activities = (0..<3).map { Activity(cmid: 2 + $0, instance: 1 + $0) }
    try World.deliveries(activities: activities) { world in
      try owing(world, activities: 3)
      let pages = try (101...105).map { try world.session(user: $0) }
      let results = simultaneously(pages.count + 2) { number -> Void in
        if number >= pages.count {
          _ = try world.sync()
        } else {
          for grain in ["bilan", "exercice"] { try pages[number].complete(grain) }
        }
      }
      for result in results { try result.get() }
      try eventually { try world.sync().status == 0 }
      let audit = world.moodle.platform.audit()
      #expect(audit.crossings.isEmpty, "\(audit.crossings.prefix(2))")
      for user in 101...105 {
        for instance in 1...3 { #expect(world.gradebook(user: user, activity: instance) == 75) }
      }
    }
  }

  @Test("What was left to the holder in another activity is delivered by the holder")
  func leftToTheHolder() throws {
    try World.deliveries(activities: [Activity(), Activity(cmid: 3, instance: 2)]) { world in
      let page = try world.session()
      world.moodle.platform.injectNext(.delayAfterStore(milliseconds: 3500), at: .score)
      let holder = try InterruptedRequest(world, token: page.token, body: ["grain": "accueil", "status": "completed"])
      try eventually { world.gradebook() == 25 }
      // The second activity is opened meanwhile, and owes the same.
      let other = try world.session(cmid: 3)
      var second: HTTPResponse?
      let time = try ContinuousClock().measure { second = try other.complete("bilan") }
      #expect(try second?.json.at("grade.status") == "pending")
      #expect(time < .seconds(2), "\(time)")
      #expect(try holder.answer().json.at("grade.status") == "delivered")
      // Nobody ran `grade sync`.
      #expect(world.gradebook(activity: 1) == 50 && world.gradebook(activity: 2) == 50)
      #expect(try world.gradeRow(activity: 2).status == "delivered")
    }
  }

  @Test("A grade is not taken back while another of the same learner is on its way")
  func withdrawal() throws {
    try World.deliveries(activities: [Activity(), Activity(cmid: 3, instance: 2)]) { world in
      let page = try world.session()
      _ = try world.session(cmid: 3)
      try page.complete("accueil")
      #expect(world.gradebook(activity: 2) == 25)
      world.moodle.platform.injectNext(.delayAfterStore(milliseconds: 2500), at: .score)
      let holder = try InterruptedRequest(world, token: page.token, body: ["grain": "bilan", "status": "completed"])
      try eventually { world.gradebook(activity: 1) == 50 || world.gradebook(activity: 2) == 50 }
      let run = try world.command("grade", "withdraw", try world.gradeRow(activity: 2).id)
      #expect(run.status == 1 && run.errorText.contains("it is being delivered just now"), "\(run.errorText)")
      _ = try holder.answer()
    }
  }
}
