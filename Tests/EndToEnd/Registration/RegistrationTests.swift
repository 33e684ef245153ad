import DemoMoodle
import JOSE
import TestSupport
import Testing
import Wire

/// `passerelle platform invite` and `/lti/register`: a Moodle that registers itself.
@Suite("Dynamic Registration", .needsStack) struct RegistrationTests {
  private static let toolConfiguration = "https://purl.imsglobal.org/spec/lti-tool-configuration"

  @Test(
    "Pasted into Moodle, an invite registers everything, and once activated the tool launches and grades",
    arguments: Transport.allCases)
  func success(transport: Transport) throws {
    try World.run(transport, activities: [Activity(typeID: 2)], registered: false) { world in
      let invite = try world.invite()
      let answer = try world.register(world.moodle, at: invite.url)
      #expect(answer.status == 200, "\(answer.text)")

      // What Moodle was told.
      let sent = try #require(world.moodle.requests.last { $0.path.hasSuffix("/openid-registration.php") })
      let request = try JSONValue(parsing: sent.body)
      let base = world.tool.base.description
      #expect(
        Set(request["scope"]?.stringValue?.split(separator: " ").map(String.init) ?? []) == [
          "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem",
          "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem.readonly",
          "https://purl.imsglobal.org/spec/lti-ags/scope/result.readonly",
          "https://purl.imsglobal.org/spec/lti-ags/scope/score",
          "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly",
          "https://purl.imsglobal.org/spec/lti-bo/scope/basicoutcome",
        ])
      #expect(request["redirect_uris"] == [.string(base + "/lti/launch")])
      #expect(request["initiate_login_uri"] == .string(base + "/lti/login"))
      #expect(request["jwks_uri"] == .string(base + "/lti/jwks"))
      let configuration = try #require(request[Self.toolConfiguration])
      #expect(
        Set(configuration["claims"]?.arrayValue?.compactMap(\.stringValue) ?? [])
          == ["iss", "sub", "name", "given_name", "family_name", "email"])
      #expect(
        configuration["messages"]?.arrayValue?.compactMap { $0["type"]?.stringValue }
          == ["LtiResourceLinkRequest", "LtiDeepLinkingRequest"])
      #expect(
        configuration["custom_parameters"]
          == ["groups": "$Moodle.Person.userGroupIds", "context_id_history": "$Context.id.history"])
      let icon = try world.tool.send(
        HTTPRequest(
          method: "GET", url: try #require(request["logo_uri"]?.stringValue.flatMap { WebURL($0) }),
          fields: HTTPFields()))
      #expect(icon.status == 200 && icon.fields["Content-Type"] == "image/svg+xml")
      #expect(icon.text.hasPrefix("<svg "))

      // What is stored.
      #expect(try world.registered() == [1, 1, 1, 1])
      let issuer: String = try world.database.value("select issuer from passerelle.platforms where enabled")
      #expect(issuer == world.moodle.url)
      let tool = try #require(world.moodle.platform.tool(typeID: 2))
      #expect(tool.state == .pending)
      #expect(
        try world.database.values(
          """
          select unnest(array[client_id, auth_url, token_url, jwks_url, deployment_id])
          from passerelle.registrations r join passerelle.deployments d on d.registration = r.id
          """)
          == [tool.clientID] + ["auth", "token", "certs"].map { "\(issuer)/mod/lti/\($0).php" } + ["2"])

      // What happens next.
      world.moodle.platform.activateTool(2)
      let page = try world.session(user: 3)
      #expect(page.opened.at("learner.name") == "Éloïse Lefèvre")
      #expect(try page.complete("accueil").json.at("grade.status") == "delivered")
      #expect(world.moodle.platform.grade(user: 3)?.grade == 25)
    }
  }

  @Test("The institution's logo, where the settings name one, is the tool's icon")
  func logo() throws {
    try World.run(.inProcess, registered: false) { world in
      try world.tool.set("PASSERELLE_LOGO_URL", "https://lycee.example/logo.png")
      #expect(try world.register(world.moodle, at: world.invite().url).status == 200)
      let sent = try #require(world.moodle.requests.last { $0.path.hasSuffix("/openid-registration.php") })
      #expect(try JSONValue(parsing: sent.body)["logo_uri"] == "https://lycee.example/logo.png")
    }
  }

  @Test(
    "The page stands in Moodle's frame, says in French or English to activate the tool, and tells Moodle alone to close",
    arguments: [("fr", "choisissez «\u{A0}Activer\u{A0}»"), ("en", "choose “Activate”")])
  func page(language: String, words: String) throws {
    try World.run(.inProcess, registered: false) { world in
      let answer = try world.register(world.moodle, at: try world.invite().url, language: language)
      #expect(answer.text.contains(words))
      #expect(answer.text.contains("<html lang=\"\(language)\">"))
      #expect(answer.text.contains("data-origin=\"\(world.moodle.url)\""))
      let script = try #require(answer.text.firstMatch(of: /<script>((?s).*)<\/script>/)).1
      #expect(script.contains("postMessage({subject:\"org.imsglobal.lti.close\"},p.dataset.origin)"))
      let policy = try #require(answer.fields["Content-Security-Policy"])
      #expect(policy.hasSuffix("; frame-ancestors 'self' \(world.moodle.url)"))
      #expect(policy.contains("script-src 'sha256-\(Base64.encode(SHA256.hash(Array(script.utf8))))'"))
      #expect(answer.fields["X-Frame-Options"] == nil)
    }
  }

  @Test(
    "The page says where teachers find the tool; an update is told from a first registration, which alone is to be activated"
  )
  func update() throws {
    try World.run(.inProcess, registered: false) { world in
      let first = try world.register(world.moodle, at: try world.invite().url, language: "en")
      let offer = "set “Tool configuration usage” to “Show in activity chooser and as a preconfigured tool”"
      #expect(
        first.text.contains(offer) && first.text.contains("choose “Activate”")
          && !first.text.contains("just been updated"))
      // Moodle keeps the client id of a tool that it updates.
      let second = try world.register(world.moodle, at: try world.invite().url, updating: 2, language: "en")
      #expect(
        second.text.contains(offer) && second.text.contains("just been updated") && !second.text.contains("Activate"))
      let french = try world.register(world.moodle, at: try world.invite().url, updating: 2, language: "fr")
      #expect(french.text.contains("«\u{A0}Utilisation de la configuration de l’outil\u{A0}»"))
    }
  }

  @Test(
    "Without a valid invite nothing is fetched: none, one made up, one expired, one used", arguments: Transport.allCases
  )
  func invites(transport: Transport) throws {
    try World.run(transport, registered: false) { world in
      func refused(_ url: String) throws {
        let answer = try world.register(world.moodle, at: url)
        #expect(Refused(answer) == Refused(403, "invite_invalid"))
        // Whoever frames it may read why.
        #expect(answer.fields["Content-Security-Policy"]?.hasSuffix(" \(world.moodle.url)") == true)
      }
      let base = world.tool.base.description + "/lti/register"
      for query in [
        "", "?invite=", "?invite=x", "?invite=" + String(repeating: "A", count: 43),
        "?invite=" + String(repeating: "%20", count: 43),
      ] {
        try refused(base + query)
      }
      let expired = try world.invite()
      try world.database.execute("update passerelle.invites set expires_at = now()")
      try refused(expired.url)
      #expect(world.moodle.requests.isEmpty)

      let used = try world.invite()
      #expect(try world.register(world.moodle, at: used.url).status == 200)
      let before = world.moodle.requests.count
      try refused(used.url)
      #expect(world.moodle.requests.count == before)
      #expect(try world.registered() == [1, 1, 1, 1])
    }
  }

  @Test("An invite lasts as long as was asked for, and the database knows its digest only")
  func lifetime() throws {
    try World.run(.inProcess, registered: false) { world in
      let invite = try world.invite()
      #expect(invite.invite.wholeMatch(of: /[A-Za-z0-9_-]{43}/) != nil)
      #expect(invite.url == world.tool.base.description + "/lti/register?invite=" + invite.invite)
      let day = try #require(Instant(rfc3339: invite.expiresAt)).seconds - Instant.now().seconds
      #expect((86390...86400).contains(day))
      let digest: [UInt8] = try world.database.value("select invite from passerelle.invites")
      #expect(digest == SHA256.hash(Array(invite.invite.utf8)))
      let short = try #require(Instant(rfc3339: try world.invite("--expires", "30m").expiresAt))
      #expect((1790...1800).contains(short.seconds - Instant.now().seconds))
      for wrong in ["0h", "-1h", "24", "h", "1y", "100d", "9223372036854775807d"] {
        #expect(try world.command("platform", "invite", "--expires=\(wrong)").status == 64)
      }
      try world.database.execute("update passerelle.invites set expires_at = now()")
      #expect(try world.command("sweep").text.hasSuffix(" 2 invites\n"))
    }
  }

  @Test("Two registrations at once with one invite: one is stored")
  func twoAtOnce() throws {
    try World.run(.event, registered: false) { world in
      let invite = try world.invite()
      let answers = try simultaneously(4) { _ in try world.register(world.moodle, at: invite.url) }.map { try $0.get() }
      #expect(answers.count { $0.status == 200 } == 1)
      #expect(answers.count { Refused($0) == Refused(403, "invite_invalid") } == 3)
      #expect(try world.registered() == [1, 1, 1, 1])
    }
  }

  @Test("Registering enables a platform that is known, under the name it has, and adds a client to it")
  func knownPlatform() throws {
    try World.run(.inProcess) { world in
      try world.database.execute("update passerelle.platforms set enabled = false, name = 'Lycée'")
      #expect(try world.register(world.moodle, at: try world.invite().url).status == 200)
      #expect(try world.registered() == [1, 2, 2, 1])
      #expect(try world.database.value("select name from passerelle.platforms where enabled") == "Lycée")
    }
  }

  @Test("Opened outside a platform, the address says where to paste it")
  func withoutConfiguration() throws {
    try World.run(.inProcess, registered: false) { world in
      let invite = try world.invite()
      let answer = try world.tool.send(
        HTTPRequest(method: "GET", url: try #require(WebURL(invite.url)), fields: HTTPFields([("Accept", "text/html")]))
      )
      #expect(Refused(answer) == Refused(400, "registration_field_missing"))
      #expect(answer.text.contains("Gérer les outils"))
      // Whoever reads this is no learner before an activity.
      #expect(answer.text.contains("<h1>L’inscription n’a pas abouti</h1>"))
      #expect(
        Refused(try world.register(at: invite, configuration: "x")).code == "registration_configuration_incomplete")
    }
  }
}
