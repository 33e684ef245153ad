import DemoMoodle
import TestSupport
import Testing
import Wire

/// One person, one profile: the same Moodle by LTI 1.1 and by LTI 1.3.
@Suite(.needsStack) struct Launch11ProfileTests {
  /// Which version a person is launched by first.
  enum First: String, CaseIterable, CustomTestStringConvertible {
    case lti11 = "LTI 1.1 first"
    case lti13 = "LTI 1.3 first"
    var testDescription: String { rawValue }
  }

  @Test("The same Moodle user is one learner by both versions, whichever came first", arguments: First.allCases)
  func order(first: First) throws {
    try Launch11Consumer.run { consumer in
      let world = consumer.world
      let cmids = first == .lti11 ? [Launch11Consumer.cmid, 2] : [2, Launch11Consumer.cmid]
      let pages = try cmids.map { try world.session(cmid: $0) }
      #expect(pages[0].opened.at("learner.id") == pages[1].opened.at("learner.id"))
      #expect(try world.database.count("select from public.learners") == 1)
      #expect(try world.database.count("select from passerelle.identities") == 1)
      #expect(try world.database.count("select from passerelle.platforms") == 1)
      // Another user is another learner.
      let other = try consumer.ownSession(user: 4)
      #expect(other.opened.at("learner.id") != pages[0].opened.at("learner.id"))
      #expect(try world.database.count("select from public.learners") == 2)
    }
  }

  @Test("Many launches by both versions at once make one learner", arguments: Transport.both)
  func simultaneous(transport: Transport) throws {
    try Launch11Consumer.run(transport) { consumer in
      let world = consumer.world
      let launches = simultaneously(8) { try world.code(of: try world.launch(cmid: $0.isMultiple(of: 2) ? 2 : 3)) }
      let codes = try launches.map { try $0.get() }
      #expect(Set(codes).count == 8)
      #expect(try world.database.count("select from public.learners") == 1)
      #expect(try world.database.count("select from passerelle.enrolments") == 2)
      #expect(try world.database.count("select from passerelle.activities") == 2)
    }
  }

  @Test("Progress made by one version is graded in both activities")
  func grades() throws {
    try Launch11Consumer.run { consumer in
      let world = consumer.world
      let page13 = try world.session()
      let page11 = try consumer.ownSession()
      try page11.complete("accueil")
      try page13.complete("bilan")
      #expect(try world.sync().status == 0)
      #expect(world.gradebook() == 50)
      #expect(consumer.gradebook() == 10)
      #expect(try page11.progress().json.at("completed") == 2)
    }
  }

  @Test("The consumer key of another Moodle brings another person")
  func otherSite() throws {
    try Launch11Consumer.run { consumer in
      let world = consumer.world
      #expect(try Launch11Consumer.add("ailleurs", secret: "x", issuer: "http://other.example", world).status == 0)
      _ = try consumer.ownSession()
      let other = consumer.with(key: "ailleurs", secret: "x")
      _ = try consumer.session(other.launch())
      #expect(try world.database.count("select from public.learners") == 2)
      #expect(try world.database.count("select from passerelle.platforms") == 2)
    }
  }

  @Test("A site that has only LTI 1.1 today and LTI 1.3 tomorrow keeps its people")
  func upgrade() throws {
    try World.run(.inProcess, activities: [Activity(cmid: 3, instance: 2, typeID: 2), Activity()], registered: false) {
      world in
      let consumer = try Launch11Consumer(world)
      let before = try consumer.ownSession()
      let tool = world.moodle.platform.tool
      let added = try world.command(
        "platform", "add", "--name", "Moodle", "--issuer", world.moodle.url + "/", "--client-id", tool.clientID,
        "--deployment-id", String(tool.typeID))
      #expect(added.status == 0 && added.text.contains("known platform"), "\(added.text) \(added.errorText)")
      let after = try world.session()
      #expect(after.opened.at("learner.id") == before.opened.at("learner.id"))
      for words in [["platform", "list", "--json"], ["platform", "show", "Moodle"]] {
        let shown = try ProgramRun.run(Stack.command, arguments: words, environment: world.administration)
        #expect(shown.text.contains(Launch11Consumer.key) && !shown.text.contains(Launch11Consumer.secret), "\(words)")
      }
    }
  }
}
