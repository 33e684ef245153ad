import DemoMoodle
import TestSupport
import Testing
import Wire

/// `/lti/login`: the third-party login initiation (1EdTech Security Framework §5.1.1.1).
@Suite(.needsStack) struct LoginTests {
  /// The fields that Moodle sends, for a world's own site.
  private func fields(
    _ world: World, changing changes: [(String, String?)] = []
  ) -> [(String, String)] {
    var fields = [
      ("iss", world.moodle.url), ("target_link_uri", world.tool.base.description + "/lti/launch"),
      ("login_hint", "3"), ("lti_message_hint", #"{"cmid":2,"launchid":"ltilaunch1_1747062681"}"#),
      ("client_id", "sdCVQxdbZQil7Gc"), ("lti_deployment_id", "1"),
    ]
    for (name, value) in changes {
      fields.removeAll { $0.0 == name }
      if let value { fields.append((name, value)) }
    }
    return fields
  }

  /// The initiation sent by GET or POST.
  private func login(_ world: World, _ fields: [(String, String)], method: String = "POST") throws -> HTTPResponse {
    method == "GET"
      ? try world.send("GET", "/lti/login?" + FormURLEncoded.encode(fields))
      : try world.post("/lti/login", form: fields)
  }

  @Test(
    "GET and POST are both sent on to auth.php with exactly the parameters that Moodle accepts",
    arguments: Transport.both)
  func redirection(transport: Transport) throws {
    try World.run(transport) { world in
      for method in ["GET", "POST"] {
        let answer = try login(world, fields(world), method: method)
        #expect(answer.status == 302)
        let target = try #require(answer.fields["Location"].flatMap { WebURL($0) })
        #expect(target.withFragment(nil).description.hasPrefix(world.moodle.url + "/mod/lti/auth.php?"))
        var items = target.queryItems.map { [$0.name, $0.value] }
        try #require(items.count == 10)
        let nonce = items.removeLast()
        let state = items.removeLast()
        #expect(
          items == [
            ["scope", "openid"], ["response_type", "id_token"], ["response_mode", "form_post"], ["prompt", "none"],
            ["client_id", "sdCVQxdbZQil7Gc"], ["redirect_uri", world.tool.base.description + "/lti/launch"],
            ["login_hint", "3"], ["lti_message_hint", #"{"cmid":2,"launchid":"ltilaunch1_1747062681"}"#],
          ])
        #expect(state[0] == "state" && nonce[0] == "nonce" && state[1] != nonce[1])
        // 32 random bytes in characters that Moodle's PARAM_TEXT leaves alone.
        for value in [state[1], nonce[1]] { #expect(value.wholeMatch(of: /[A-Za-z0-9_-]{43}/) != nil) }
        #expect(answer.fields["Cache-Control"] == "no-store")
        #expect(answer.fields["Referrer-Policy"] == "no-referrer")
      }
      #expect(try world.database.count("select from passerelle.login_states") == 2)
      #expect(
        try world.database.value(
          "select bool_and(expires_at - created_at = interval '10 minutes') from passerelle.login_states") == true)
    }
  }

  @Test("A login hint with accents, spaces and signs comes back to Moodle unaltered")
  func hints() throws {
    try World.run(.inProcess) { world in
      let hint = "é à+b&c=d/100% « ê »"
      let answer = try login(world, fields(world, changing: [("login_hint", hint), ("lti_message_hint", "")]))
      let target = try #require(answer.fields["Location"].flatMap { WebURL($0) })
      #expect(target.queryItems.first { $0.name == "login_hint" }?.value == hint)
      #expect(target.queryItems.first { $0.name == "lti_message_hint" }?.value == "")
      let without = try login(world, fields(world, changing: [("lti_message_hint", nil)]))
      #expect(without.fields["Location"]?.contains("lti_message_hint") == false)
    }
  }

  @Test(
    "A field that is missing, empty, repeated or unusable is refused by name and nothing is kept",
    arguments: Transport.both)
  func badFields(transport: Transport) throws {
    try World.run(transport) { world in
      for name in ["iss", "login_hint", "target_link_uri"] {
        for value in [nil, ""] {
          let answer = try login(world, fields(world, changing: [(name, value)]))
          #expect(Refused(answer) == Refused(400, "login_parameter_missing"), "\(name)")
        }
      }
      for name in ["iss", "login_hint", "target_link_uri", "client_id", "lti_deployment_id", "lti_message_hint"] {
        for method in ["GET", "POST"] {
          let answer = try login(world, fields(world) + [(name, "again")], method: method)
          #expect(Refused(answer) == Refused(400, "login_parameter_duplicate"), "\(method) \(name)")
        }
      }
      let control = try login(world, fields(world, changing: [("login_hint", "a\u{1}b")]))
      #expect(Refused(control) == Refused(400, "login_parameter_invalid"))
      let long = try login(world, fields(world, changing: [("login_hint", String(repeating: "x", count: 4097))]))
      #expect(Refused(long) == Refused(400, "login_parameter_invalid"))
      let broken = try world.send(
        "POST", "/lti/login", fields: [("Content-Type", "application/x-www-form-urlencoded")],
        body: Array("iss=%FF&login_hint=%zz".utf8))
      #expect(Refused(broken) == Refused(400, "form_invalid_encoding"))
      let many = try login(world, (0...200).map { ("f\($0)", "1") })
      #expect(Refused(many) == Refused(400, "form_too_many_fields"))
      #expect(try world.database.count("select from passerelle.login_states") == 0)
    }
  }

  @Test(
    "An unknown platform, an unknown client and a disabled platform each have their own refusal",
    arguments: Transport.both)
  func strangers(transport: Transport) throws {
    try World.run(transport) { world in
      let platform = try login(world, fields(world, changing: [("iss", "https://moodle.elsewhere.example")]))
      #expect(Refused(platform) == Refused(400, "platform_unknown"))
      // The log says who came, and who may have been meant.
      #expect(
        try world.tool.log.contains(
          "platform_unknown issuer=https://moodle.elsewhere.example nearest known=\(world.moodle.url)"))
      // An issuer is compared byte by byte.
      for issuer in [world.moodle.url + "/", world.moodle.url.uppercased()] {
        let answer = try login(world, fields(world, changing: [("iss", issuer)]))
        #expect(Refused(answer) == Refused(400, "platform_unknown"))
      }
      let client = try login(world, fields(world, changing: [("client_id", "somebodyElse")]))
      #expect(Refused(client) == Refused(400, "client_unknown"))
      #expect(try world.command("platform", "disable", "Moodle").status == 0)
      #expect(Refused(try login(world, fields(world))) == Refused(403, "platform_disabled"))
      #expect(try world.command("platform", "enable", "Moodle").status == 0)
      #expect(try login(world, fields(world)).status == 302)
    }
  }

  @Test("With several client ids of one issuer, the client id or else the deployment decides; neither is refused")
  func severalClients() throws {
    try World.run(.inProcess) { world in
      let alone = try login(world, fields(world, changing: [("client_id", nil), ("lti_deployment_id", nil)]))
      #expect(alone.status == 302)
      try world.register(world.moodle, clientID: "second", deployments: ["7", "8"])
      func client(_ changes: [(String, String?)]) throws -> String? {
        try login(world, fields(world, changing: changes)).fields["Location"].flatMap { WebURL($0) }?
          .queryItems.first { $0.name == "client_id" }?.value
      }
      #expect(try client([]) == "sdCVQxdbZQil7Gc")
      #expect(try client([("client_id", "second"), ("lti_deployment_id", nil)]) == "second")
      #expect(try client([("client_id", nil), ("lti_deployment_id", "8")]) == "second")
      #expect(try client([("client_id", ""), ("lti_deployment_id", "1")]) == "sdCVQxdbZQil7Gc")
      let neither = try login(world, fields(world, changing: [("client_id", nil), ("lti_deployment_id", nil)]))
      #expect(Refused(neither) == Refused(400, "client_id_missing"))
      let unknown = try login(world, fields(world, changing: [("client_id", nil), ("lti_deployment_id", "99")]))
      #expect(Refused(unknown) == Refused(400, "client_unknown"))
      // Both Moodles may have a deployment "8".
      let empty = try login(world, fields(world, changing: [("client_id", nil), ("lti_deployment_id", "")]))
      #expect(Refused(empty) == Refused(400, "client_id_missing"))
    }
  }

  @Test("Over http the state cookie is plain; it lives as long as the state", arguments: Transport.both)
  func plainCookie(transport: Transport) throws {
    try World.run(transport) { world in
      let field = try #require(try login(world, fields(world)).fields["Set-Cookie"])
      #expect(
        field.wholeMatch(
          of: /passerelle-[A-Za-z0-9_-]{16}=[A-Za-z0-9_-]{43}; Path=\/; Max-Age=600; HttpOnly$/) != nil,
        "\(field)")
    }
  }

  @Test("Where the base URL is https the state cookie is __Host-, Secure, HttpOnly, SameSite=None and Partitioned")
  func secureCookie() throws {
    try World.run(.inProcess, base: "https://lti.example.org/passerelle") { world in
      let field = try #require(try login(world, fields(world)).fields["Set-Cookie"])
      #expect(
        field.wholeMatch(
          of:
            /__Host-passerelle-[A-Za-z0-9_-]{16}=[A-Za-z0-9_-]{43}; Path=\/; Max-Age=600; Secure; HttpOnly; SameSite=None; Partitioned/
        ) != nil, "\(field)")
      // The accepted launch takes it away, with the attributes under which it was set.
      let removal = try #require(try world.launch().final?.response.fields["Set-Cookie"])
      #expect(
        removal.wholeMatch(
          of:
            /__Host-passerelle-[A-Za-z0-9_-]{16}=; Path=\/; Max-Age=0; Secure; HttpOnly; SameSite=None; Partitioned/)
          != nil, "\(removal)")
    }
  }

  @Test("Two tabs have two cookies, and both launches end well, in either order", arguments: Transport.both)
  func tabs(transport: Transport) throws {
    try World.run(transport) { world in
      var browser = world.browser()
      var hops: [Hop] = []
      for _ in 1...2 {
        let start = try browser.begin(user: 3)
        let login = try browser.submit(try browser.form(of: start))
        hops.append(try browser.follow(login))
      }
      for hop in hops.reversed() {
        let final = try browser.submit(try browser.form(of: hop))
        #expect(final.response.status == 303)
      }
      #expect(!browser.jar.cookies.contains { $0.name.contains("passerelle") })
      #expect(try world.database.count("select from public.learners") == 1)
    }
  }

  @Test(
    "Logins that were never finished do not fill the browser's cookies: the oldest go, others' stay",
    arguments: [Transport.inProcess, .event, .tls])
  func unfinished(transport: Transport) throws {
    try World.run(transport) { world in
      var jar: [(name: String, value: String)] = [
        ("other", "1"), ("passerelle-prefs", "x"), ("a", "passerelle-0123456789abcdef=1"),
      ]
      for number in 1...60 {
        let cookies = jar.map { "\($0.name)=\($0.value)" }.joined(separator: "; ")
        let target = "/lti/login?" + FormURLEncoded.encode(fields(world))
        let answer = try world.send("GET", target, fields: [("Cookie", cookies)])
        try #require(answer.status == 302, "\(number)")
        for cookie in answer.fields.values("Set-Cookie") {
          let pair = cookie.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
          jar.removeAll { $0.name == String(pair[0]) }
          if !cookie.contains("Max-Age=0") { jar.append((String(pair[0]), String(pair[1]))) }
        }
        #expect(jar.count == 3 + min(number, 16))
      }
      #expect(jar.prefix(3).map(\.name) == ["other", "passerelle-prefs", "a"])
      #expect(jar.map { $0.name.count + $0.value.count + 3 }.reduce(0, +) < 2000)
    }
  }
}
