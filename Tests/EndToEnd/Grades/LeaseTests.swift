import DemoMoodle
import TestSupport
import Testing
import Wire

/// Two processes and one grade: one posts at a time, and the newest version is sent.
@Suite(.needsStack) struct LeaseTests {
  @Test("Reports at the same instant: one score at a time, and the last version is there when all have answered")
  func simultaneousReports() throws {
    try World.deliveries { world in
      let page = try world.session()
      // Slow enough that the others commit while one is posting.
      world.strike(.delayAfterStore(milliseconds: 150))
      let answers = simultaneously(TestDatabase.grains.count) { try page.complete(TestDatabase.grains[$0]) }
      for answer in answers { #expect(try answer.get().status == 200) }
      // Nobody ran `grade sync`.
      #expect(world.gradebook() == 100)
      #expect(try world.gradeRow().status == "delivered")
      #expect(world.moodle.platform.audit().overlaps.isEmpty)
      #expect(world.moodle.platform.audit().decreases.isEmpty)
    }
  }

  @Test("A newer version committed while the holder is posting is sent by the holder before it lets go")
  func holderLooksAgain() throws {
    try World.deliveries { world in
      let page = try world.session()
      world.moodle.platform.injectNext(.delayAfterStore(milliseconds: 3500), at: .score)
      let holder = try InterruptedRequest(world, token: page.token, body: ["grain": "accueil", "status": "completed"])
      try eventually { world.gradebook() == 25 }
      // The second does not wait for the first.
      var second: HTTPResponse?
      let time = try ContinuousClock().measure { second = try page.complete("bilan") }
      #expect(try second?.json.at("grade.status") == "pending")
      #expect(time < .seconds(2), "\(time)")
      let answer = try holder.answer().json
      #expect(answer.at("grade.status") == "delivered" && answer.at("grade.score") == 50)
      #expect(world.gradebook() == 50)
      #expect(world.posts == 2)
    }
  }

  @Test("A newer version committed while a post fails is due at once")
  func newerAfterFailure() throws {
    try World.deliveries { world in
      let page = try world.session()
      world.moodle.platform.setEnrolment(.none, user: 3)
      world.moodle.platform.injectNext(.delay(milliseconds: 600), at: .score)
      let holder = try InterruptedRequest(world, token: page.token, body: ["grain": "exercice", "status": "completed"])
      try eventually { world.posts == 1 }
      try page.complete("bilan")
      _ = try holder.answer()
      world.moodle.platform.setEnrolment(.active, user: 3)
      #expect(try world.gradeRow().status == "pending")
      #expect(try world.sync(now: false).status == 0)
      #expect(world.gradebook() == 50)
    }
  }

  @Test("Two grade sync side by side post each grade once")
  func twoSyncs() throws {
    try World.deliveries { world in
      let users = Array(101...116)
      let pages = try users.map { try world.session(user: $0) }
      world.strike(.status(503))
      for page in pages { try page.complete("accueil") }
      world.strike(.delayAfterStore(milliseconds: 50))
      let posts = world.posts
      let runs = try simultaneously(2) { _ in try world.sync() }.map { try $0.get() }
      #expect(runs.contains { $0.status == 0 })
      #expect(world.posts - posts == users.count)
      #expect(try world.sync().status == 0)
      for user in users { #expect(world.gradebook(user: user) == 25) }
      #expect(world.moodle.platform.audit().overlaps.isEmpty)
    }
  }

  @Test("A sync and the learners' own requests never post at the same time for one learner")
  func syncAndRequests() throws {
    try World.deliveries { world in
      let pages = try (101...104).map { try world.session(user: $0) }
      world.strike(.delayAfterStore(milliseconds: 60))
      let results = simultaneously(pages.count + 2) { number -> Void in
        if number >= pages.count {
          for _ in 1...4 { _ = try world.sync() }
        } else {
          for grain in TestDatabase.grains { try pages[number].complete(grain) }
        }
      }
      for result in results { try result.get() }
      #expect(try world.sync().status == 0)
      for user in 101...104 { #expect(world.gradebook(user: user) == 100) }
      #expect(world.moodle.platform.audit().overlaps.isEmpty)
      #expect(world.moodle.platform.audit().decreases.isEmpty)
    }
  }

  @Test("A holder whose lease was taken over does not record")
  func lostLease() throws {
    try World.deliveries { world in
      let page = try world.session()
      world.moodle.platform.injectNext(.delayAfterStore(milliseconds: 800), at: .score)
      let holder = try InterruptedRequest(world, token: page.token, body: ["grain": "accueil", "status": "completed"])
      try eventually { world.gradebook() == 25 }
      try world.endLeases()
      try world.database.execute("update passerelle.enrolments set lease = gen_random_uuid()")
      #expect(try holder.answer().json.at("grade.status") == "pending")
      #expect(try world.gradeRow().status == "pending")
      #expect(try world.sync().status == 0)
      #expect(world.posts == 1)
    }
  }

  @Test("A delivery that is recorded twice counts once: the newer version stays owed")
  func recordedTwice() throws {
    try World.deliveries { world in
      let page = try world.session()
      world.strike(.status(503))
      try page.complete("accueil")
      try world.closeBreakers()
      // What a holder does whose first recording was answered by nobody: the pooler was restarted.
      let lease: String = try world.database.value(
        """
        select (passerelle.take(array_agg(id), 60)::json -> 0 ->> 'lease') from passerelle.enrolments
        """)
      let version = try world.gradeRow().version
      try world.database.execute(
        """
        insert into public.progress (learner, grain, status)
        select l.id, g.id, 'completed' from public.learners l, public.grains g where g.slug = 'bilan'
        """)
      for _ in 1...2 {
        let next: String? = try world.database.first(
          """
          select next from passerelle.grade_delivered(
            (select id from passerelle.enrolments), \(lease)::uuid, \(version), 25, 100, true, 60)
          """)
        #expect(next?.contains("\"score\" : 50") == true)
      }
      #expect(try world.database.value("select delivered_ratio::float8 from passerelle.enrolments") == 0.25)
      #expect(try world.gradeRow().status == "pending")
      world.strike(nil)
      try world.endLeases()
      #expect(try world.sync().status == 0)
      #expect(world.gradebook() == 50)
    }
  }
}
