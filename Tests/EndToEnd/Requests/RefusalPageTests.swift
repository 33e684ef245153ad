import DemoMoodle
import TestSupport
import Testing
import Wire

/// How a refused launch looks: a page in words with its code and the way back, or a problem document.
@Suite(.needsStack) struct RefusalPageTests {
  @Test(
    "A refusal is a page in both languages that shows its code, and may be framed by registered platforms only",
    arguments: Transport.both)
  func page(transport: Transport) throws {
    try World.run(transport) { world in
      let attempt = try Attempt(world)
      let token = try attempt.token([("sub", "")])
      let answer = try attempt.present(token, fields: [("Accept-Language", "fr"), ("Accept", "text/html,*/*;q=0.8")])
      #expect(Refused(answer) == Refused(400, "launch_subject_missing"))
      #expect(answer.fields["Content-Type"] == "text/html; charset=utf-8")
      #expect(answer.text.contains(#"<html lang="fr">"#))
      #expect(answer.text.contains("Moodle a envoyé un message que Passerelle ne peut pas accepter."))
      #expect(answer.text.contains("Moodle sent a message that Passerelle cannot accept."))
      let policy = try #require(answer.fields["Content-Security-Policy"])
      #expect(policy.contains("default-src 'none'"))
      let ancestors = try #require(policy.split(separator: ";").first { $0.contains("frame-ancestors") })
      #expect(ancestors.trimmingPrefix(" ") == "frame-ancestors 'self' \(world.moodle.url)")
      #expect(answer.fields["X-Frame-Options"] == nil)
      #expect(answer.fields["X-Content-Type-Options"] == "nosniff")
      let english = try attempt.present(token, fields: [("Accept-Language", "en-GB,fr;q=0.5")])
      #expect(english.text.contains(#"<html lang="en">"#))
      // A platform that is disabled frames nothing.
      try world.database.execute("update passerelle.platforms set enabled = false")
      let disabled = try attempt.present(try attempt.token())
      #expect(Refused(disabled) == Refused(403, "platform_disabled"))
      #expect(disabled.fields["Content-Security-Policy"]?.hasSuffix("frame-ancestors 'self'") == true)
    }
  }

  @Test("A program that prefers JSON gets a problem document in its language", arguments: Transport.both)
  func problem(transport: Transport) throws {
    try World.run(transport) { world in
      let attempt = try Attempt(world)
      let answer = try attempt.present(
        try attempt.token([("sub", "")]), fields: [("Accept", "application/json"), ("Accept-Language", "en")])
      #expect(answer.status == 400)
      #expect(answer.fields["Content-Type"] == "application/problem+json")
      let document = try answer.json
      #expect(document["code"] == "launch_subject_missing")
      #expect(document["status"] == 400)
      #expect(document["title"]?.stringValue?.isEmpty == false)
      #expect(document["detail"]?.stringValue?.hasPrefix("Moodle sent a message") == true)
    }
  }

  @Test(
    "A proven message with a return URL offers the way back, escaped; an unproven one does not",
    arguments: Transport.both)
  func wayBack(transport: Transport) throws {
    try World.run(transport) { world in
      let back = world.moodle.url + #"/mod/lti/return.php?a=1&b="><script>"#
      let clean = world.moodle.url + "/mod/lti/return.php?course=2&sesskey=abc"
      for (url, shown) in [(clean, true), (back, false), ("javascript:alert(1)", false)] {
        let attempt = try Attempt(world)
        let presentation = (Claim.presentation, JSONValue.object(["return_url": .string(url), "locale": "fr"]))
        let refused = try attempt.present(
          try attempt.token([(presentation.0, presentation.1), (Claim.custom, ["module": "nulle-part"])]))
        #expect(Refused(refused) == Refused(400, "unknown_module"))
        #expect(refused.text.contains("Retourner dans Moodle") == shown, "\(url)")
        #expect(!refused.text.contains("<script") && !refused.text.contains("javascript:"))
        if shown {
          #expect(
            refused.text.contains(#"href="\#(url.split(separator: "&").joined(separator: "&amp;"))" target="_top""#))
        }
        let unproven = try attempt.present(
          try attempt.token([(presentation.0, presentation.1)], header: [("kid", "x")]))
        #expect(!unproven.text.contains("return.php"))
      }
    }
  }

  @Test(
    "Whatever is wrong with a message that this Moodle signed for this tool, its page offers the way back",
    arguments: [
      ("launch_deployment_unknown", (Claim.deploymentID, "99")),
      ("launch_deployment_missing", (Claim.deploymentID, nil)),
      ("launch_token_expired", ("exp", 1)), ("launch_subject_missing", ("sub", nil)),
      ("launch_nonce_mismatch", ("nonce", "another")), ("launch_message_type_unknown", (Claim.messageType, "Other")),
      ("launch_roles_missing", (Claim.roles, nil)), ("launch_resource_link_missing", (Claim.resourceLink, nil)),
    ] as [(String, (String, JSONValue?))])
  func wayBackFromAProvenMessage(code: String, change: (String, JSONValue?)) throws {
    try World.run(.inProcess) { world in
      let attempt = try Attempt(world)
      let back = JSONValue.object([
        "return_url": .string(world.moodle.url + "/mod/lti/return.php?course=2")
      ])
      let changes = [(Claim.presentation, back), change]
      let refused = try attempt.present(try attempt.token(changes), fields: [("Accept-Language", "fr")])
      #expect(Refused(refused) == Refused(400, code))
      #expect(refused.text.contains(#"return.php?course=2" target="_top">Retourner dans Moodle"#), "\(refused.text)")
    }
  }

  @Test(
    "Without its proof a launch leads back to the Moodle of its state, and nowhere else",
    arguments: [("/mod/lti/return.php?course=2", true), ("https://another.example/return.php", false)])
  func wayBackWithoutProof(place: String, isShown: Bool) throws {
    try World.run(.inProcess) { world in
      let attempt = try Attempt(world)
      let back = place.hasPrefix("/") ? world.moodle.url + place : place
      let token = try attempt.token([(Claim.presentation, ["return_url": .string(back)])])
      let way = "href=\"\(back)\" target=\"_top\">Go back to Moodle"
      func page(_ cookie: [(String, String)]) throws -> HTTPResponse {
        try world.post(
          "/lti/launch", form: [("id_token", token), ("state", attempt.state)],
          fields: [("Accept", "text/html"), ("Accept-Language", "en")] + cookie)
      }
      let missing = try page([])
      #expect(Refused(missing) == Refused(400, "state_missing"))
      #expect(missing.text.contains(way) == isShown && missing.text.contains("return.php") == isShown)
      let name = attempt.cookie.split(separator: "=")[0]
      let foreign = try page([("Cookie", "\(name)=\(String(repeating: "A", count: 43))")])
      #expect(Refused(foreign) == Refused(400, "state_foreign"))
      #expect(foreign.text.contains(way) == isShown)
      try world.database.execute("update passerelle.login_states set expires_at = now() - interval '1 s'")
      let late = try page([("Cookie", attempt.cookie)])
      #expect(Refused(late) == Refused(400, "state_expired"))
      #expect(late.text.contains(way) == isShown)
    }
  }

  @Test("A message signed for another tool, or by another Moodle, has no way back", arguments: ["aud", "iss", "azp"])
  func noWayBackFromAnothersMessage(claim: String) throws {
    try World.run(.inProcess) { world in
      let attempt = try Attempt(world)
      let refused = try attempt.present(try attempt.token([(claim, "https://another.example")]))
      #expect(refused.status == 400 && !refused.text.contains("return.php"))
    }
  }

  @Test(
    "What Moodle posts back instead of a token becomes a page in words, without its own words in the markup",
    arguments: Transport.both)
  func moodleErrors(transport: Transport) throws {
    try World.run(transport) { world in
      for error in ["access_denied", "unauthorized_client", "invalid_request"] {
        let attempt = try Attempt(world)
        let answer = try world.post(
          "/lti/launch",
          form: [("error", error), ("error_description", "<b>Invalid</b> prompt"), ("state", attempt.state)],
          fields: [("Cookie", attempt.cookie), ("Accept-Language", "fr")])
        #expect(Refused(answer) == Refused(400, "authentication_refused"))
        #expect(answer.text.contains("Moodle n’a pas voulu confirmer qui vous êtes (\(error))."))
        #expect(!answer.text.contains("<b>"))
      }
      let strange = try world.post("/lti/launch", form: [("error", "<script>alert(1)</script>"), ("state", "")])
      #expect(Refused(strange) == Refused(400, "authentication_refused"))
      #expect(!strange.text.contains("<script"))
      // Through Moodle itself: the hint of somebody else.
      var browser = world.browser()
      var login = try browser.form(of: try browser.begin(user: 3))
      login.fields = login.fields.map { $0.0 == "login_hint" ? ("login_hint", "4") : $0 }
      let hop = try browser.follow(try browser.submit(login))
      let final = try browser.submit(try browser.form(of: hop))
      #expect(Refused(final.response) == Refused(400, "authentication_refused"))
    }
  }
}
