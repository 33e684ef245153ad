import DemoMoodle
import Foundation
import JOSE
import Testing
import Wire

@Suite("Dynamic Registration")
struct RegistrationTests {
  private let configuration = "https://purl.imsglobal.org/spec/lti-tool-configuration"
  private let page = "http://127.0.0.1:8091/register?invite=a%26b"

  /// What a tool finds in the URL it is opened with.
  private func opened(_ url: WebURL?) throws -> (configuration: String, token: String) {
    let items = try #require(url).queryItems
    return (
      try #require(items.first { $0.name == "openid_configuration" }?.value),
      try #require(items.first { $0.name == "registration_token" }?.value)
    )
  }

  private func claims(_ token: String) throws -> JSONValue { try JSONValue(parsing: JWS(compact: token).payload) }

  @Test("answers every recorded registration request with the recorded status, type and words")
  func replay() throws {
    let site = try RecordedSite()
    let exchanges = try Exchange.load("dynamic_registration.json")
    #expect(exchanges.count == 18)
    let first = try #require(exchanges.first { $0.label == "missing jwks_uri" })
    let recordedID = "udhHJtuFPoHjhVS"
    site.clock.now = first.at
    var tokens: [String: String] = [:]
    let token = try opened(site.platform.beginRegistration(at: page)).token
    tokens[try #require(first.request.fields["Authorization"])] = token
    let clientID = try #require(claims(token)["sub"]?.stringValue)
    for exchange in exchanges {
      let what = Comment(rawValue: exchange.label)
      site.clock.now = exchange.at
      var request = exchange.request
      if let recorded = request.fields["Authorization"], !recorded.contains("abc.def") {
        if tokens[recorded] == nil {
          tokens[recorded] = try opened(site.platform.beginRegistration(at: page, updating: 3)).token
        }
        request.fields.set("Authorization", "Bearer " + (tokens[recorded] ?? ""))
      }
      let answer = try site.answer(request)
      #expect(answer.status == exchange.status, what)
      #expect(answer.fields["Content-Type"] == exchange.contentType, what)
      if exchange.body.hasPrefix("<!DOCTYPE html>") {
        #expect(answer.text.hasPrefix("<!DOCTYPE html>"), what)
      } else {
        #expect(answer.text.replacing(clientID, with: recordedID) == exchange.body, what)
      }
    }
    #expect(tokens.count == 2)
    let tool = try #require(site.platform.tool(typeID: 3))
    #expect(tool.name == "Stub enregistré v3")
    #expect(tool.state == .pending)
    #expect(tool.customParameters == ["grain=x", "mail=$Person.email.primary"])
    #expect(tool.sendName == .always && tool.sendEmail == .always)
    #expect(tool.contentSelectionURL == "http://127.0.0.1:8091/deeplink")
  }

  @Test("opens the tool with its own query kept, Moodle's configuration URL, and a signed token of one hour")
  func tokenOfTheStart() throws {
    let site = try RecordedSite()
    let url = site.platform.beginRegistration(at: page)
    #expect(url?.description.hasPrefix(page + "&openid_configuration=") == true)
    let (configuration, token) = try opened(url)
    #expect(configuration == "http://127.0.0.1:8090/mod/lti/openid-configuration.php")
    let jws = try JWS(compact: token)
    let published = try site.answer(MoodleRequest(method: "GET", target: "/mod/lti/certs.php"))
    let key = try #require(JWKSet(parsing: published.body).key(id: jws.keyID ?? ""))
    try jws.verify(with: key)
    let now = Double(site.clock.now.seconds)
    let told = try claims(token)
    #expect(told.objectValue?.keys == ["sub", "scope", "iat", "exp"])
    #expect(told["scope"] == "reg" && told["iat"] == .number(now) && told["exp"] == .number(now + 3600))
    #expect(told["sub"]?.stringValue?.wholeMatch(of: /[A-Za-z0-9]{15}/) != nil)
    #expect(site.platform.beginRegistration(at: "ftp://x/") == nil)
  }

  @Test("takes a token for its hour only, and none that another key signed")
  func badTokens() throws {
    let site = try RecordedSite()
    let good = try opened(site.platform.beginRegistration(at: page)).token
    func register(_ token: String) throws -> MoodleResponse {
      try site.answer(
        MoodleRequest(
          method: "POST", target: "/mod/lti/openid-registration.php",
          fields: HTTPFields([("Authorization", "Bearer " + token)]), body: Array("{}".utf8)))
    }
    let forged = try IDTokenFactory(site.platform).token(
      #require(claims(good).objectValue), key: RSAPrivateKey.generate())
    #expect(try register(forged).status == 404)
    let wrongScope = try IDTokenFactory(site.platform).token(["sub": "x", "scope": "openid"])
    #expect(try register(wrongScope).status == 403)
    site.clock.now = site.clock.now.adding(seconds: 3599)
    #expect(try register(good).text == "missing required attribute response_types")
    site.clock.now = site.clock.now.adding(seconds: 1)
    #expect(try register(good).status == 404)
    #expect(site.platform.tools.count == 2)
  }

  private func registration(of stage: Stage, scope: [String], claims: [JSONValue] = []) -> JSONValue {
    [
      "response_types": ["id_token"], "initiate_login_uri": .string(stage.tool.url + "/lti/login"),
      "redirect_uris": [.string(stage.tool.url + "/lti/launch")], "client_name": "Passerelle",
      "jwks_uri": .string(stage.tool.url + "/lti/jwks"), "token_endpoint_auth_method": "private_key_jwt",
      "scope": .string(scope.joined(separator: " ")),
      configuration: [
        "domain": .string(stage.tool.url.replacing("http://", with: "")),
        "target_link_uri": .string(stage.tool.url + "/lti/launch"), "claims": .array(claims),
        "custom_parameters": ["module": "tool"],
      ],
    ]
  }

  private func register(_ stage: Stage, _ payload: JSONValue) throws -> JSONValue {
    let token = try opened(stage.platform.beginRegistration(at: stage.tool.url + "/register")).token
    let answer = try stage.send(
      "POST", "/mod/lti/openid-registration.php",
      fields: [("Authorization", "Bearer " + token), ("Content-Type", "application/json")], body: payload.encoded)
    #expect(answer.status == 200)
    return try JSONValue(parsing: answer.body)
  }

  @Test("makes a pending tool that has tokens at once, is activated by the administrator, and then shows an activity")
  func lifeOfATool() throws {
    let stage = try Stage()
    defer { stage.stop() }
    let answer = try register(stage, registration(of: stage, scope: Scope.grades, claims: ["name"]))
    let clientID = try #require(answer["client_id"]?.stringValue)
    #expect(answer[configuration]?["deployment_id"] == "2")
    let tool = try #require(stage.platform.tool(typeID: 2))
    #expect(tool.clientID == clientID && tool.state == .pending && !tool.mayReadMembers)
    #expect(tool.contentSelectionURL == nil)
    let assertion = try stage.assertion([("iss", .string(clientID)), ("sub", .string(clientID))])
    #expect(try stage.requestToken(assertion: assertion).status == 200)

    var client = stage.client
    let before = try client.open(stage.server.url + "/mod/lti/toolconfigure.php?user=2")
    #expect(before.text.contains("<span class=\"state\">En attente</span>"))
    let last = try #require(before.text.range(of: "<span class=\"state\">En attente", options: .backwards))
    let form = try #require(HTMLForm(in: String(before.text[last.lowerBound...])))
    #expect(form.value("id") == "2")
    var forged = form
    forged.fields.removeAll { $0.0 == "sesskey" }
    forged.action = stage.server.url + form.action
    #expect(try client.submit(forged).response.status == 404)
    #expect(stage.platform.tool(typeID: 2)?.state == .pending)
    forged.fields = form.fields
    #expect(try client.submit(forged).response.status == 303)
    #expect(stage.platform.tool(typeID: 2)?.state == .configured)

    stage.platform.addActivity(
      Activity(cmid: 9, instance: 9, name: "Registered", custom: [("module", "own"), ("a", "b")], typeID: 2))
    let trace = try client.launch(user: 3, cmid: 9)
    let claims = try claims(#require(trace.idToken))
    #expect(claims["aud"]?.stringValue == clientID)
    #expect(claims["https://purl.imsglobal.org/spec/lti/claim/deployment_id"] == "2")
    #expect(claims["name"] == "Éloïse Lefèvre" && claims["email"] == nil)
    // Moodle lets the tool's custom parameter hide the activity's.
    #expect(claims["https://purl.imsglobal.org/spec/lti/claim/custom"]?["module"] == "tool")
    #expect(claims["https://purl.imsglobal.org/spec/lti/claim/custom"]?["a"] == "b")
  }

  @Test("grants scopes, names and addresses as the registration asks for them")
  func grants() throws {
    let stage = try Stage()
    defer { stage.stop() }
    let some = try register(stage, registration(of: stage, scope: [Scope.score]))
    // Moodle promises lineitem with any grade scope, and does not grant it.
    #expect(some["scope"]?.stringValue?.split(separator: " ").contains(Substring(Scope.lineItem)) == true)
    #expect(stage.platform.tool(typeID: 2)?.permittedScopes.contains(Scope.lineItem) == false)
    #expect(stage.platform.tool(typeID: 2)?.permittedScopes.contains(Scope.score) == true)
    #expect(some[configuration]?["claims"] == ["sub", "iss"])
    let none = try register(stage, registration(of: stage, scope: [], claims: ["email"]))
    #expect(none["scope"] == "")
    #expect(none[configuration]?["claims"] == ["sub", "iss", "email"])
    #expect(stage.platform.tool(typeID: 3)?.permittedScopes == [])
  }

  @Test("is the administrator's: the page frames the tool, asks which tool is meant, and closes when the tool says so")
  func pages() throws {
    let stage = try Stage()
    defer { stage.stop() }
    let start = stage.server.url + "/mod/lti/startltiadvregistration.php?url=http%3A%2F%2Ftool.test%2Fregister"
    #expect(try stage.send("GET", start).fields["Location"] == stage.server.url + "/login/index.php")
    #expect(try stage.send("GET", start + "&user=8").status == 404)
    var client = stage.client
    let page = try client.follow(try client.open(start + "&user=2"))
    #expect(page.text.contains("event.data.subject === \"org.imsglobal.lti.close\""))
    let source = try #require(page.text.firstMatch(of: /<iframe id="registration" src="([^"]*)"/)?.1)
    let framed = stage.server.url + source.replacing("&amp;", with: "&")
    let opened = try client.open(framed)
    #expect(opened.response.status == 302)
    #expect(opened.location?.description.hasPrefix("http://tool.test/register?openid_configuration=") == true)
    #expect(try client.open(framed.replacing("sesskey=", with: "sesskey=x")).response.status == 404)

    let alike = framed.replacing(
      "tool.test", with: stage.tool.url.replacing("http://", with: "").replacing(":", with: "%3A"))
    let choice = try client.open(alike)
    #expect(choice.response.status == 200)
    #expect(choice.text.contains("&amp;type=1\"") && choice.text.contains("&amp;type=0\""))
    for (type, scope) in [(0, "reg"), (1, "reg-update")] {
      let location = try #require(try client.open(alike + "&type=\(type)").location)
      #expect(try claims(self.opened(location).token)["scope"]?.stringValue == scope)
    }
    #expect(try client.open(alike + "&type=7").response.status == 404)
  }
}
