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
}
