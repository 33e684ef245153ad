import DemoMoodle
import TestSupport
import Testing
import Wire

/// A NUL, which JSON, forms and addresses can carry and PostgreSQL's text cannot: each door refuses it in words of its own.
@Suite(.needsStack) struct NULTests {
  private static let nul = "a\u{0}b"

  private static let optional: [(String, JSONValue)] = {
    let broken = JSONValue.string(nul)
    var claims: [(String, JSONValue)] = [
      ("name", broken), ("email", broken), ("given_name", broken), ("locale", broken),
    ]
    claims.append(("nobody-knows-this", .object(["a": .array([broken])])))
    claims.append((Claim.context, .object(["id": "2", "title": broken])))
    claims.append((Claim.resourceLink, .object(["id": "1", "title": broken])))
    claims.append((Claim.custom, .object(["module": broken])))
    claims.append((Claim.custom, .object(["n\u{0}": "x"])))
    claims.append((Claim.presentation, .object(["locale": broken])))
    claims.append((Claim.ags, .object(["scope": .array([broken])])))
    return claims
  }()

  @Test("In a token: a launch that says so, whichever claim holds it", arguments: optional)
  func token(claim: String, value: JSONValue) throws {
    try World.run(.inProcess) { world in
      let attempt = try Attempt(world)
      let answer = try attempt.present(try attempt.token([(claim, value)]))
      #expect(Refused(answer) == Refused(400, "launch_text_invalid"))
    }
  }

  private static let identifying: [(String, JSONValue, String)] = {
    let broken = JSONValue.string(nul)
    var claims: [(String, JSONValue, String)] = [("sub", broken, "launch_subject_missing")]
    claims.append((Claim.resourceLink, .object(["id": broken]), "launch_resource_link_missing"))
    claims.append((Claim.roles, .array([broken]), "launch_roles_invalid"))
    claims.append((Claim.deploymentID, broken, "launch_deployment_missing"))
    claims.append((Claim.targetLinkURI, broken, "launch_target_link_uri_missing"))
    claims.append(("nonce", broken, "launch_nonce_mismatch"))
    return claims
  }()

  @Test("In what identifies: the claim's own refusal", arguments: identifying)
  func identifier(claim: String, value: JSONValue, code: String) throws {
    try World.run(.inProcess) { world in
      let attempt = try Attempt(world)
      #expect(Refused(try attempt.present(try attempt.token([(claim, value)]))) == Refused(400, code))
    }
  }

  @Test("In the module that a target link's query names")
  func query() throws {
    try World.run(.inProcess) { world in
      let attempt = try Attempt(world)
      let token = try attempt.token([
        (Claim.custom, nil), (Claim.targetLinkURI, "https://tool.example/passerelle?module=a%00b"),
      ])
      #expect(Refused(try attempt.present(token)) == Refused(400, "text_unusable"))
    }
  }

  @Test("In a form or a query", arguments: Transport.both)
  func form(transport: Transport) throws {
    try World.run(transport) { world in
      let type = [("Content-Type", "application/x-www-form-urlencoded")]
      for path in ["/lti/login", "/lti/launch"] {
        for body in ["iss=a%00b&state=x&id_token=y", "i%00=1", "iss=a\0b"] {
          let answer = try world.send("POST", path, fields: type, body: Array(body.utf8))
          #expect(Refused(answer) == Refused(400, "form_invalid_encoding"), "\(path) \(body)")
        }
      }
      for path in ["/lti/login?iss=a%00b", "/lti/register?openid_configuration=a%00b"] {
        #expect(Refused(try world.send("GET", path)) == Refused(400, "form_invalid_encoding"), "\(path)")
      }
      let launch = "lti_message_type=basic-lti-launch-request&oauth_consumer_key=a%00b&oauth_signature=x"
      #expect(
        Refused(try world.send("POST", "/lti/launch", fields: type, body: Array(launch.utf8)))
          == Refused(400, "form_invalid_encoding"))
    }
  }

  @Test("In a JSON body, in a name or a value, at any depth", arguments: Transport.both)
  func body(transport: Transport) throws {
    try World.run(transport) { world in
      let page = try world.session()
      let bodies = [
        #"{"grain":"accueil\u0000","status":"completed"}"#, #"{"grain":"accueil","status":"completed","x":["\u0000"]}"#,
        #"{"grain":"accueil","status":"completed","\u0000":1}"#,
      ]
      let fields = [("Authorization", "Bearer \(page.token)"), ("Content-Type", "application/json")]
      for path in ["/api/progress", "/api/session", "/api/deep-link"] {
        for body in bodies {
          let answer = try world.send("POST", path, fields: fields, body: Array(body.utf8))
          #expect((400...499).contains(answer.status), "\(path) \(body): \(answer.status)")
          if path == "/api/progress" {
            #expect(Refused(answer) == Refused(400, "invalid_body"))
            #expect(try answer.json["reason"]?.stringValue?.contains("NUL") == true)
          }
        }
      }
      // An escaped backslash before the letters is no NUL, though nothing else would be right about it.
      let answer = try world.send(
        "POST", "/api/progress", fields: fields,
        body: Array(#"{"grain":"accueil","status":"completed","x":"\\u0000"}"#.utf8))
      #expect(answer.status == 200, "\(answer.text)")
    }
  }

  @Test("In what Moodle answers about its members: a cleaned name, or a list that is not kept")
  func members() throws {
    try World.run(.inProcess) { world in
      let page = try world.session()
      #expect(try page.complete("accueil").status == 200)
      // A score that Moodle answers with a NUL in its words is a refusal with a name.
      world.moodle.answer(
        scoresWith: MoodleResponse(
          status: 400, contentType: "application/json", body: Array(#"{"error":"a\u0000b"}"#.utf8)))
      let report = try page.complete("bilan")
      #expect(report.status == 200)
      let code: String? = try world.database.value("select last_error_code from public.grades")
      #expect(code?.isEmpty == false)
      let words: String? = try world.database.value("select last_error from public.grades")
      #expect(words?.isEmpty == false)
    }
  }
}
