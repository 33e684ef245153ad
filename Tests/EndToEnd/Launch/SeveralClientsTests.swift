import DemoMoodle
import TestSupport
import Testing
import Wire

/// Two tools of one Moodle: one issuer, two client ids, each with a deployment of its own.
@Suite(.needsStack) struct SeveralClientsTests {
  private static let activities = [
    Activity(), Activity(cmid: 3, instance: 2, name: "Le même module, autre outil", typeID: 2),
  ]

  private func run(_ transport: Transport = .inProcess, _ body: (World) throws -> Void) throws {
    try World.run(transport, activities: Self.activities) { world in
      let second = DemoMoodle.Tool.passerelle(at: world.tool.base.description, clientID: "secondClient", typeID: 2)
      world.moodle.platform.addTool(second)
      let added = try world.command(
        "platform", "add", "--issuer", world.moodle.url, "--client-id", second.clientID, "--deployment-id", "2")
      try #require(added.status == 0, "\(added.errorText)")
      try body(world)
    }
  }

  @Test("Both launch, lead to one learner, and get their grades with tokens of their own", arguments: Transport.both)
  func both(transport: Transport) throws {
    try run(transport) { world in
      #expect(try world.database.count("select from passerelle.platforms") == 1)
      let first = try world.session()
      let second = try world.session(cmid: 3)
      #expect(first.opened.at("learner.id") == second.opened.at("learner.id"))
      try first.complete("accueil")
      try second.complete("bilan")
      #expect(try world.sync().status == 0)
      #expect(world.gradebook() == 50 && world.gradebook(activity: 2) == 50)
      #expect(try world.database.count("select from passerelle.access_tokens") == 2)
      #expect(try world.database.count("select from public.learners") == 1)
    }
  }

  @Test("A message for one is none for the other, and a deployment belongs to its own client")
  func apart() throws {
    try run { world in
      let audience = try Attempt(world)
      #expect(
        Refused(try audience.present(try audience.token([("aud", "secondClient")])))
          == Refused(400, "launch_audience_mismatch"))
      let deployment = try Attempt(world)
      #expect(
        Refused(try deployment.present(try deployment.token([(Claim.deploymentID, "2")])))
          == Refused(400, "launch_deployment_unknown"))
      // The offered line names the client whose launch it was.
      let line = try #require(try world.tool.log.split(separator: "\n").last { $0.contains("to accept it") })
      #expect(line.contains("--client-id \(world.moodle.platform.tool.clientID) --deployment-id 2"))
    }
  }
}
