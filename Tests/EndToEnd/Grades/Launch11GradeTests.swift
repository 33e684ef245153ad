import JOSE
import TestSupport
import Testing
import Wire

@testable import DemoMoodle

/// Grades through Basic Outcomes: signed for LTI 1.1, with a token for LTI 1.3, by the same outbox as any other.
@Suite(.needsStack) struct Launch11GradeTests {
  @Test("replaceResult carries 0…1, the body's hash and the consumer's signature")
  func request() throws {
    try Launch11Consumer.run { consumer in
      let page = try consumer.ownSession()
      #expect(try page.report(["grain": "accueil", "status": "started"]).json.at("grade.status") == "none")
      // Nothing is owed until there is something to give.
      #expect(consumer.outcomes.isEmpty)
      let answer = try page.report([
        "grains": .array(TestDatabase.grains.prefix(3).map { ["grain": .string($0), "status": "completed"] })
      ])
      #expect(try answer.json.at("grade.status") == "delivered")
      #expect(try answer.json.at("ratio") == 0.75)
      #expect(consumer.gradebook() == 15)
      let request = try #require(consumer.outcomes.first)
      #expect(consumer.outcomes.count == 1)
      #expect(request.mediaType == "application/xml")
      let message = try #require(OutcomeMessage(request.body))
      #expect(message.operation == "replaceResultRequest" && message.score == "0.75")
      let parameters = try #require(request.fields["Authorization"].flatMap(OAuth1.parameters))
      #expect(parameters.first { $0.0 == "oauth_body_hash" }?.1 == Base64.encode(SHA1.hash(request.body)))
      #expect(parameters.first { $0.0 == "oauth_consumer_key" }?.1 == Launch11Consumer.key)
      #expect(consumer.world.moodle.count("/token.php") == 0)
      #expect(try consumer.gradeRow().status == "delivered")
    }
  }

  @Test("Moodle away: the grade is pending, and grade sync delivers it")
  func away() throws {
    try Launch11Consumer.run { consumer in
      let page = try consumer.ownSession()
      let world = consumer.world
      world.strike(.status(503), at: .outcome)
      #expect(try page.complete("accueil").json.at("grade.status") == "pending")
      let row = try consumer.gradeRow()
      #expect(row.status == "pending" && row.errorCode == "grade_platform_unavailable")
      #expect(try world.sync().status == 1)
      world.strike(nil, at: .outcome)
      try world.closeBreakers()
      #expect(try world.sync().status == 0)
      #expect(consumer.gradebook() == 5)
      #expect(try page.progress().json.at("grade.status") == "delivered")
    }
  }

  @Test("An answer lost on its way is looked up with readResult, not sent again")
  func lostAnswer() throws {
    try Launch11Consumer.run { consumer in
      let page = try consumer.ownSession()
      consumer.world.moodle.platform.injectNext(.cutAfterStore, at: .outcome)
      #expect(try page.complete("accueil", score: 0.5).json.at("grade.status") == "delivered")
      #expect(
        consumer.outcomes.map { OutcomeMessage($0.body)?.operation } == ["replaceResultRequest", "readResultRequest"])
      #expect(consumer.gradebook() == 2.5)
    }
  }

  @Test("A request lost on its way is sent by sync")
  func lostRequest() throws {
    try Launch11Consumer.run { consumer in
      let page = try consumer.ownSession()
      consumer.world.moodle.platform.injectNext(.cutBeforeStore, at: .outcome)
      #expect(try page.complete("accueil").json.at("grade.status") == "pending")
      #expect(consumer.gradebook() == nil)
      try consumer.world.closeBreakers()
      #expect(try consumer.world.sync().status == 0)
      #expect(consumer.gradebook() == 5)
    }
  }

  @Test(
    "A locked grade is tried for a day, then parked with words that say so; unlocked and retried it is delivered",
    arguments: [true, false])
  func locked(column: Bool) throws {
    try Launch11Consumer.run { consumer in
      let page = try consumer.ownSession()
      let world = consumer.world
      let item = try #require(world.moodle.platform.grade(user: 3, activity: Launch11Consumer.instance)).lineItem
      let user = column ? nil : 3
      func hours(ago hours: Int) throws {
        try world.database.execute(
          """
          update passerelle.enrolments set failing_since = failing_since - make_interval(hours => \(hours)),
            erring_since = erring_since - make_interval(hours => \(hours))
          """)
      }
      world.moodle.platform.setLocked(true, lineItem: item, user: user)
      #expect(try page.complete("accueil").json.at("grade.status") == "pending")
      let first = try consumer.gradeRow()
      #expect(first.errorCode == "grade_platform_unavailable")
      #expect(first.words?.contains("locked") == false && first.wordsFrench?.contains("verrouillée") == false)
      #expect(first.words?.contains("500") == false && first.wordsFrench?.contains("500") == false)
      // A locked grade is no reason to let the rest of the platform wait.
      #expect(try world.database.count("select from passerelle.platforms where breaker_until > now()") == 0)
      try hours(ago: 23)
      #expect(try world.sync().status == 1)
      #expect(try consumer.gradeRow().status == "pending")
      try hours(ago: 2)
      #expect(try world.sync().status == 1)
      let parked = try consumer.gradeRow()
      #expect(parked.status == "failed" && parked.errorCode == "grade_locked" && parked.wait == nil)
      #expect(parked.words?.contains("for a day") == true && parked.words?.contains("unlock") == true)
      #expect(parked.wordsFrench?.contains("depuis un jour") == true)
      let before = consumer.outcomes.count
      #expect(try world.sync().status == 1)
      #expect(consumer.outcomes.count == before)
      world.moodle.platform.setLocked(false, lineItem: item, user: user)
      #expect(try world.command("grade", "retry", parked.id).status == 0)
      #expect(try world.sync(now: false).status == 0)
      #expect(consumer.gradebook() == 5)
    }
  }

  @Test("A sourcedid whose activity is gone is failed in words for staff, and left alone")
  func deleted() throws {
    try Launch11Consumer.run { consumer in
      let page = try consumer.ownSession()
      let world = consumer.world
      world.moodle.platform.state.withLock { $0.activities.removeAll { $0.instance == Launch11Consumer.instance } }
      #expect(try page.complete("accueil").json.at("grade.status") == "failed")
      let row = try consumer.gradeRow()
      #expect(row.errorCode == "grade_sourced_id_unknown" && row.wait == nil)
      #expect(row.words?.isEmpty == false && row.wordsFrench?.isEmpty == false && row.words != row.wordsFrench)
      let before = consumer.outcomes.count
      #expect(try world.sync().status == 1)
      #expect(consumer.outcomes.count == before)
    }
  }

  @Test("An activity without grades owes none; once it takes them, the next launch brings the grade")
  func noGrades() throws {
    try Launch11Consumer.run { consumer in
      let world = consumer.world
      world.moodle.platform.changeActivity(cmid: Launch11Consumer.cmid) { $0.acceptsGrades = false }
      let page = try consumer.ownSession()
      #expect(try page.complete("accueil").json.at("grade.status") == "none")
      #expect(consumer.outcomes.isEmpty)
      world.moodle.platform.changeActivity(cmid: Launch11Consumer.cmid) { $0.acceptsGrades = true }
      _ = try consumer.ownSession()
      #expect(try world.sync(now: false).status == 0)
      #expect(consumer.gradebook() == 5)
    }
  }

  @Test("A wrong secret waits as unauthorized; registered anew, sync delivers")
  func wrongSecret() throws {
    try Launch11Consumer.run { consumer in
      let page = try consumer.ownSession()
      let world = consumer.world
      world.moodle.platform.changeTool(typeID: 2) { $0.sharedSecret = .init(key: Launch11Consumer.key, secret: "neuf") }
      #expect(try page.complete("accueil").json.at("grade.status") == "pending")
      let row = try consumer.gradeRow()
      #expect(row.errorCode == "grade_unauthorized")
      #expect(row.words?.contains("LTI 1.1 signature: key, secret or clock") == true)
      #expect(row.wordsFrench?.contains("signature LTI 1.1 de l’outil : clé, secret ou horloge") == true)
      // A signature that was refused is not made again.
      #expect(consumer.outcomes.count == 1)
      let run = try Launch11Consumer.add(Launch11Consumer.key, secret: "neuf", issuer: world.moodle.url, world)
      #expect(run.status == 0)
      #expect(try world.sync().status == 0)
      #expect(consumer.gradebook() == 5)
    }
  }

  @Test("Grains completed at the same moment end in the grade of all of them")
  func simultaneous() throws {
    try Launch11Consumer.run { consumer in
      let page = try consumer.ownSession()
      let answers = simultaneously(4) { try page.complete(TestDatabase.grains[$0]).status }
      #expect(try answers.map { try $0.get() } == [200, 200, 200, 200])
      #expect(try consumer.world.sync().status == 0)
      #expect(consumer.gradebook() == 20)
      #expect(consumer.world.moodle.platform.audit().overlaps.isEmpty)
      #expect(consumer.world.moodle.platform.audit().decreases.isEmpty)
    }
  }

  @Test("LTI 1.3 with the lti-bo claim and no line items is graded with a Bearer token, one for all grades")
  func bearer() throws {
    try World.deliveries { world in
      let attempt = try Attempt(world)
      let answer = try attempt.present(try attempt.token([(Claim.ags, nil)]))
      let fragment = try #require(answer.fields["Location"].flatMap { WebURL($0) }?.fragment)
      let page = try MiniSite(world, code: String(fragment.dropFirst("passerelle=".count)))
      for grain in TestDatabase.grains.prefix(3) {
        #expect(try page.complete(grain).json.at("grade.status") == "delivered")
      }
      #expect(world.gradebook() == 75)
      let outcomes = world.moodle.requests.filter { $0.path.hasSuffix("/service.php") }
      #expect(outcomes.count == 3)
      #expect(outcomes.allSatisfy { $0.fields["Authorization"]?.hasPrefix("Bearer ") == true })
      #expect(world.posts == 0 && world.moodle.count("/token.php") == 1)
      let asked = try #require(world.moodle.requests.first { $0.path.hasSuffix("/token.php") })
      #expect(asked.postValue("scope") == "https://purl.imsglobal.org/spec/lti-bo/scope/basicoutcome")
      // A token that Moodle has forgotten is replaced within the request.
      world.moodle.platform.revokeTokens()
      #expect(try page.complete("bilan").json.at("grade.status") == "delivered")
      #expect(world.gradebook() == 100 && world.moodle.count("/token.php") == 2)
    }
  }

  @Test("Where the tool may neither find nor make a line item, the lti-bo claim is what the grade goes through")
  func noLineItemToBeHad() throws {
    try World.deliveries { world in
      let ags = "https://purl.imsglobal.org/spec/lti-ags/scope/"
      // No line item belongs to that activity, and "grade sync only" does not let the tool make one.
      let claims: [(String, JSONValue?)] = [
        (Claim.resourceLink, ["id": "99"]),
        (
          Claim.ags,
          [
            "scope": [
              .string(ags + "lineitem.readonly"), .string(ags + "result.readonly"), .string(ags + "score"),
            ],
            "lineitems": .string(world.moodle.url + "/mod/lti/services.php/2/lineitems?type_id=1"),
          ]
        ),
      ]
      let page = try launched(world, claims)
      #expect(try page.complete("accueil").json.at("grade.status") == "delivered")
      #expect(world.gradebook() == 25 && world.posts == 0)
      // Looked for once: until the next launch the place is known, and so is its token.
      #expect(world.moodle.count("/lineitems") == 1 && world.moodle.count("/token.php") == 2)
      #expect(try page.complete("bilan").json.at("grade.status") == "delivered")
      #expect(world.gradebook() == 50)
      #expect(world.moodle.count("/lineitems") == 1 && world.moodle.count("/token.php") == 2)
      #expect(world.moodle.count("/service.php") == 2)
      // What went there is taken back there, also when a launch came in between.
      try launched(world, claims)
      let withdrawal = try world.command("grade", "withdraw", world.gradeRow(activity: 99).id)
      #expect(withdrawal.status == 0, "\(withdrawal.errorText)")
      #expect(world.gradebook() == nil)
    }
  }

  @Test("A tool whose line items were switched off goes on through the lti-bo claim, and back when they return")
  func lineItemsSwitchedOff() throws {
    try World.deliveries { world in
      try launched(world, []).complete("accueil")
      #expect(world.gradebook() == 25 && world.posts == 1)
      let page = try launched(world, [(Claim.ags, nil)])
      #expect(try page.complete("bilan").json.at("grade.status") == "delivered")
      #expect(world.gradebook() == 50 && world.posts == 1 && world.moodle.count("/service.php") == 1)
      #expect(try launched(world, []).complete("exercice").json.at("grade.status") == "delivered")
      #expect(world.gradebook() == 75 && world.posts == 2 && world.moodle.count("/service.php") == 1)
    }
  }

  /// A session of a learner's LTI 1.3 launch with these claims changed.
  @discardableResult
  private func launched(_ world: World, _ changes: [(String, JSONValue?)]) throws -> MiniSite {
    let attempt = try Attempt(world)
    let answer = try attempt.present(try attempt.token(changes))
    let fragment = try #require(answer.fields["Location"].flatMap { WebURL($0) }?.fragment)
    return try MiniSite(world, code: String(fragment.dropFirst("passerelle=".count)))
  }
}
