import DemoMoodle
import TestSupport
import Testing
import Wire

/// What is sent again, and what is not.
@Suite(.needsStack) struct ResendTests {
  @Test("A score equal to the last accepted one is not sent again by itself")
  func equal() throws {
    try World.deliveries { world in
      let page = try world.session()
      try page.complete("accueil")
      #expect(world.posts == 1)
      #expect(try page.complete("accueil").json.at("grade.status") == "delivered")
      _ = try world.session()
      #expect(try world.sync().status == 0)
      #expect(try world.command("grade", "recompute").status == 0)
      #expect(try world.sync().status == 0)
      // Down and up again, with nothing sent in between.
      try world.database.script(
        """
        update public.grains set weight = 3 where slug = 'bilan';
        update public.grains set weight = 1 where slug = 'bilan';
        """)
      #expect(try world.gradeRow().status == "delivered")
      #expect(try world.sync().status == 0)
      #expect(world.posts == 1)
    }
  }

  /// What sends an equal score.
  enum Wish: String, CaseIterable, CustomTestStringConvertible {
    case retry = "grade retry"
    case recompute = "grade recompute --resend"
    case staff = "staff setting the status to pending"
    var testDescription: String { rawValue }
  }

  @Test("A gradebook that was reset is filled again on demand", arguments: Wish.allCases)
  func wish(wish: Wish) throws {
    try World.deliveries { world in
      let page = try world.session()
      try page.complete("accueil")
      let item = try #require(world.moodle.platform.grade(user: 3)).lineItem
      for resets in [true, false] {
        if resets { world.moodle.platform.resetGrades(lineItem: item) }
        let posts = world.posts
        switch wish {
        case .retry: #expect(try world.command("grade", "retry", try world.gradeRow().id).status == 0)
        case .recompute: #expect(try world.command("grade", "recompute", "--resend").status == 0)
        case .staff: try world.database.execute("update public.grades set status = 'pending'")
        }
        #expect(try world.gradeRow().status == "pending")
        #expect(try world.sync(now: false).status == 0)
        #expect(world.posts == posts + 1)
        #expect(world.gradebook() == 25)
        #expect(world.moodle.platform.grade(user: 3)?.comment == "1 of 4 grains")
      }
    }
  }

  @Test("A retry asked for while the grade is being posted is not lost")
  func retryMeanwhile() throws {
    try World.deliveries { world in
      let page = try world.session()
      world.moodle.platform.injectNext(.delayAfterStore(milliseconds: 600), at: .score)
      let holder = try InterruptedRequest(world, token: page.token, body: ["grain": "accueil", "status": "completed"])
      try eventually { world.gradebook() == 25 }
      #expect(try world.command("grade", "retry", try world.gradeRow().id).status == 0)
      #expect(try holder.answer().json.at("grade.status") == "delivered")
      #expect(world.posts == 2)
    }
  }

  @Test("A grade once sent follows the progress down, to zero too, and is never erased")
  func lowered() throws {
    try World.deliveries { world in
      let page = try world.session()
      try page.complete("accueil")
      try page.complete("bilan", score: 0.5)
      #expect(world.gradebook() == 37.5)
      try world.database.execute("update public.progress set score = 0.25 where score = 0.5")
      #expect(try world.sync(now: false).status == 0)
      #expect(world.gradebook() == 31.25)
      try world.database.execute("delete from public.progress")
      #expect(try world.sync(now: false).status == 0)
      #expect(world.gradebook() == 0)
      #expect(world.moodle.platform.grade(user: 3)?.comment == "0 of 4 grains")
    }
  }

  @Test("A version is sent in its turn: what arrives late never lowers the grade")
  func order() throws {
    try World.deliveries(settings: [("PASSERELLE_GRADE_TIMEOUT", "1")]) { world in
      let page = try world.session()
      world.moodle.platform.injectNext(.delay(milliseconds: 2500), at: .score)
      #expect(try page.complete("accueil").json.at("grade.status") == "pending")
      try world.closeBreakers()
      #expect(try page.complete("bilan").json.at("grade.status") == "delivered")
      #expect(world.gradebook() == 50)
      try eventually {
        world.moodle.platform.requests().contains { $0.fault == "delay" && $0.status != nil }
      }
      #expect(world.gradebook() == 50)
      #expect(world.moodle.platform.audit().decreases.isEmpty)
    }
  }
}
