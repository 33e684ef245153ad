import DemoMoodle
import JOSE
import TestSupport
import Testing
import Wire

/// Deep Linking 2.0: a teacher chooses what an activity shows.
@Suite("Deep Linking", .needsStack) struct DeepLinkTests {
  private static let grain: JSONValue = ["module": "decouverte", "grain": "bilan"]

  @Test(
    "A teacher chooses a module in Moodle; the activity that Moodle makes of it opens that module and is graded",
    arguments: Transport.allCases)
  func roundTrip(transport: Transport) throws {
    try World.run(transport) { world in
      try world.database.execute("insert into public.modules (slug, title) values ('suite', 'La suite')")
      var browser = world.browser()
      let trace = try browser.chooseContent(user: 8)
      let page = try DeepLinkSite(world, code: try world.deepLinkCode(trace.final?.response))
      let (returnURL, jwt, _) = try page.response(["module": "decouverte"])
      #expect(returnURL.hasPrefix(world.moodle.url + "/mod/lti/contentitem_return.php?"))
      let returned = try browser.returnContent(jwt, to: returnURL)
      #expect(returned.response.status == 200, "\(returned.text)")

      let made = try #require(world.moodle.platform.activities.last)
      #expect(made.name == "À la découverte")
      #expect(made.custom.map { "\($0.name)=\($0.value)" } == ["module=decouverte"])
      #expect(made.points == 100)
      #expect(made.typeID == 1)
      let learner = try world.session(user: 3, cmid: made.cmid)
      #expect(learner.opened.at("module.slug") == "decouverte")
      #expect(try learner.complete("bilan").json.at("grade.status") == "delivered")
      #expect(world.moodle.platform.grade(user: 3, activity: made.instance)?.grade == 25)
    }
  }

  @Test(
    "Where the tool's registration sets a parameter `module`, which Moodle prefers, what was chosen still opens",
    arguments: ["suite", "decouverte"])
  func registeredTool(slug: String) throws {
    try World.run(.inProcess, registered: false) { world in
      try world.database.execute("insert into public.modules (slug, title) values ('suite', 'La suite')")
      #expect(try world.register(world.moodle, at: try world.invite().url).status == 200)
      world.moodle.platform.activateTool(2)
      var browser = world.browser()
      let trace = try browser.chooseContent(user: 8, typeID: 2)
      let page = try DeepLinkSite(world, code: try world.deepLinkCode(trace.final?.response))
      let (returnURL, jwt, _) = try page.response(["module": .string(slug)])
      _ = try browser.returnContent(jwt, to: returnURL)
      let made = try #require(world.moodle.platform.activities.last)
      #expect(made.typeID == 2)
      #expect(try world.session(user: 3, cmid: made.cmid).opened.at("module.slug") == .string(slug))
      // Filled in at the tool, the parameter decides for every activity of it.
      world.moodle.platform.changeTool(typeID: 2) { $0.customParameters = ["module=suite"] }
      #expect(try world.session(user: 3, cmid: made.cmid).opened.at("module.slug") == "suite")
    }
  }

  @Test("The session is a teacher's, in no module and without progress")
  func session() throws {
    try World.run(.inProcess) { world in
      let page = try world.deepLink()
      #expect(
        page.opened.objectValue?.members.map(\.key)
          == [
            "token", "expiresAt", "role", "learner", "module", "returnUrl", "activity", "scope", "run", "grain",
            "preview", "progress",
          ])
      #expect(page.opened["role"] == "instructor")
      #expect(page.opened.at("learner.name") == "Hélène Professeur")
      #expect(page.opened["module"] == .null)
      #expect(page.opened["progress"] == .null)
      // The same person as in a launch.
      let launched = try world.session(user: 8)
      #expect(launched.opened.at("learner.id") == page.opened.at("learner.id"))
    }
  }

  @Test("Listed are the active modules and grains in their order, and whether several may be chosen")
  func list() throws {
    try World.run(.inProcess) { world in
      try world.database.script(
        """
        insert into public.modules (slug, title, sort, status) values
          ('vide', 'Vide', 0, 'active'), ('ancien', 'Ancien', 1, 'archived');
        update public.modules set sort = 2 where slug = 'decouverte';
        update public.grains set status = 'archived' where slug = 'exercice';
        """)
      let listed = try world.deepLink().list()
      #expect(listed.status == 200)
      #expect(
        try listed.json == [
          "modules": [
            ["slug": "vide", "title": "Vide", "grains": []],
            [
              "slug": "decouverte", "title": "À la découverte",
              "grains": [
                ["slug": "accueil", "title": "Accueil"], ["slug": "vocabulaire", "title": "Vocabulaire"],
                ["slug": "bilan", "title": "Bilan"],
              ],
            ],
          ], "acceptMultiple": true,
        ])
      for value in [nil, JSONValue.bool(false)] {
        #expect(try world.deepLink([("accept_multiple", value)]).list().json["acceptMultiple"] == false)
      }
    }
  }

  @Test("A module and a grain become links with title, text, custom parameters and a line item, and without a url")
  func items() throws {
    try World.run(.inProcess) { world in
      let page = try world.deepLink()
      let module: JSONValue = [
        "type": "ltiResourceLink", "title": "À la découverte", "text": "Accueil, Vocabulaire, Exercice, Bilan",
        "custom": ["module": "decouverte"], "lineItem": ["scoreMaximum": 100],
      ]
      let grain: JSONValue = [
        "type": "ltiResourceLink", "title": "À la découverte – Bilan", "text": "À la découverte",
        "custom": ["module": "decouverte", "grain": "bilan", "passerelle_grain": "bilan"],
        "lineItem": ["scoreMaximum": 100],
      ]
      #expect(try page.items(["module": "decouverte"]) == [module])
      #expect(try page.items(["module": "decouverte", "grain": .null]) == [module])
      #expect(try page.items(Self.grain) == [grain])
      #expect(try page.items(["items": [["module": "decouverte"], Self.grain]]) == [module, grain])
      // A platform that takes no line items gets none.
      let plain = try world.deepLink([("accept_lineitem", false)]).items(["module": "decouverte"])
      #expect(plain.map { $0["lineItem"] } == [nil])
    }
  }

  @Test("The response is signed for this platform and deployment, lasts minutes, and echoes data exactly as it came")
  func claims() throws {
    try World.run(.inProcess) { world in
      let data = "é{\"a\":[1]} \u{0}%2B +\n€"
      let page = try world.deepLink([("data", .string(data))])
      let (returnURL, _, claims) = try page.response(["items": []])
      #expect(returnURL == "https://moodle.example/return?sesskey=secret")
      #expect(claims["iss"] == .string(world.moodle.platform.tool.clientID))
      #expect(claims["aud"] == .string(world.moodle.url))
      #expect(claims[Claim.deploymentID] == "1")
      #expect(claims[Claim.messageType] == "LtiDeepLinkingResponse")
      #expect(claims[Claim.version] == "1.3.0")
      #expect(claims["https://purl.imsglobal.org/spec/lti-dl/claim/data"] == .string(data))
      let issued = try #require(claims["iat"]?.intValue)
      let expires = try #require(claims["exp"]?.intValue)
      #expect((0...15).contains(Instant.now().seconds - issued))
      #expect((60...600).contains(expires - Instant.now().seconds))
      #expect(claims["nonce"]?.stringValue?.isEmpty == false)
      let without = try world.deepLink().response(["items": []]).claims
      #expect(without["https://purl.imsglobal.org/spec/lti-dl/claim/data"] == nil)
      #expect(try !world.tool.log.contains("sesskey"))
    }
  }

  @Test("Cancelling returns an empty list, of which Moodle makes nothing")
  func cancelled() throws {
    try World.run(.inProcess) { world in
      var browser = world.browser()
      let trace = try browser.chooseContent(user: 8)
      let before = world.moodle.platform.activities.count
      let page = try DeepLinkSite(world, code: try world.deepLinkCode(trace.final?.response))
      #expect(try page.items(["items": []]) == [])
      let (returnURL, jwt, _) = try page.response(["items": []])
      #expect(try browser.returnContent(jwt, to: returnURL).response.status == 200)
      #expect(world.moodle.platform.activities.count == before)
    }
  }

  @Test("What does not exist is 422, what makes no sense 400, and more than the platform takes 400")
  func refusals() throws {
    try World.run(.inProcess) { world in
      let page = try world.deepLink()
      #expect(Refused(try page.answer(["module": "nulle-part"])) == Refused(422, "unknown_module"))
      #expect(Refused(try page.answer(["module": "decouverte", "grain": "x"])) == Refused(422, "unknown_grain"))
      let many: JSONValue = .array(Array(repeating: ["module": "decouverte"], count: 501))
      for body in [
        [], "decouverte", [:], ["module": 1], ["items": "x"], ["items": [1]], ["items": [], "module": "decouverte"],
        ["module": "decouverte", "grain": 1], ["items": many], ["grain": "bilan"],
      ] as [JSONValue] {
        #expect(Refused(try page.answer(body)) == Refused(400, "invalid_body"), "\(body.encoded.prefix(60))")
      }
      let single = try world.deepLink([("accept_multiple", false)])
      #expect(
        Refused(try single.answer(["items": [Self.grain, Self.grain]])) == Refused(400, "deep_linking_too_many_items"))
      #expect(try single.items(["items": [Self.grain]]).count == 1)
      try world.database.execute("update public.modules set status = 'archived'")
      #expect(Refused(try page.answer(["module": "decouverte"])) == Refused(422, "unknown_module"))
    }
  }

  @Test("A session of a deep link does nothing else, a session of a launch does not choose, and both end")
  func sessionsApart() throws {
    try World.run(.inProcess) { world in
      let chooser = try world.deepLink()
      let asMiniSite = [("Authorization", "Bearer \(chooser.token)")]
      #expect(Refused(try world.send("GET", "/api/progress", fields: asMiniSite)) == Refused(403, "forbidden"))
      #expect(
        Refused(
          try world.post("/api/progress", json: ["grain": "bilan", "status": "completed"], fields: asMiniSite))
          == Refused(403, "forbidden"))
      for user in [3, 8] {
        let launched = [("Authorization", "Bearer \(try world.session(user: user).token)")]
        #expect(Refused(try world.send("GET", "/api/deep-link", fields: launched)) == Refused(403, "forbidden"))
        #expect(
          Refused(try world.post("/api/deep-link", json: Self.grain, fields: launched)) == Refused(403, "forbidden"))
      }
      #expect(Refused(try world.send("GET", "/api/deep-link")) == Refused(401, "invalid_token"))
      let unknown = [("Authorization", "Bearer " + String(repeating: "A", count: 43))]
      #expect(Refused(try world.send("GET", "/api/deep-link", fields: unknown)) == Refused(401, "invalid_token"))

      try world.database.execute("update passerelle.sessions set expires_at = now() where deep_link is not null")
      #expect(Refused(try chooser.list()) == Refused(401, "session_expired"))
      #expect(Refused(try chooser.answer(Self.grain)) == Refused(401, "session_expired"))
      let other = try world.deepLink()
      let bearer = [("Authorization", "Bearer \(other.token)")]
      #expect(try world.send("DELETE", "/api/session", fields: bearer).status == 204)
      #expect(Refused(try other.list()) == Refused(401, "invalid_token"))
    }
  }

  @Test("The code serves once and for a minute, and so does the message that brought it")
  func once() throws {
    try World.run(.inProcess) { world in
      let attempt = try Attempt(world)
      let token = try attempt.token(user: 8, World.settings())
      let code: JSONValue = ["code": .string(try world.deepLinkCode(try attempt.present(token)))]
      #expect(Refused(try attempt.present(token)) == Refused(400, "launch_nonce_used"))
      #expect(try world.post("/api/session", json: code).status == 200)
      #expect(Refused(try world.post("/api/session", json: code)) == Refused(400, "invalid_code"))
      let late = try Attempt(world)
      let lateCode = try world.deepLinkCode(try late.present(try late.token(user: 8, World.settings())))
      #expect(
        try world.database.value("select expires_at - now() between '50 s' and '60 s' from passerelle.codes") == true)
      try world.database.execute("update passerelle.codes set expires_at = now()")
      #expect(
        Refused(try world.post("/api/session", json: ["code": .string(lateCode)])) == Refused(400, "invalid_code"))
    }
  }

  @Test("A learner who sends such a message is refused and leaves nothing; neither does one without settings")
  func refusedMessages() throws {
    try World.run(.inProcess) { world in
      let learner = try Attempt(world)
      #expect(
        Refused(try learner.present(try learner.token(user: 3, World.settings()))) == Refused(403, "forbidden"))
      for changes in [[("deep_link_return_url", nil)], [("deep_link_return_url", "javascript:alert(1)")]]
        as [[(String, JSONValue?)]]
      {
        let attempt = try Attempt(world)
        #expect(
          Refused(try attempt.present(try attempt.token(user: 8, World.settings(changes))))
            == Refused(400, "deep_linking_settings_missing"))
      }
      let links = try Attempt(world)
      #expect(
        Refused(try links.present(try links.token(user: 8, World.settings([("accept_types", ["link"])]))))
          == Refused(400, "deep_linking_type_not_accepted"))
      let stranger = try Attempt(world)
      #expect(
        Refused(
          try stranger.present(try stranger.token(user: 8, World.settings() + [(Claim.deploymentID, "99")]))
        ).code
          == "launch_deployment_unknown")
      #expect(try world.database.count("select from public.learners") == 0)
      #expect(try world.database.count("select from passerelle.codes") == 0)
    }
  }
}
