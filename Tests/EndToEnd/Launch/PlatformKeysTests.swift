import DemoMoodle
import JOSE
import TestSupport
import Testing
import Wire

/// The platform's key set: fetched when needed, kept, renewed with restraint.
@Suite(.needsStack) struct PlatformKeysTests {
  private func launch(_ world: World, kid: String? = nil) throws -> HTTPResponse {
    let attempt = try Attempt(world)
    return try attempt.present(try attempt.token([], header: kid.map { [("kid", .string($0))] } ?? []))
  }

  /// Lets the cache's clock run on by so many seconds.
  private func age(_ world: World, by seconds: Int) throws {
    try world.database.execute(
      """
      update passerelle.key_sets set attempted_at = attempted_at - make_interval(secs => \(seconds)),
        fetched_at = fetched_at - make_interval(secs => \(seconds)),
        expires_at = expires_at - make_interval(secs => \(seconds))
      """)
  }

  @Test("Many launches need one fetch, kept for an hour where Moodle names no time", arguments: Transport.both)
  func oneFetch(transport: Transport) throws {
    try World.run(transport) { world in
      for _ in 1...5 {
        let answer = try launch(world)
        #expect(answer.status == 303)
      }
      #expect(world.moodle.count("/certs.php") == 1)
      #expect(
        try world.database.value(
          "select expires_at - fetched_at between '59 min 59 s' and '1 h 1 s' from passerelle.key_sets") == true)
      try age(world, by: 3601)
      let late = try launch(world)
      #expect(late.status == 303)
      #expect(world.moodle.count("/certs.php") == 2)
    }
  }

  @Test(
    "Twenty simultaneous first launches with nothing cached all succeed with one fetch", arguments: Transport.both)
  func coldCache(transport: Transport) throws {
    try World.run(transport) { world in
      world.moodle.platform.injectNext(.delay(milliseconds: 300), at: .keySet)
      let attempts = try (0..<20).map { _ in try Attempt(world) }
      let tokens = try attempts.enumerated().map { try $1.token(user: 101 + $0) }
      let answers = try simultaneously(20) { try attempts[$0].present(tokens[$0]) }.map { try $0.get() }
      #expect(answers.count { $0.status == 303 } == 20, "\(Set(answers.map { Refused($0).testDescription }))")
      #expect(world.moodle.count("/certs.php") == 1)
    }
  }

  @Test("An unknown key is looked for once, and not again within 30 seconds", arguments: Transport.both)
  func unknownKey(transport: Transport) throws {
    try World.run(transport) { world in
      #expect(try launch(world).status == 303)
      try age(world, by: 31)
      for _ in 1...5 {
        let answer = try launch(world, kid: "0123456789abcdef0123")
        #expect(Refused(answer) == Refused(400, "launch_kid_unknown"))
      }
      #expect(world.moodle.count("/certs.php") == 2)
      // An honest launch is not disturbed.
      #expect(try launch(world).status == 303)
      try age(world, by: 31)
      #expect(Refused(try launch(world, kid: "0123456789abcdef0123")) == Refused(400, "launch_kid_unknown"))
      #expect(world.moodle.count("/certs.php") == 3)
    }
  }

  @Test("Moodle's new key works at once, and the key it replaced no longer does", arguments: Transport.both)
  func rotation(transport: Transport) throws {
    try World.run(transport) { world in
      #expect(try launch(world).status == 303)
      try age(world, by: 31)
      // The same address and issuer, another key: a Moodle whose key was replaced.
      let tool = world.tool
      let renewed = try Moodle(base: tool.base, key: .generate()) {
        (request) throws(TransportFailure) in try tool.send(request)
      }
      defer { renewed.stop() }
      let renewedSet = renewed.url + "/mod/lti/certs.php"
      try world.database.execute("update passerelle.registrations set jwks_url = \(renewedSet)")
      try world.database.execute("update passerelle.key_sets set url = \(renewedSet)")
      renewed.platform.moveTo(wwwroot: world.moodle.url)
      let attempt = try Attempt(world)
      let token = try renewed.tokens.token(renewed.tokens.claims(nonce: attempt.nonce))
      let answer = try attempt.present(token)
      #expect(answer.status == 303, "\(answer.code ?? "")")
      #expect(renewed.count("/certs.php") == 1)
      #expect(Refused(try launch(world)) == Refused(400, "launch_kid_unknown"))
    }
  }

  @Test("A platform whose key set is down keeps working from the cache, expired or not", arguments: Transport.both)
  func warmCache(transport: Transport) throws {
    try World.run(transport) { world in
      #expect(try launch(world).status == 303)
      for fault in [Fault.status(503), .status(404), .cutBeforeStore] {
        try age(world, by: 86_400)
        world.moodle.platform.injectNext(fault, at: .keySet)
        let answer = try launch(world)
        #expect(answer.status == 303)
      }
      #expect(world.moodle.count("/certs.php") == 4)
    }
  }

  @Test(
    "With nothing cached and the key set down the launch is a 503 that may be tried again",
    arguments: Transport.both)
  func coldAndDown(transport: Transport) throws {
    try World.run(transport) { world in
      for fault in [Fault.status(500), .cutBeforeStore, .status(200)] {
        try world.database.execute("delete from passerelle.key_sets")
        world.moodle.platform.injectNext(fault, at: .keySet)
        let attempt = try Attempt(world)
        let token = try attempt.token()
        let answer = try attempt.present(token)
        #expect(Refused(answer) == Refused(503, "platform_unreachable"))
        #expect(answer.fields["Retry-After"] == "30")
        // Whoever comes next does not wait for Moodle, and does not ask it.
        #expect(Refused(try attempt.present(token)) == Refused(503, "platform_unreachable"))
        // The state is not spent: after Moodle has recovered the same form still works.
        try age(world, by: 31)
        #expect(try attempt.present(token).status == 303)
      }
      #expect(world.moodle.count("/certs.php") == 6)
    }
  }
}
