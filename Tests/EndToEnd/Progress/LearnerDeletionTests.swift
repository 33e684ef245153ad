import DemoMoodle
import Postgres
import TestSupport
import Testing
import Wire

/// A learner whom staff delete in Directus: `delete from learners`, whatever goes on at that moment.
@Suite(.needsStack) struct LearnerDeletionTests {
  /// What the machinery still knows of anybody.
  private func traces(_ world: World) throws -> String {
    try world.database.value(
      """
      select concat_ws(' ', (select count(*) from passerelle.identities), (select count(*) from passerelle.enrolments),
        (select count(*) from passerelle.sessions), (select count(*) from passerelle.codes),
        (select count(*) from passerelle.progress_rows), (select count(*) from public.grades))
      """)
  }

  @Test(
    "Deleting a learner ends their sessions and codes and forgets the rest; the next launch makes a new profile",
    arguments: Shape.allCases)
  func deleted(shape: Shape) throws {
    try World.run(.inProcess, on: shape) { world in
      let page = try world.session()
      let other = try world.session(user: 4)
      try other.complete("accueil")
      try page.complete("accueil")
      let code = try world.code(of: try world.launch())
      let former = try #require(page.opened.at("learner.id")?.stringValue)
      let otherLearner = try #require(other.opened.at("learner.id")?.stringValue)
      try world.edit(.deleteLearner(former))

      #expect(Refused(try page.progress()) == Refused(401, "invalid_token"))
      #expect(Refused(try page.complete("bilan")) == Refused(401, "invalid_token"))
      let trade = try world.post("/api/session", json: ["code": .string(code)], fields: [])
      #expect(Refused(trade) == Refused(400, "invalid_code"))
      // The other's session, identity, enrolment, progress and grade.
      #expect(try traces(world) == "1 1 1 0 1 1")
      #expect(try world.command("grade", "sync").status == 0)
      #expect(world.moodle.platform.grade(user: 3)?.grade == 25)

      let again = try world.session()
      let new = try #require(again.opened.at("learner.id")?.stringValue)
      #expect(new != former && new != otherLearner)
      #expect(again.opened.at("learner.name") == page.opened.at("learner.name"))
      #expect(again.opened.at("progress.completed") == 0)
      try again.complete("accueil")
      try again.complete("bilan")
      #expect(world.moodle.platform.grade(user: 3)?.grade == 50)
    }
  }

  @Test("A learner deleted while their grade is on its way: the courier lets go, and nobody else's grade is late")
  func underWay() throws {
    try World.run(.inProcess) { world in
      let page = try world.session()
      world.moodle.platform.injectNext(.delayAfterStore(milliseconds: 800), at: .score)
      let holder = try InterruptedRequest(world, token: page.token, body: ["grain": "accueil", "status": "completed"])
      try eventually { world.gradebook() == 25 }
      try world.database.execute("delete from public.learners")
      let answer = try holder.answer()
      #expect(answer.status == 200)
      #expect(try answer.json.at("grade.status") == "none")
      #expect(try traces(world) == "0 0 0 0 0 0")
      #expect(try world.sync().status == 0)
      // The new profile's grade takes the place of the old one's.
      try world.session().complete("bilan", score: 0.4)
      #expect(world.gradebook() == 10)
    }
  }

  @Test("A learner deleted while grade sync delivers, or while the platform refuses: nothing is left to do")
  func duringSync() throws {
    try World.run(.inProcess) { world in
      let cases: [(Fault, Double)] = [(.delayAfterStore(milliseconds: 600), 0.25), (.delay(milliseconds: 600), 0.75)]
      for (fault, score) in cases {
        world.strike(.status(503))
        try world.session().complete("accueil", score: score)
        world.strike(nil)
        try world.closeBreakers()
        world.moodle.platform.injectNext(fault, at: .score)
        let posts = world.posts
        let runs = simultaneously(2) { number -> Int32 in
          if number == 0 { return try world.sync().status }
          try eventually { world.posts > posts }
          try world.database.execute("delete from public.learners")
          return 0
        }
        #expect(try runs.map { try $0.get() } == [0, 0])
        #expect(try traces(world) == "0 0 0 0 0 0")
      }
    }
  }

  @Test(
    "A learner deleted at the instant of a click: the click counts or is refused, and is never a fault of ours",
    arguments: Shape.allCases)
  func atTheInstant(shape: Shape) throws {
    try World.run(.inProcess, on: shape) { world in
      for user in 101...112 {
        let page = try world.session(user: user)
        let learner = try #require(page.opened.at("learner.id")?.stringValue)
        let database = world.database
        let results = simultaneously(3) { number -> Refused in
          if number > 0 { return Refused(try page.complete(TestDatabase.grains[number])) }
          try database.execute(StaffEdit.deleteLearner(learner).sql(shape))
          return Refused(200, nil)
        }
        for result in results {
          #expect([Refused(200, nil), Refused(401, "invalid_token")].contains(try result.get()))
        }
      }
      #expect(try traces(world) == "0 0 0 0 0 0")
    }
  }

  @Test("A grain or module deleted under open sessions: the API says so, and what is owed is right")
  func catalogue() throws {
    try World.run(.inProcess) { world in
      let page = try world.session()
      try page.complete("accueil")
      try world.database.execute("delete from public.grains where slug = 'bilan'")
      #expect(Refused(try page.complete("bilan")) == Refused(422, "unknown_grain"))
      #expect(try page.progress().json.at("grade.score") == 33.33333)
      // The grains' progress goes first, then the grains, then the module; the 0 is still delivered.
      try world.database.script(
        "delete from public.progress; delete from public.grains; delete from public.modules")
      #expect(Refused(try page.progress()) == Refused(401, "invalid_token"))
      #expect(try world.command("grade", "sync").status == 0)
      #expect(world.moodle.platform.grade(user: 3)?.grade == 0)
      #expect(try world.launch().final?.text.contains("unknown_module") == true)
    }
  }
}
