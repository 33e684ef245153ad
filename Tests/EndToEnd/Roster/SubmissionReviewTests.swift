import DemoMoodle
import TestSupport
import Testing
import Wire

/// A launch from the gradebook (LTI Submission Review 1.0).
@Suite(.needsStack) struct SubmissionReviewTests {
  private static let forUser = "https://purl.imsglobal.org/spec/lti/claim/for_user"

  /// A review by this user of that one, with these changes to Moodle's claims.
  private func review(
    _ world: World, of subject: JSONValue?, by user: Int, _ changes: [(String, JSONValue?)] = []
  ) throws -> HTTPResponse {
    let attempt = try Attempt(world)
    let claims: [(String, JSONValue?)] = [
      (Claim.messageType, "LtiSubmissionReviewRequest"), (Self.forUser, subject.map { ["user_id": $0] }),
    ]
    return try attempt.present(try attempt.token(user: user, claims + changes))
  }

  @Test(
    "From Moodle's gradebook a teacher comes to the dashboard with the learner chosen", arguments: Transport.allCases)
  func teacher(transport: Transport) throws {
    try World.run(transport) { world in
      let learner = try world.session(user: 3)
      try learner.complete("accueil")
      var browser = world.browser()
      let trace = try browser.review(3, asTeacher: 8)
      #expect(trace.final?.response.status == 303)
      #expect(
        try trace.location?.withFragment(nil) == world.url("/dashboard?learner=\(learner.learner)"))
      let teacher = try Teacher(MiniSite(world, code: try world.code(of: trace)))
      #expect(teacher.page.opened["role"] == "instructor")
      #expect(try teacher.roster("?learner=\(learner.learner)").names == ["Éloïse Lefèvre"])
      #expect(try teacher.roster().learners.count == 56)
      // The state was used like any other's.
      #expect(try world.database.count("select from passerelle.login_states where consumed_at is null") == 0)
    }
  }

  @Test("Somebody who never came as a learner is nobody, and their number stays out of the address")
  func nobody() throws {
    let second = Activity(cmid: 3, instance: 2, name: "Suite")
    try World.run(.inProcess, activities: [Activity(), second]) { world in
      _ = try world.session(user: 4, cmid: 3)
      _ = try world.session(user: 10)
      let dashboard = try world.url("/dashboard?learner=none").description
      for user in ["3", "4", "10", "8", "99999", "x y"] {
        let answer = try review(world, of: .string(user), by: 8)
        #expect(answer.status == 303)
        #expect(answer.fields["Location"]?.hasPrefix(dashboard + "#passerelle=") == true, "\(user)")
      }
      // The same number at another Moodle is another person.
      let other = try Moodle(base: world.tool.base, typeID: 7) { (request) throws(TransportFailure) in
        try world.tool.send(request)
      }
      defer { other.stop() }
      try world.register(other)
      var browser = world.browser(other)
      _ = try browser.launch(user: 3)
      #expect(try review(world, of: "3", by: 8).fields["Location"]?.hasPrefix(dashboard + "#") == true)
    }
  }

  @Test("A learner sees their own work on their own page, and nobody else's", arguments: Transport.both)
  func learner(transport: Transport) throws {
    try World.run(transport) { world in
      _ = try world.session(user: 4)
      let refused = try review(world, of: "4", by: 3)
      #expect(Refused(refused) == Refused(403, "forbidden"))
      #expect(refused.fields["Content-Type"] == "text/html; charset=utf-8")
      #expect(try world.database.count("select from public.learners") == 1)
      let own = try #require(try review(world, of: "3", by: 3).fields["Location"])
      let start = try world.url("/me").description + "#passerelle="
      #expect(own.hasPrefix(start))
      let page = try MiniSite(world, code: String(own.dropFirst(start.count)))
      #expect(page.opened["role"] == "learner" && page.opened.at("learner.name") == "Éloïse Lefèvre")
    }
  }

  @Test("A message that does not say whose work, or in which activity, is refused with its own code")
  func incomplete() throws {
    try World.run(.inProcess) { world in
      for user in [nil, "", 3, .null] as [JSONValue?] {
        let answer = try review(world, of: user, by: 8)
        #expect(Refused(answer) == Refused(400, "launch_for_user_missing"))
      }
      #expect(
        Refused(try review(world, of: "3", by: 8, [(Claim.resourceLink, nil)]))
          == Refused(400, "launch_resource_link_missing"))
      #expect(
        Refused(try review(world, of: "3", by: 8, [(Claim.messageType, "LtiSubmissionReview")]))
          == Refused(400, "launch_message_type_unknown"))
      #expect(try world.database.count("select from passerelle.enrolments") == 0)
    }
  }
}
