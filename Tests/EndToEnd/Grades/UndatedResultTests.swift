import DemoMoodle
import TestSupport
import Testing
import Wire

/// Basic Outcomes: results without dates, of which the last to arrive counts.
@Suite(.needsStack) struct UndatedResultTests {
  /// A launch whose platform offers Basic Outcomes and no line items.
  private func session(_ world: World) throws -> MiniSite {
    let attempt = try Attempt(world)
    let answer = try attempt.present(try attempt.token([(Claim.ags, nil)]))
    let fragment = try #require(answer.fields["Location"].flatMap { WebURL($0) }?.fragment)
    return try MiniSite(world, code: String(fragment.dropFirst("passerelle=".count)))
  }

  private func results(_ world: World) -> Int { world.moodle.count("/service.php") }

  @Test("A result that lands after a newer one is found when the result is read once more, and set right")
  func landsLate() throws {
    try World.deliveries(settings: [("PASSERELLE_GRADE_TIMEOUT", "1")]) { world in
      let page = try session(world)
      world.moodle.platform.injectNext(.delay(milliseconds: 2500), at: .outcome)
      #expect(try page.complete("accueil").json.at("grade.status") == "pending")
      try world.closeBreakers()
      #expect(try page.complete("bilan").json.at("grade.status") == "delivered")
      #expect(world.gradebook() == 50)
      #expect(try world.sync().status == 0)
      try eventually { world.gradebook() == 25 }

      // Two minutes later, by the timer alone.
      try world.database.execute("update passerelle.enrolments set confirm_at = confirm_at - interval '2 minutes'")
      #expect(try world.sync(now: false).status == 0)
      #expect(world.gradebook() == 50)
      #expect(try world.gradeRow().status == "delivered")
      let asked = results(world)
      #expect(try world.sync(now: false).status == 0)
      #expect(results(world) == asked)
    }
  }

  @Test("A result that did not change is read once more, and that is all")
  func confirmed() throws {
    try World.deliveries { world in
      let page = try session(world)
      world.moodle.platform.injectNext(.cutBeforeStore, at: .outcome)
      #expect(try page.complete("accueil").json.at("grade.status") == "pending")
      #expect(try world.sync().status == 0)
      #expect(world.gradebook() == 25)
      var asked = results(world)
      // Not before its time.
      #expect(try world.sync().status == 0)
      #expect(results(world) == asked)
      try world.database.execute("update passerelle.enrolments set confirm_at = now()")
      // A platform that is away just then is asked another time; the learner's grade counts as waiting until then.
      world.strike(.status(503), at: .outcome)
      #expect(try world.sync(now: false).status == 1)
      world.strike(nil, at: .outcome)
      #expect(try world.sync().status == 0)
      #expect(try world.gradeRow().status == "delivered")
      asked = results(world)
      #expect(try world.sync().status == 0)
      #expect(results(world) == asked && world.gradebook() == 25)
    }
  }

  @Test("A result without any doubt is not read again")
  func withoutDoubt() throws {
    try World.deliveries { world in
      let page = try session(world)
      #expect(try page.complete("accueil").json.at("grade.status") == "delivered")
      #expect(try world.database.count("select from passerelle.enrolments where confirm_at is not null") == 0)
      #expect(results(world) == 1)
    }
  }

  @Test("A 503 may have been stored: the next attempt sends it again, which does no harm")
  func storedDespiteError() throws {
    try World.deliveries { world in
      let page = try session(world)
      world.moodle.platform.injectNext(.status(504), at: .outcome)
      #expect(try page.complete("accueil").json.at("grade.status") == "pending")
      #expect(results(world) == 1)
      #expect(try world.sync().status == 0)
      #expect(world.gradebook() == 25)
      #expect(try world.database.count("select from passerelle.enrolments where confirm_at is not null") == 1)
    }
  }
}
