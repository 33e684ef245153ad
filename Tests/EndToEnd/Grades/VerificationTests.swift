import DemoMoodle
import TestSupport
import Testing
import Wire

/// `passerelle grade verify`: what Moodle has, against what it was given.
@Suite(.needsStack) struct VerificationTests {
  private func delivered(_ world: World) throws -> [MiniSite] {
    let pages = try [3, 4].map { try world.session(user: $0) }
    for page in pages { #expect(try page.complete("accueil").json.at("grade.status") == "delivered") }
    return pages
  }

  private func lists(_ world: World) -> [String] {
    world.moodle.requests.filter { $0.path.hasSuffix("/results") && !$0.target.contains("user_id=") }.map(\.target)
  }

  @Test("A reset course: known by one list of results, said everywhere, and sent again when somebody says so")
  func reset() throws {
    try World.deliveries { world in
      let pages = try delivered(world)
      world.moodle.platform.resetCourse()
      let run = try world.command("grade", "verify", "--all")
      #expect(run.status == 0, "\(run.errorText)")
      #expect(run.text == "compared 1 activities: equal 0, emptied 2, different 0\n")
      #expect(lists(world).count == 1 && !lists(world)[0].contains("limit"))
      for user in [3, 4] { #expect(try world.gradeRow(user: user).status == "emptied") }
      #expect(try pages[0].progress().json.at("grade.status") == "emptied")
      #expect(try pages[0].progress().json.at("grade.message")?.stringValue?.contains("Moodle") == true)
      #expect(try world.send("GET", "/health").json.at("emptiedGrades") == 2)
      #expect(try world.send("GET", "/health").json.at("failedGrades") == 0)
      #expect(try world.command("doctor").text.contains("2 were delivered, and Moodle has nothing there any more"))
      let posts = world.posts
      let sync = try world.sync()
      #expect(sync.status == 0 && sync.text.contains("emptied in Moodle 2"))
      #expect(world.posts == posts && world.gradebook() == nil)
      let again = try world.command("grade", "verify", "--resend")
      #expect(again.status == 0 && again.text.contains("emptied 2") && again.text.hasSuffix("pending again: 2\n"))
      #expect(try world.sync().status == 0)
      #expect(world.gradebook() == 25 && world.gradebook(user: 4) == 25)
      #expect(try world.command("grade", "verify").text == "compared 1 activities: equal 2, emptied 0, different 0\n")
    }
  }

  @Test("A teacher's override is told with what Moodle has, and never overwritten; taken back it is told no more")
  func override() throws {
    try World.deliveries { world in
      let pages = try delivered(world)
      let item = try #require(world.moodle.platform.grade(user: 3)).lineItem
      world.moodle.platform.overrideGrade(user: 3, lineItem: item, grade: 77)
      #expect(try world.command("grade", "verify").text == "compared 1 activities: equal 1, emptied 0, different 1\n")
      let answer = try pages[0].progress().json
      #expect(answer.at("grade.status") == "delivered" && answer.at("grade.score") == 25)
      #expect(answer.at("grade.moodle.score") == 77 && answer.at("grade.moodle.maximum") == 100)
      #expect(answer.at("grade.moodle.readAt")?.stringValue?.hasSuffix("Z") == true)
      #expect(try pages[1].progress().json.at("grade.moodle") == nil)
      #expect(try world.database.value("select moodle_score from public.grades where moodle_score is not null") == 77.0)
      #expect(try world.sync().status == 0)
      #expect(world.gradebook() == 77)
      world.moodle.platform.overrideGrade(user: 3, lineItem: item, grade: 25)
      #expect(try world.command("grade", "verify").text == "compared 1 activities: equal 2, emptied 0, different 0\n")
      #expect(try pages[0].progress().json.at("grade.moodle") == nil)
    }
  }

  @Test("A grade that Moodle has again is delivered again, without being sent")
  func restored() throws {
    try World.deliveries { world in
      _ = try delivered(world)
      let item = try #require(world.moodle.platform.grade(user: 3)).lineItem
      world.moodle.platform.resetGrades(lineItem: item, user: 3)
      #expect(try world.command("grade", "verify").text == "compared 1 activities: equal 1, emptied 1, different 0\n")
      world.moodle.platform.storeScore(user: 3, lineItem: item, given: 25, timestamp: Instant.now().seconds)
      let posts = world.posts
      #expect(
        try world.command("grade", "verify").text
          == "compared 1 activities: equal 1, emptied 0, different 0, there again 1\n")
      #expect(try world.gradeRow().status == "delivered")
      #expect(try world.sync().status == 0)
      #expect(world.posts == posts)
    }
  }

  @Test(
    "An answer that is cut, late, a page, or not Moodle's changes nothing",
    arguments: [Fault.cutAfterStore, .cutBeforeStore, .page(200), .page(404), .page(302), .status(500), .status(403)])
  func cut(fault: Fault) throws {
    try World.deliveries { world in
      _ = try delivered(world)
      world.moodle.platform.resetCourse()
      world.strike(fault, at: .results)
      let run = try world.command("grade", "verify")
      #expect(run.status == 1 && run.errorText.contains("not read"), "\(run.text)\(run.errorText)")
      for user in [3, 4] { #expect(try world.gradeRow(user: user).status == "delivered") }
      world.strike(nil, at: .results)
      try world.database.execute("update passerelle.activities set verify_claimed_at = null")
      #expect(try world.command("grade", "verify").text.contains("emptied 2"))
    }
  }

  @Test("A grade that is on its way, or was sent since the reading began, is another time's")
  func underWay() throws {
    try World.deliveries { world in
      let pages = try delivered(world)
      world.moodle.platform.injectNext(.delay(milliseconds: 2000), at: .score)
      let holder = try InterruptedRequest(
        world, token: pages[0].token, body: ["grain": "bilan", "status": "completed"])
      try eventually { world.posts == 3 }
      let run = try world.command("grade", "verify")
      #expect(run.text.hasPrefix("compared 1 activities: equal 1, emptied 0, different 0"), "\(run.text)")
      #expect(try holder.answer().json.at("grade.status") == "delivered")
      #expect(world.gradebook() == 50)
      #expect(try world.gradeRow().status == "delivered")
    }
  }

  @Test("The timer's run: what was launched since, an hour apart, and all others once a night")
  func due() throws {
    try World.deliveries { world in
      _ = try delivered(world)
      func compared() throws -> Int {
        let before = lists(world).count
        #expect(try world.command("grade", "verify", "--due").status == 0)
        return lists(world).count - before
      }
      #expect(try compared() == 1)
      #expect(try compared() == 0)
      _ = try world.launch()
      #expect(try compared() == 0)
      try world.database.execute("update passerelle.activities set verified_at = verified_at - interval '61 minutes'")
      try world.database.execute(
        "update passerelle.enrolments set last_launch_at = last_launch_at - interval '2 hours'")
      // Nobody came since, and its minute of the night is not due: it may have been within that hour.
      let turn: Bool = try world.database.value(
        """
        select exists (select from passerelle.activities a where a.verified_at <
          date_trunc('day', now()) + make_interval(mins => (hashtext(a.id::text) & 2147483647) % 300)
          and date_trunc('day', now()) + make_interval(mins => (hashtext(a.id::text) & 2147483647) % 300) <= now())
        """)
      if !turn { #expect(try compared() == 0) }
      _ = try world.launch()
      #expect(try compared() == (turn ? 0 : 1) || turn)
      try world.database.execute("update passerelle.activities set verified_at = now() - interval '25 hours'")
      try world.database.execute("update passerelle.enrolments set last_launch_at = now() - interval '3 days'")
      #expect(try compared() == 1)
      #expect(try world.command("grade", "verify", "--due", "--resend").status == 64)
    }
  }

  @Test("Grades of LTI 1.1 are read one by one, when somebody asks")
  func outcomes() throws {
    try Launch11Consumer.run { consumer in
      let page = try consumer.ownSession()
      try page.complete("accueil")
      #expect(consumer.gradebook() == 5)
      let asked = consumer.outcomes.count
      #expect(try consumer.world.command("grade", "verify", "--due").text.hasPrefix("compared 0"))
      #expect(consumer.outcomes.count == asked)
      #expect(
        try consumer.world.command("grade", "verify").text == "compared 1 activities: equal 1, emptied 0, different 0\n"
      )
      consumer.world.moodle.platform.resetCourse()
      #expect(
        try consumer.world.command("grade", "verify").text == "compared 1 activities: equal 0, emptied 1, different 0\n"
      )
      #expect(try page.progress().json.at("grade.status") == "emptied")
      #expect(try page.complete("accueil").json.at("grade.status") == "delivered")
      #expect(consumer.gradebook() == 5)
    }
  }

  @Test("A line item that was replaced is found by the verification, too: its former grades are emptied")
  func replaced() throws {
    try World.deliveries { world in
      _ = try delivered(world)
      world.moodle.platform.remakeColumn(cmid: 2)
      #expect(try world.command("grade", "verify").text == "compared 1 activities: equal 0, emptied 2, different 0\n")
      #expect(try world.command("grade", "retry", "--status", "emptied").text == "pending again: 2\n")
      #expect(try world.sync().status == 0)
      #expect(world.gradebook() == 25 && world.gradebook(user: 4) == 25)
    }
  }

  @Test("The maximum is read again with each verification")
  func maximum() throws {
    try World.deliveries(activities: [Activity(points: 20)]) { world in
      let page = try world.session()
      #expect(try page.complete("accueil").json.at("grade.maximum") == 20)
      world.moodle.platform.setMaximum(40, ofLineItem: try #require(world.moodle.platform.grade(user: 3)).lineItem)
      #expect(try world.command("grade", "verify").text == "compared 1 activities: equal 1, emptied 0, different 0\n")
      #expect(try page.progress().json.at("grade.maximum") == 40)
      #expect(try page.progress().json.at("grade.score") == 10)
      #expect(try world.gradeRow().maximum == 40)
    }
  }
}
