import DemoMoodle
import Foundation
import TestSupport
import Testing
import Wire

/// The course's members behind `/api/roster`: when Moodle is asked, and what is answered when it does not answer.
@Suite(.needsStack) struct MembershipTests {
  @Test("Moodle is asked once in five minutes, whoever looks and at whichever activity", arguments: Transport.both)
  func kept(transport: Transport) throws {
    let second = Activity(cmid: 3, instance: 2, name: "Suite")
    try World.run(transport, activities: [Activity(), second]) { world in
      let teachers = try [Teacher(world, user: 8), Teacher(world, user: 11), Teacher(world, user: 8, cmid: 3)]
      for teacher in teachers + teachers {
        #expect(try teacher.roster().names.contains("Éloïse Lefèvre"))
      }
      #expect(world.moodle.membershipRequests == 1)
      #expect(world.moodle.count("/token.php") == 1)
      let request = try #require(world.moodle.requests.last { $0.path.hasSuffix("/memberships") })
      #expect(request.fields["Accept"] == "application/vnd.ims.lti-nrps.v2.membershipcontainer+json")
      // Somebody enrols: seen when five minutes are over.
      world.moodle.platform.changePerson(9) {
        $0.role = .student; $0.enrolment = .active
      }
      try world.ageMembers(minutes: 4)
      let before = try teachers[0].roster()
      #expect(before["Olga Dehors"] == nil)
      try world.ageMembers(minutes: 1)
      let after = try teachers[0].roster()
      #expect(after["Olga Dehors"]?["launched"] == false)
      #expect(world.moodle.membershipRequests == 2 && world.moodle.count("/token.php") == 1)
      #expect(before.json["membershipsAt"] != after.json["membershipsAt"])
    }
  }

  @Test("A big course is read page by page, everybody once")
  func pages() throws {
    try World.run(.inProcess, registered: false) { world in
      let crowd = try Moodle(base: world.tool.base, people: Person.everyone + Person.learners(600)) {
        (request) throws(TransportFailure) in try world.tool.send(request)
      }
      defer { crowd.stop() }
      try world.register(crowd)
      var browser = world.browser(crowd)
      let page = try MiniSite(world, code: try world.code(of: try browser.launch(user: 8)))
      let roster = try Teacher(page).roster()
      #expect(roster.learners.count == 606)
      #expect(Set(roster.names).count == 606)
      #expect(
        crowd.requests.filter { $0.path.hasSuffix("/memberships") }.map(\.query) == [
          "limit=250", "limit=250&from=250", "limit=250&from=500",
        ])
    }
  }

  @Test("A token that Moodle forgot is replaced, once")
  func forgottenToken() throws {
    try World.run(.inProcess) { world in
      let teacher = try Teacher(world)
      _ = try teacher.roster()
      world.moodle.platform.revokeTokens()
      try world.ageMembers(minutes: 6)
      #expect(try teacher.roster().learners.count == 56)
      #expect(world.moodle.membershipRequests == 3 && world.moodle.count("/token.php") == 2)
      // Tokens that are never taken: one more is tried, then the roster is answered as it is known.
      try world.ageMembers(minutes: 6)
      world.moodle.platform.injectNext(.status(401), .status(401), .status(401), at: .members)
      #expect(try teacher.roster().learners.count == 56)
      #expect(world.moodle.membershipRequests == 5 && world.moodle.count("/token.php") == 3)
      #expect(try world.tool.log.contains("memberships not read platform=127.0.0.1"))
      #expect(try world.tool.log.contains("service_unauthorized"))
    }
  }

  static let faults: [(Endpoint, Fault, String)] = [
    (.members, .status(503), "service_unavailable status=503"), (.members, .status(403), "service_forbidden"),
    (.members, .status(404), "service_not_found"), (.members, .cutBeforeStore, "transport_closed_early"),
    (.members, .delay(milliseconds: 3000), "transport_timed_out"), (.token, .status(503), "token_unavailable"),
    (.token, .cutBeforeStore, "transport_closed_early"),
  ]

  @Test("While Moodle is away the roster has who came, or the members as they were last known", arguments: faults)
  func away(endpoint: Endpoint, fault: Fault, words: String) throws {
    try World.run(.inProcess, settings: [("PASSERELLE_GRADE_TIMEOUT", "1")]) { world in
      _ = try world.session(user: 3)
      let teacher = try Teacher(world)
      world.moodle.platform.injectNext(fault, at: endpoint)
      let first = try teacher.roster()
      #expect(first.names == ["Éloïse Lefèvre"] && first.json["membershipsAt"] == .null)
      let log = try world.tool.log
      #expect(log.contains("memberships not read platform=127.0.0.1") && log.contains(words), "\(log)")
      // Back again; what kept somebody waiting is left in peace for half a minute.
      try world.database.execute("update passerelle.membership_lists set retry_at = now()")
      #expect(try teacher.roster().learners.count == 56)
      try world.ageMembers(minutes: 60)
      if endpoint == .token { try world.database.execute("delete from passerelle.access_tokens") }
      world.moodle.platform.injectNext(fault, at: endpoint)
      let old = try teacher.roster()
      #expect(old.learners.count == 56)
      let readAt = try #require(old.json["membershipsAt"]?.stringValue.flatMap { Instant(rfc3339: $0) })
      #expect(Instant.now().seconds - readAt.seconds >= 3600)
    }
  }

  @Test("A Moodle that keeps teachers waiting, or asks for a pause, is not asked again at once")
  func pauses() throws {
    try World.run(.inProcess, settings: [("PASSERELLE_GRADE_TIMEOUT", "1")]) { world in
      let teacher = try Teacher(world)
      func left() throws -> Double {
        try world.database.value("select extract(epoch from retry_at - now())::float8 from passerelle.membership_lists")
      }
      world.moodle.platform.injectNext(.delay(milliseconds: 3000), at: .members)
      _ = try teacher.roster()
      #expect((25...30).contains(try left()))
      let asked = world.moodle.requests.count
      let time = try ContinuousClock().measure { _ = try teacher.roster() }
      #expect(time < .milliseconds(500) && world.moodle.requests.count == asked)
      #expect(try world.tool.log.contains("it failed a moment ago"))
      try world.database.execute("update passerelle.membership_lists set retry_at = now()")
      world.moodle.platform.injectNext(.status(503, retryAfter: 3600), at: .members)
      _ = try teacher.roster()
      #expect((290...300).contains(try left()))
      try world.database.execute("update passerelle.membership_lists set retry_at = now()")
      #expect(try teacher.roster().learners.count == 56)
      #expect(try world.database.value("select retry_at is null from passerelle.membership_lists") == true)
      // Nor is one that has just failed to take a grade.
      try world.ageMembers(minutes: 6)
      try world.database.execute("update passerelle.platforms set breaker_until = now() + interval '1 minute'")
      let before = world.moodle.membershipRequests
      #expect(try teacher.roster().learners.count == 56)
      #expect(world.moodle.membershipRequests == before)
    }
  }

  @Test("Two teachers at once ask twice at most, and no transaction is open meanwhile")
  func atOnce() throws {
    try World.run(.inProcess) { world in
      let teachers = try [Teacher(world, user: 8), Teacher(world, user: 11), Teacher(world, user: 10)]
      world.moodle.platform.injectNext(
        .delay(milliseconds: 1500), .delay(milliseconds: 1500), .delay(milliseconds: 1500), at: .members)
      let results = simultaneously(3) { index -> Int in
        guard index < 2 else {
          // Looks on while the two wait for Moodle.
          while world.moodle.membershipRequests < 2 { usleep(20_000) }
          return try world.database.value(
            """
            select count(*)::integer from pg_stat_activity
            where datname = current_database() and pid <> pg_backend_pid() and state <> 'idle'
            """)
        }
        return try teachers[index].roster().learners.count
      }
      #expect(try results.map { try $0.get() } == [55, 55, 0])
      #expect(world.moodle.membershipRequests == 2)
      #expect(try teachers[2].roster().learners.count == 55)
      #expect(world.moodle.membershipRequests == 2)
      #expect(try world.database.value("select count(*)::integer from passerelle.members") == 58)
    }
  }

  @Test("Nothing is asked where Moodle names no list: by LTI 1.1, or when the tool may not read it")
  func withoutService() throws {
    try Launch11Consumer.run(.inProcess) { consumer in
      let world = consumer.world
      _ = try consumer.ownSession(user: 3)
      let roster = try Teacher(consumer.ownSession(user: 8)).roster()
      #expect(roster.names == ["Éloïse Lefèvre"] && roster.json["membershipsAt"] == .null)
      #expect(world.moodle.membershipRequests == 0)
      let attempt = try Attempt(world)
      let token = try attempt.token(
        user: 8, [("https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice", nil)])
      let fragment = try #require(try attempt.present(token).fields["Location"]).split(separator: "=").last
      let teacher = try Teacher(MiniSite(world, code: String(try #require(fragment))))
      #expect(try teacher.roster().learners.isEmpty)
      #expect(world.moodle.membershipRequests == 0)
    }
  }

  @Test("Members are forgotten after a day by sweep, and at once with their learner")
  func forgotten() throws {
    try World.run(.inProcess) { world in
      _ = try world.session(user: 3)
      let teacher = try Teacher(world)
      #expect(try teacher.roster().names.contains("Éloïse Lefèvre"))
      try world.database.execute("delete from public.learners where name = 'Éloïse Lefèvre'")
      #expect(try world.database.count("select from passerelle.members where subject = '3'") == 0)
      #expect(try world.database.count("select from passerelle.members") == 57)
      try world.ageMembers(minutes: 23 * 60)
      #expect(try world.command("sweep").text.contains(" 0 lists of members"))
      try world.ageMembers(minutes: 61)
      #expect(try world.command("sweep").text.contains(" 1 lists of members"))
      #expect(try world.database.count("select from passerelle.members") == 0)
      #expect(try world.database.count("select from passerelle.membership_lists") == 0)
      // What is kept of a member is what the roster shows.
      _ = try teacher.roster()
      #expect(
        try !world.database.value("select string_agg(m::text, ' ') from passerelle.members m", as: String.self)
          .contains("ID-student"))
    }
  }

  @Test("A name that Moodle does not share is not there, and the log names nobody")
  func privacy() throws {
    try World.run(.inProcess) { world in
      _ = try Teacher(world).roster()
      let log = try world.tool.log
      #expect(log.contains("memberships read platform=127.0.0.1") && log.contains("members=58"))
      for secret in ["Lefèvre", "student1", "Bearer", "learner1@"] { #expect(!log.contains(secret)) }
    }
  }
}
