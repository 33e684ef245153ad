import DemoMoodle
import TestSupport
import Testing
import Wire

/// A launch that owes delivers in its own request, when that takes no longer than two seconds.
@Suite(.needsStack) struct LaunchDeliveryTests {
  @Test("Opening a second activity of a module delivers its grade before the page is there")
  func delivers() throws {
    try World.deliveries(activities: [Activity(), Activity(cmid: 3, instance: 2)]) { world in
      let page = try world.session()
      try page.complete("accueil")
      let other = try world.session(cmid: 3)
      #expect(world.gradebook(activity: 2) == 25)
      #expect(other.opened.at("progress.grade.status") == "delivered")
      // Opening it again asks Moodle nothing.
      let calls = world.moodle.requests.count { $0.path.contains("/services.php/") }
      _ = try world.session(cmid: 3)
      #expect(world.moodle.requests.count { $0.path.contains("/services.php/") } == calls)
    }
  }

  @Test("A slow Moodle keeps the launch two seconds, and is not called away for that; the timer delivers")
  func slow() throws {
    try World.deliveries(activities: [Activity(), Activity(cmid: 3, instance: 2)]) { world in
      let page = try world.session()
      try page.complete("accueil")
      world.moodle.platform.injectNext(.delayAfterStore(milliseconds: 6000), at: .score)
      var other: MiniSite?
      let time = try ContinuousClock().measure { other = try world.session(cmid: 3) }
      #expect(time > .milliseconds(1800) && time < .milliseconds(3500), "\(time)")
      #expect(other?.opened.at("progress.grade.status") == "pending")
      #expect(try world.database.count("select from passerelle.platforms where breaker_until > now()") == 0)
      #expect(try world.sync().status == 0)
      #expect(try world.gradeRow(activity: 2).status == "delivered")
    }
  }

  @Test("An open breaker keeps nobody")
  func breaker() throws {
    try World.deliveries(activities: [Activity(), Activity(cmid: 3, instance: 2)]) { world in
      let page = try world.session()
      world.moodle.platform.injectNext(.status(503), at: .score)
      try page.complete("accueil")
      let posts = world.posts
      let other = try world.session(cmid: 3)
      #expect(other.opened.at("progress.grade.status") == "pending" && world.posts == posts)
    }
  }

  @Test("An activity without a grade: Moodle takes the score and has none, which is said, and never “sent”")
  func withoutGrade() throws {
    try World.deliveries(activities: [Activity(keepsGrades: false)]) { world in
      let page = try world.session()
      let answer = try page.complete("accueil").json
      #expect(answer.at("grade.status") == "none")
      #expect(answer.at("grade.message") == "This activity has no grade in Moodle.")
      #expect(try page.progress().json.at("grade.message") == "This activity has no grade in Moodle.")
      let row = try world.gradeRow()
      #expect(row.status == "none" && row.errorCode == "activity_without_grade")
      #expect(try world.sync().status == 0)
      #expect(try page.complete("bilan").json.at("grade.status") == "none")
      #expect(try world.send("GET", "/health").json.at("emptiedGrades") == 0)
    }
  }

  @Test(
    "A scale: the answer, the page and the roster say what Moodle made of the grade, which is not sent again for it")
  func scale() throws {
    try World.deliveries(activities: [Activity(points: 3, isScale: true)]) { world in
      let page = try world.session()
      let answer = try page.complete("accueil").json
      #expect(answer.at("grade.status") == "delivered" && answer.at("grade.score") == 0.75)
      #expect(answer.at("grade.moodle.score") == 1 && answer.at("grade.moodle.maximum") == 3)
      #expect(answer.at("grade.moodle.readAt")?.stringValue?.hasSuffix("Z") == true)
      #expect(answer.at("grade.moodle.isScale") == true)
      #expect(world.gradebook() == 1)
      // Read back each time: the next level, and one that happens to be what was sent.
      let next = try page.complete("bilan", score: 0.9).json
      #expect(next.at("grade.score") == 1.425 && next.at("grade.moodle.score") == 1)
      #expect(try page.complete("exercice").json.at("grade.moodle.score") == 2)
      let roster = try Teacher(world).roster()
      #expect(roster["Éloïse Lefèvre"]?.at("grade.moodle.score") == 2)
      let posts = world.posts
      #expect(try world.sync().status == 0)
      #expect(try world.command("grade", "verify").text == "compared 1 activities: equal 0, emptied 0, different 1\n")
      let read = try page.progress().json
      #expect(read.at("grade.moodle.score") == 2 && read.at("grade.moodle.isScale") == true)
      #expect(try world.sync().status == 0 && world.posts == posts)
    }
  }

  @Test("A first grade that happens to be a level of the scale says nothing of the others: they are read back, too")
  func scaleByChance() throws {
    try World.deliveries(activities: [Activity(points: 4, isScale: true)]) { world in
      #expect(try world.session().complete("accueil").json.at("grade.moodle") == nil)
      #expect(world.gradebook() == 1)
      let other = try world.session(user: 4).complete("accueil", score: 0.5).json
      #expect(
        other.at("grade.score") == 0.5 && other.at("grade.moodle.score") == 1
          && other.at("grade.moodle.isScale") == true)
    }
  }

  @Test("The result is read back once for an activity that keeps what it is given")
  func readBackOnce() throws {
    try World.deliveries { world in
      let page = try world.session()
      for grain in ["accueil", "bilan"] { try page.complete(grain) }
      #expect(world.moodle.count("/results") == 1)
      #expect(try page.progress().json.at("grade.isPercent") == nil)
    }
  }

  @Test("Where the maximum is a guess, the answer says that the grade is a per cent")
  func guess() throws {
    try Launch11Consumer.run { consumer in
      let page = try consumer.ownSession()
      #expect(try page.complete("accueil").json.at("grade.isPercent") == true)
      #expect(try page.progress().json.at("grade.isPercent") == true)
    }
  }
}
