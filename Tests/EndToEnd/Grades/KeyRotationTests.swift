import DemoMoodle
import TestSupport
import Testing
import Wire

/// The tool's signing keys: made anew in the middle of traffic, published as long as somebody may need them.
@Suite(.needsStack) struct KeyRotationTests {
  private func published(_ world: World) throws -> [String] {
    let answer = try world.send("GET", "/lti/jwks")
    #expect(answer.status == 200)
    return try #require(answer.json["keys"]?.arrayValue).compactMap { $0["kid"]?.stringValue }
  }

  @Test("Keys rotated in the middle of traffic lose no grade", arguments: Transport.both)
  func traffic(transport: Transport) throws {
    try World.run(transport) { world in
      let learners = Array(101...106)
      let pages = try learners.map { try world.session(user: $0) }
      // One thread rotates and throws every token away, the others complete all they have.
      let results = simultaneously(pages.count + 1) { index -> [String] in
        guard index < pages.count else {
          for _ in 0..<6 {
            try world.database.execute("delete from passerelle.access_tokens")
            let rotated = try world.command("key", "rotate")
            if rotated.status != 0 { throw TestDatabase.CommandFailed(words: rotated.errorText) }
          }
          return []
        }
        return try TestDatabase.grains.map {
          try pages[index].complete($0).json.at("grade.status")?.stringValue ?? ""
        }
      }
      let states = try results.flatMap { try $0.get() }
      #expect(states.count == 24 && states.allSatisfy { $0 == "delivered" }, "\(states)")
      for user in learners { #expect(world.gradebook(user: user) == 100, "\(user)") }
      #expect(try world.sync().status == 0)
      #expect(world.posts == 24)
      // Each token request was proven with the key that its assertion names.
      let tokens = world.moodle.platform.requests().filter { $0.endpoint == .token }
      #expect(tokens.count > 1 && tokens.allSatisfy { $0.status == 200 })
      #expect(try published(world).count == 7)
    }
  }

  @Test("A rotated key stays published for 24 hours, a retired one leaves at once", arguments: Transport.both)
  func lifetimes(transport: Transport) throws {
    try World.run(transport) { world in
      let first = try #require(published(world).first)
      #expect(try world.command("key", "rotate").status == 0)
      let both = try published(world)
      #expect(both.count == 2 && both.last == first)
      let second = both[0]
      #expect(
        try world.database.value(
          "select extract(epoch from retired_at - now())::float8 from passerelle.tool_keys where kid = \(first)",
          as: Double.self) > 86_390)
      // A day later.
      try world.database.execute(
        "update passerelle.tool_keys set retired_at = retired_at - interval '24 hours' where kid = \(first)")
      #expect(try published(world) == [second])

      #expect(try world.command("key", "rotate").status == 0)
      let retired = try world.command("key", "retire", second)
      #expect(retired.status == 0)
      let third = try published(world)
      #expect(third.count == 1 && third[0] != second)
      // The one that signs cannot be taken away, and nothing is retired twice.
      let last = try world.command("key", "retire", third[0])
      #expect(last.status == 1 && last.errorText.contains("passerelle key rotate"))
      #expect(try world.command("key", "retire", second).status == 1)
      #expect(try published(world) == third)
      // All are listed, and none shows its private half.
      let list = try world.command("key", "list", "--json")
      let rows = try #require(JSONValue(parsing: list.output).arrayValue)
      #expect(rows.compactMap { $0["kid"]?.stringValue } == [third[0], second, first])
      #expect(rows.count { $0["retiredAt"] == .null } == 1)
      #expect(!list.text.contains("\"d\"") && !list.text.contains("sealed"))
    }
  }

  @Test("A grade whose key was retired under way is sent with the next one")
  func retiredUnderWay() throws {
    try World.run(.inProcess) { world in
      let page = try world.session()
      try page.complete("accueil")
      let first = try #require(published(world).first)
      // Moodle knows the first key; the tool signs with the second, which Moodle has to fetch.
      #expect(try world.command("key", "rotate").status == 0)
      #expect(try world.command("key", "retire", first).status == 0)
      try world.database.execute("delete from passerelle.access_tokens")
      world.moodle.platform.revokeTokens()
      #expect(try page.complete("vocabulaire").json.at("grade.status") == "delivered")
      #expect(world.gradebook() == 50)
    }
  }
}
