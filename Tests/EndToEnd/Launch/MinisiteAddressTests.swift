import Postgres
import Testing

/// Where a module's own address may lead, and what is said when it may not.
@Suite(.needsStack) struct MinisiteAddressTests {
  private func give(_ url: String, _ world: World) throws {
    try world.database.execute("update public.modules set url = \(url)")
  }

  private func notice(_ world: World) throws -> String? {
    try world.database.value("select notice from public.modules")
  }

  @Test(
    "A launch follows a module's address, written with accents as people do",
    arguments: [
      ("https://cours.example/a", "https://cours.example/a"),
      ("https://école.example/été/?leçon=1", "https://xn--cole-9oa.example/%C3%A9t%C3%A9/?le%C3%A7on=1"),
    ])
  func follows(_ written: String, _ target: String) throws {
    try World.run(.inProcess) { world in
      try give(written, world)
      let trace = try world.launch()
      #expect(trace.final?.response.status == 303)
      #expect(trace.location?.withFragment(nil).description == target)
      let origin = try #require(trace.location?.origin.description)
      let answer = try world.send("OPTIONS", "/api/progress", fields: [("Origin", origin)])
      #expect(answer.fields["Access-Control-Allow-Origin"] == origin)
    }
  }

  @Test("An address that cannot be used is refused in words and told to staff, and never replaced by the settings'")
  func unusable() throws {
    try World.run(.inProcess) { world in
      try give("https://exemple .org:port/", world)
      let refused = try #require(try world.launch().final?.response)
      #expect(Refused(refused) == Refused(500, "minisite_unusable"))
      #expect(refused.text.contains("ne peut") || refused.text.contains("cannot be used"))
      #expect(try world.tool.log.contains("minisite_unusable POST /lti/launch module decouverte"))
      let told = try #require(try notice(world))
      #expect(told.hasPrefix("⚠ L’adresse de ce module n’est pas utilisable"))
      #expect(told.contains("This module’s address cannot be used"))
      // Whoever corrects it sees at once that nothing is wrong any more, and the launch goes on.
      try give("https://cours.example/", world)
      #expect(try notice(world) == nil)
      #expect(try world.launch().location?.host == "cours.example")
    }
  }

  @Test(
    "Outside PASSERELLE_MINISITE_ORIGINS nothing is opened and no page may call the API; staff are told where it led")
  func forbidden() throws {
    let origins = ("PASSERELLE_MINISITE_ORIGINS", "https://minisite.example, https://cours.example:8443")
    try World.run(.inProcess, settings: [origins]) { world in
      #expect(try world.launch().location?.host == "minisite.example")
      try give("https://elsewhere.example/x", world)
      let refused = try #require(try world.launch().final?.response)
      #expect(Refused(refused) == Refused(500, "minisite_forbidden"))
      #expect(!refused.text.contains("elsewhere.example"))
      #expect(try world.tool.log.contains("https://elsewhere.example, which PASSERELLE_MINISITE_ORIGINS does not name"))
      #expect(try notice(world)?.contains("mène à https://elsewhere.example") == true)
      let answer = try world.send("OPTIONS", "/api/progress", fields: [("Origin", "https://elsewhere.example")])
      #expect(answer.fields["Access-Control-Allow-Origin"] == nil)
      try give("https://cours.example:8443/x", world)
      #expect(try world.launch().location?.port == 8443)
    }
  }

  @Test("The sweep tells staff without waiting for a learner, and takes it back when the settings allow the address")
  func sweep() throws {
    try World.run(.inProcess, settings: [("PASSERELLE_MINISITE_ORIGINS", "https://minisite.example")]) { world in
      try give("https://cours.example/", world)
      #expect(try world.command("sweep").status == 0)
      #expect(try notice(world)?.contains("https://cours.example") == true)
      try world.tool.set("PASSERELLE_MINISITE_ORIGINS", "https://minisite.example,https://cours.example")
      #expect(try world.command("sweep").status == 0)
      #expect(try notice(world) == nil)
      // What else is said at the time stays.
      try world.database.execute(
        "update public.modules set notice = 'Les notes se recalculent', url = 'https://a.example/'")
      #expect(try world.command("sweep").status == 0)
      #expect(try notice(world) == "Les notes se recalculent")
    }
  }
}
