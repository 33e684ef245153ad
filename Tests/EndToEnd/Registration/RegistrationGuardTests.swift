import DemoMoodle
import Glibc
import TestSupport
import Testing
import Wire

/// What a registration address may not make this server do.
@Suite("Dynamic Registration, guarded", .needsStack) struct RegistrationGuardTests {
  private static let document = "/mod/lti/openid-configuration.php"

  @Test("Without PASSERELLE_ALLOW_INSECURE_HTTP neither http nor a private address is called, by number or by name")
  func addresses() throws {
    try World.run(.inProcess, base: "https://tool.example/passerelle", registered: false) { world in
      try world.tool.set("PASSERELLE_ALLOW_INSECURE_HTTP", nil)
      let invite = try world.invite()
      let port = try #require(WebURL(world.moodle.url)).port
      for (address, code) in [
        ("http://127.0.0.1:\(port)", "registration_insecure"),
        ("https://127.0.0.1:\(port)", "transport_address_forbidden"),
        ("https://localhost:\(port)", "transport_address_forbidden"),
        ("https://[::1]:\(port)", "transport_address_forbidden"),
        ("https://10.0.0.1", "transport_address_forbidden"), ("https://169.254.169.254", "transport_address_forbidden"),
        ("https://192.168.1.1", "transport_address_forbidden"), ("https://[fe80::1]", "transport_address_forbidden"),
        ("https://[fd00::1]", "transport_address_forbidden"),
        ("https://[::ffff:127.0.0.1]", "transport_address_forbidden"),
      ] {
        #expect(
          Refused(try world.register(at: invite, configuration: address + Self.document)) == Refused(400, code),
          "\(address)")
      }
      #expect(world.moodle.requests.isEmpty)
      #expect(try world.registered() == [0, 0, 0, 0])
    }
  }

  @Test(
    "Issuer and every endpoint must be of the origin that gave the configuration; the other site is never called",
    arguments: ["issuer", "authorization_endpoint", "token_endpoint", "jwks_uri", "registration_endpoint"])
  func origins(member: String) throws {
    try World.run(.inProcess, registered: false) { world in
      let other = world.moodle.url
      try PlatformStub.run { request, root in
        .json(.object(PlatformStub.configuration(at: root, [(member, .string(other + "/mod/lti/x.php"))])))
      } _: { stub in
        let answer = try world.register(at: try world.invite(), configuration: stub.url + Self.document)
        #expect(Refused(answer) == Refused(400, "registration_origin_mismatch"))
        #expect(stub.paths == [Self.document])
        #expect(world.moodle.requests.isEmpty)
        #expect(try world.registered() == [0, 0, 0, 0])
      }
    }
  }

  @Test("A redirect is not followed, to wherever it leads", arguments: [301, 302, 303, 307, 308])
  func redirects(status: Int) throws {
    try World.run(.inProcess, registered: false) { world in
      let target = world.moodle.url + Self.document
      try PlatformStub.run { _, _ in
        MoodleResponse(status: status, contentType: nil, fields: [("Location", target)])
      } _: { stub in
        let answer = try world.register(at: try world.invite(), configuration: stub.url + Self.document)
        #expect(Refused(answer) == Refused(400, "registration_configuration_refused"))
        #expect(world.moodle.requests.isEmpty)
      }
    }
  }

  @Test("A configuration larger than a mebibyte is not taken, and neither is one that is none")
  func documents() throws {
    try World.run(.inProcess, registered: false) { world in
      let invite = try world.invite()
      for (body, refused) in [
        ("{\"issuer\":\"" + String(repeating: "x", count: 1 << 20) + "\"}", Refused(502, "transport_too_large")),
        ("<html>", Refused(400, "registration_configuration_malformed")),
        ("[]", Refused(400, "registration_configuration_malformed")),
        ("{}", Refused(400, "registration_configuration_incomplete")),
      ] {
        try PlatformStub.run { _, _ in
          MoodleResponse(status: 200, contentType: "application/json", body: Array(body.utf8))
        } _: { stub in
          let answer = try world.register(at: invite, configuration: stub.url + Self.document)
          #expect(Refused(answer) == refused)
        }
      }
      // None of it has spent the invite.
      #expect(try world.register(world.moodle, at: invite.url).status == 200)
    }
  }

  @Test("A platform that does not answer is given up after some seconds, and one that hangs up at once")
  func silence() throws {
    try World.run(.inProcess, registered: false) { world in
      let invite = try world.invite()
      try PlatformStub.run { _, _ in
        nil
      } _: { stub in
        let answer = try world.register(at: invite, configuration: stub.url + Self.document)
        #expect(Refused(answer) == Refused(502, "transport_closed_early"))
      }
      try PlatformStub.run { _, _ in
        usleep(20_000_000)
        return nil
      } _: { stub in
        let start = ContinuousClock.now
        let answer = try world.register(at: invite, configuration: stub.url + Self.document)
        #expect(Refused(answer) == Refused(502, "transport_timed_out"))
        #expect(start.duration(to: .now) < .seconds(12))
      }
    }
  }

  @Test("What Moodle refuses is said, is not stored, and leaves the invite good")
  func refusedByPlatform() throws {
    try World.run(.inProcess, registered: false) { world in
      let invite = try world.invite()
      let opened = try #require(world.moodle.platform.beginRegistration(at: invite.url))
      let token = try #require(opened.queryItems.first { $0.name == "registration_token" }?.value)
      let configuration = world.moodle.url + Self.document
      #expect(
        Refused(try world.register(at: invite, configuration: configuration, token: nil))
          == Refused(400, "registration_token_refused"))
      #expect(try world.registered() == [0, 0, 0, 0])
      #expect(try world.register(at: invite, configuration: configuration, token: token).status == 200)
      // The token was spent with the first tool.
      #expect(
        Refused(try world.register(at: try world.invite(), configuration: configuration, token: token))
          == Refused(400, "registration_token_refused"))
      #expect(try world.registered() == [1, 1, 1, 1])
      #expect(try !world.tool.log.contains(token))
      #expect(try !world.tool.log.contains(invite.invite))
    }
  }

  @Test("Of two sites of one host neither registers as the other, whose doors stay what they are")
  func sites() throws {
    try World.run(.inProcess, registered: false) { world in
      try PlatformStub.run { request, root in
        .json(.object(PlatformStub.configuration(at: root + "/lycee")))
      } _: { stub in
        let invite = try world.invite()
        for path in ["/college" + Self.document, "/lycee2" + Self.document, "/lycee/../college" + Self.document] {
          let answer = try world.register(at: invite, configuration: stub.url + path)
          #expect(Refused(answer) == Refused(400, "registration_issuer_mismatch"), "\(path)")
        }
        #expect(!stub.paths.contains { $0.contains("openid-registration") })
        #expect(try world.registered() == [0, 0, 0, 0])
      }
    }
  }

  /// Registers Moodle's tool again under the client id that it has, as its administrator can.
  private func again(_ world: World, with invite: World.Invite) throws -> HTTPResponse {
    let client: String = try world.database.value("select client_id from passerelle.registrations")
    let tool = try #require((1...9).first { world.moodle.platform.tool(typeID: $0)?.clientID == client })
    let opened = try #require(world.moodle.platform.beginRegistration(at: invite.url, updating: tool))
    return try world.tool.send(
      HTTPRequest(method: "GET", url: opened, fields: HTTPFields([("Accept", "text/html"), ("Accept-Language", "en")])))
  }

  private func addresses(_ world: World) throws -> [String] {
    try world.database.values("select unnest(array[auth_url, token_url, jwks_url]) from passerelle.registrations")
  }

  @Test("An invite never replaces addresses that are known: it is refused with words, and is still good")
  func known() throws {
    try World.run(.inProcess, registered: false) { world in
      #expect(try world.register(world.moodle, at: try world.invite().url).status == 200)
      // The same again, with the same addresses, replaces nothing.
      let same = try again(world, with: try world.invite())
      #expect(same.status == 200 && !same.text.contains("Warning"), "\(same.text)")
      #expect(try !world.tool.log.contains("replaced"))

      try world.database.execute("update passerelle.registrations set jwks_url = 'https://real.example/certs.php'")
      let before = try addresses(world)
      let invite = try world.invite()
      let refused = try again(world, with: invite)
      #expect(Refused(refused) == Refused(409, "registration_known"))
      #expect(refused.text.contains("passerelle platform invite --replace"))
      #expect(try addresses(world) == before)
      #expect(try world.registered() == [1, 1, 1, 2])
      #expect(try world.tool.log.contains(/warning: \w+ registration_known/))

      let replacing = try world.invite("--replace", world.moodle.url)
      let replaced = try again(world, with: replacing)
      #expect(
        replaced.status == 200 && replaced.text.contains("Warning: this platform’s addresses"), "\(replaced.text)")
      #expect(try addresses(world) == ["auth", "token", "certs"].map { "\(world.moodle.url)/mod/lti/\($0).php" })
      #expect(try world.registered() == [1, 1, 1, 3])
      #expect(try world.tool.log.contains(" platform addresses replaced issuer=\(world.moodle.url)"))
    }
  }

  @Test("An invite that replaces is for one platform alone; another is told nothing, and cannot use it")
  func replacing() throws {
    try World.run(.inProcess) { world in
      try PlatformStub.run { _, root in
        .json(.object(PlatformStub.configuration(at: root)))
      } _: { stub in
        let invite = try world.invite("--replace", "Moodle")
        let answer = try world.register(at: invite, configuration: stub.url + Self.document)
        #expect(Refused(answer) == Refused(403, "invite_for_another"))
        #expect(stub.paths == [Self.document])
        #expect(try world.registered() == [1, 1, 1, 0])
        #expect(try world.register(world.moodle, at: invite.url).status == 200)
      }
      #expect(try world.command("platform", "invite", "--replace", "nobody").status == 1)
    }
  }
}
