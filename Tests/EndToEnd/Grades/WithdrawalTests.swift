import DemoMoodle
import TestSupport
import Testing
import Wire

/// `passerelle grade withdraw`: a grade that was sent is taken back, by either service.
@Suite(.needsStack) struct WithdrawalTests {
  /// One way in which grades travel.
  enum Way: String, CaseIterable, CustomTestStringConvertible {
    case ags = "line items"
    case outcomes11 = "Basic Outcomes, signed"
    case outcomes13 = "Basic Outcomes, with a token"
    var testDescription: String { rawValue }
    var activity: Int { self == .outcomes11 ? Launch11Consumer.instance : 1 }
  }

  /// A world, a page whose grades travel that way, and the row of the outbox.
  private func run(_ way: Way, _ body: (World, MiniSite, () throws -> GradeRow) throws -> Void) throws {
    try Launch11Consumer.run { consumer in
      let world = consumer.world
      let page: MiniSite
      switch way {
      case .ags: page = try world.session()
      case .outcomes11: page = try consumer.ownSession()
      case .outcomes13:
        let attempt = try Attempt(world)
        page = try consumer.session(attempt.present(try attempt.token([(Claim.ags, nil)])))
      }
      try body(world, page) { try world.gradeRow(activity: way.activity) }
    }
  }

  private func withdraw(_ world: World, _ id: String) throws -> ProgramRun {
    try world.command("grade", "withdraw", id)
  }

  @Test(
    "Moodle's grade is empty and the activity not complete; the next grain is graded again", arguments: Way.allCases)
  func withdrawn(way: Way) throws {
    try run(way) { world, page, row in
      #expect(try page.complete("accueil").json.at("grade.status") == "delivered")
      func inMoodle() -> GradebookRow? { world.moodle.platform.grade(user: 3, activity: way.activity) }
      #expect(inMoodle()?.grade != nil && inMoodle()?.completion == "COMPLETE")
      let run = try withdraw(world, try row().id)
      #expect(run.status == 0 && run.text.contains("withdrawn: 1"), "\(run.errorText)")
      #expect(inMoodle()?.grade == nil && inMoodle()?.completion == "INCOMPLETE")
      #expect(try row().status == "none" && row().score == nil)
      #expect(try page.progress().json.at("grade.status") == "none")
      // Nothing brings it back by itself.
      #expect(try world.sync().status == 0)
      _ = try world.session()
      #expect(try world.command("grade", "recompute").status == 0)
      #expect(try world.sync().status == 0)
      #expect(inMoodle()?.grade == nil)

      #expect(try page.complete("bilan").json.at("grade.status") == "delivered")
      #expect(inMoodle()?.grade == (inMoodle()?.maximum ?? 0) / 2)
      #expect(try row().status == "delivered")
    }
  }

  @Test("Taken back by mistake, it is sent again by grade retry; and progress that goes back to what it was counts")
  func again() throws {
    try run(.ags) { world, page, row in
      try page.complete("accueil")
      let id = try row().id
      #expect(try withdraw(world, id).status == 0)
      #expect(try world.command("grade", "retry", id).text.contains("pending again: 1"))
      #expect(try world.sync().status == 0 && world.gradebook() == 25)

      #expect(try withdraw(world, id).status == 0)
      #expect(try page.complete("bilan").json.at("grade.status") == "delivered")
      #expect(world.gradebook() == 50)
      try world.database.execute(
        "delete from public.progress where grain = (select id from public.grains where slug = 'bilan')")
      #expect(try world.sync().status == 0 && world.gradebook() == 25)
    }
  }

  @Test("Somebody begins anew: progress deleted is a 0, withdrawn is nothing, a started grain stays nothing")
  func anew() throws {
    try run(.outcomes11) { world, page, row in
      try page.complete("accueil")
      try world.database.execute("delete from public.progress")
      #expect(try world.sync().status == 0)
      #expect(world.gradebook(activity: 2) == 0)
      #expect(try withdraw(world, try row().id).status == 0)
      #expect(world.gradebook(activity: 2) == nil)
      #expect(try page.report(["grain": "accueil", "status": "started"]).json.at("grade.status") == "none")
      #expect(world.gradebook(activity: 2) == nil)
      // A grain that is completed with nothing is something again.
      #expect(try page.complete("accueil", score: 0).json.at("grade.status") == "delivered")
      #expect(world.gradebook(activity: 2) == 0)
      #expect(try withdraw(world, try row().id).status == 0)
      #expect(try world.command("grade", "recompute").status == 0)
      #expect(try world.sync().status == 0 && world.gradebook(activity: 2) == nil)
    }
  }

  @Test(
    "A Moodle that is away or refuses is told of with the reason, and the grade stays as it was",
    arguments: Way.allCases)
  func refused(way: Way) throws {
    try run(way) { world, page, row in
      try page.complete("accueil")
      let endpoint: Endpoint = way == .ags ? .score : .outcome
      world.strike(.status(503), at: endpoint)
      let id = try row().id
      let away = try withdraw(world, id)
      #expect(away.status == 1 && away.errorText.contains("grade_platform_unavailable"), "\(away.errorText)")
      #expect(try row().status == "delivered" && world.gradebook(activity: way.activity) != nil)
      world.strike(nil, at: endpoint)
      // The lease was let go: new progress is delivered at once.
      #expect(try page.complete("bilan").json.at("grade.status") == "delivered")
      let item = try #require(world.moodle.platform.grade(user: 3, activity: way.activity)).lineItem
      world.moodle.platform.setLocked(true, lineItem: item)
      #expect(try withdraw(world, id).status == 1)
      world.moodle.platform.setLocked(false, lineItem: item)
      #expect(try withdraw(world, id).status == 0)
      #expect(world.gradebook(activity: way.activity) == nil)
    }
  }

  @Test("A score that is dated later than ours is emptied all the same")
  func conflict() throws {
    try run(.ags) { world, page, row in
      try page.complete("accueil")
      let item = try #require(world.moodle.platform.grade(user: 3)).lineItem
      world.moodle.platform.storeScore(user: 3, lineItem: item, given: 10, timestamp: Instant.now().seconds + 3600)
      #expect(try withdraw(world, try row().id).status == 0)
      #expect(world.gradebook() == nil)
      #expect(try page.complete("bilan").json.at("grade.status") == "delivered")
    }
  }

  @Test("Nothing sent, unknown, or under way elsewhere: said, and nothing asked of Moodle")
  func nothing() throws {
    try run(.ags) { world, page, row in
      let unknown = try withdraw(world, "b4c1e1a0-0000-4000-8000-000000000000")
      #expect(unknown.status == 1 && unknown.errorText.contains("there is no grade"))
      world.strike(.status(503), at: .token)
      try page.complete("accueil")
      let id = try row().id
      try world.database.execute("update passerelle.enrolments set last_timestamp = null")
      let none = try withdraw(world, id)
      #expect(none.status == 1 && none.errorText.contains("none was sent"))
      world.strike(nil, at: .token)
      try world.closeBreakers()
      #expect(try world.sync().status == 0)
      let before = world.posts
      try world.database.execute(
        "update passerelle.enrolments set lease = gen_random_uuid(), leased_until = now() + interval '1 minute'")
      let busy = try withdraw(world, id)
      #expect(busy.status == 1 && busy.errorText.contains("being delivered"))
      #expect(world.posts == before)
    }
  }

  @Test("What becomes owed while a grade is taken back is delivered after it")
  func meanwhile() throws {
    try run(.ags) { world, page, row in
      try page.complete("accueil")
      let id = try row().id
      world.moodle.platform.injectNext(.delay(milliseconds: 1500), at: .score)
      let runs = simultaneously(2) { number -> Int32 in
        if number == 0 { return try self.withdraw(world, id).status }
        let end = ContinuousClock.now + .seconds(10)
        while try world.database.count("select from passerelle.enrolments where leased_until > now()") == 0 {
          try #require(ContinuousClock.now < end)
        }
        // Somebody else holds the grade: it waits.
        return try page.complete("bilan").json.at("grade.status") == "pending" ? 0 : 1
      }
      for run in runs { #expect(try run.get() == 0) }
      #expect(try world.sync().status == 0)
      #expect(world.gradebook() == 50)
      #expect(world.moodle.platform.audit().overlaps.isEmpty)
    }
  }
}
