import DemoMoodle
import TestSupport
import Testing
import Wire

/// The claim `lti1p1`: another id in LTI 1.3 than in LTI 1.1, and still one person.
@Suite(.needsStack) struct MigrationClaimTests {
  private func learner(_ page: MiniSite) -> String? { page.opened.at("learner.id")?.stringValue }

  @Test(
    "Both ids lead to one learner, whichever came first, and go on doing so without the claim",
    arguments: [true, false])
  func order(lti11First: Bool) throws {
    try MigratedPerson.run { person in
      let first = lti11First ? try person.launch11() : try person.launch13()
      try first.complete("accueil")
      let second = lti11First ? try person.launch13() : try person.launch11()
      #expect(learner(first) == learner(second) && learner(first) != nil)
      #expect(try second.progress().json.at("completed") == 1)
      #expect(try person.learners() == 1)
      #expect(try person.identities().count == 2)
      // The two are one from now on.
      #expect(learner(try person.launch13(nil)) == learner(first))
      #expect(learner(try person.launch11()) == learner(first))
      #expect(try person.learners() == 1)
      #expect(try person.log().allSatisfy { $0.contains("info") })
    }
  }

  @Test("Many launches by both ids at once make one learner", arguments: Transport.both)
  func simultaneous(transport: Transport) throws {
    try MigratedPerson.run(transport) { person in
      let launches = simultaneously(8) { number -> HTTPResponse in
        if number.isMultiple(of: 2) { return try person.launch13Answer() }
        return try person.launch11Answer()
      }
      let answers = try launches.map { try $0.get() }
      #expect(answers.allSatisfy { $0.status == 303 })
      #expect(Set(try person.identities().map { $0.split(separator: " ").last }).count == 1)
      #expect(try person.learners() == 1)
    }
  }

  @Test("A correction that staff made under one id stands under the other")
  func correction() throws {
    try MigratedPerson.run { person in
      _ = try person.launch11()
      try person.world.database.execute("update public.learners set name = 'Éloïse L.'")
      #expect(try person.launch13().opened.at("learner.name") == "Éloïse L.")
    }
  }

  @Test(
    "Two learners of whom one has no progress become one; sessions and grades of both go on", arguments: [true, false])
  func joined(lti11HasProgress: Bool) throws {
    try MigratedPerson.run { person in
      let world = person.world
      let page11 = try person.launch11()
      let page13 = try person.launch13(nil)
      #expect(learner(page11) != learner(page13))
      let (worker, idler) = lti11HasProgress ? (page11, page13) : (page13, page11)
      try worker.complete("accueil")
      let again = try person.launch13()
      #expect(learner(again) == learner(worker))
      #expect(Set(try person.identities().map { $0.split(separator: " ").last.map(String.init) }) == [learner(worker)])
      #expect(try person.log().contains { $0.contains("warning") && $0.contains(learner(idler) ?? "-") })
      // A page that was open all the while records for the one that was kept.
      #expect(try idler.complete("bilan").json.at("completed") == 2)
      #expect(try world.sync().status == 0)
      #expect(world.gradebook() == 50)
      let former = try world.database.values(
        """
        select g.status || ' ' || g.score from public.grades g join passerelle.enrolments e on e.id = g.id
        where e.subject = \(MigratedPerson.former)
        """, as: String.self)
      #expect(former == ["delivered 50"] || former == ["delivered 10"], "\(former)")
      #expect(
        try world.database.count("select from passerelle.enrolments where learner::text = \(learner(idler))") == 0)
    }
  }

  @Test("Two who were both in one activity are one there, too")
  func oneActivity() throws {
    try MigratedPerson.run { person in
      let world = person.world
      // By the former id in the very activity of LTI 1.3: a platform that changed its ids there.
      let before = try person.launch13(nil, [("sub", .string(MigratedPerson.former))])
      try before.complete("accueil")
      let idler = try person.launch13(nil)
      let after = try person.launch13()
      #expect(learner(after) == learner(before))
      #expect(try idler.complete("bilan").json.at("completed") == 2)
      #expect(try world.database.count("select from passerelle.enrolments") == 1)
      #expect(try world.sync().status == 0 && world.gradebook() == 50)
    }
  }

  @Test(
    "Two learners who both have progress stay two, with a warning; staff give it to one, and the next launch joins them"
  )
  func different() throws {
    try MigratedPerson.run { person in
      let world = person.world
      let page11 = try person.launch11()
      try page11.complete("accueil")
      let page13 = try person.launch13(nil)
      try page13.complete("bilan")
      let (one, two) = (try #require(learner(page11)), try #require(learner(page13)))
      let before = try person.identities()
      #expect(learner(try person.launch13()) == two)
      #expect(try person.identities() == before && before.count == 2)
      let line = try #require(try person.log().last)
      #expect(line.contains("warning") && line.contains(one) && line.contains(two) && line.contains("Directus"))
      #expect(try page11.progress().json.at("completed") == 1)

      try world.database.execute("update public.progress set learner = \(one)::uuid")
      let joined = try person.launch13()
      #expect(learner(joined) == one)
      #expect(try joined.progress().json.at("completed") == 2)
      #expect(try world.sync().status == 0)
      #expect(world.gradebook() == 50)
    }
  }

  @Test("An unproven claim is ignored with a line in the log, and the launch goes on without it")
  func unproven() throws {
    try MigratedPerson.run { person in
      let world = person.world
      #expect(try Launch11Consumer.add("ailleurs", secret: "x", issuer: "http://other.example", world).status == 0)
      let former = try person.launch11()
      typealias Signing = MigratedPerson.Signing
      let wrong: [(Signing, String)] = [
        (Signing(secret: "other"), "its signature"), (Signing(nonce: "another"), "its signature"),
        (Signing(isSigned: false), "its signature"), (Signing(key: nil), "no consumer key"),
        (Signing(key: "nobody"), "not this platform's"), (Signing(key: "ailleurs", secret: "x"), "not this platform's"),
      ]
      for (signing, reason) in wrong {
        let page = try person.launch13(signing)
        #expect(learner(page) != learner(former))
        let line = try #require(try person.log().last)
        #expect(line.contains("ignored") && line.contains(reason) && line.contains("warning"), "\(line)")
      }
      #expect(try person.log().count == wrong.count)
      #expect(try person.learners() == 2 && person.identities().count == 2)
      // A secret that does not open proves nothing, and refuses nothing.
      try world.database.execute("update passerelle.consumers set sealed = substr(sealed, 1, length(sealed) - 1)")
      #expect(try person.launch13Answer().status == 303)
      #expect(try person.log().last?.contains("PASSERELLE_SECRET") == true)
      let log = try world.tool.log
      #expect(!log.contains(Launch11Consumer.secret) && !log.contains(MigratedPerson.former))
    }
  }

  @Test("A claim that names the same id, or none, changes nothing and asks nothing")
  func same() throws {
    try MigratedPerson.run { person in
      _ = try person.launch13(.init(userID: "3", secret: "other"))
      _ = try person.launch13(.init(userID: nil, secret: "other"))
      #expect(try person.log().isEmpty && person.identities().count == 1)
    }
  }

  @Test("A teacher who chooses content is the person of the former id, too")
  func deepLink() throws {
    try MigratedPerson.run { person in
      let former = try person.launch11()
      let answer = try person.launch13Answer(
        .init(),
        [
          (Claim.messageType, "LtiDeepLinkingRequest"),
          (Claim.roles, ["http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"]),
          (
            "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings",
            [
              "deep_link_return_url": .string(person.world.moodle.url + "/mod/lti/contentitem_return.php"),
              "accept_types": ["ltiResourceLink"], "accept_presentation_document_targets": ["iframe"],
            ]
          ),
        ])
      #expect(answer.status == 303, "\(answer.text)")
      #expect(learner(try person.consumer.session(answer)) == learner(former))
    }
  }
}
