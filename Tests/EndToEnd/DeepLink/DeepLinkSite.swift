import DemoMoodle
import JOSE
import Testing
import Wire

/// What the page on which a teacher chooses does with its session.
struct DeepLinkSite: Sendable {
  let world: World
  let token: String
  /// The answer to the code.
  let opened: JSONValue

  /// Trades the code of a deep-linking launch for a session.
  init(_ world: World, code: String) throws {
    let response = try world.post("/api/session", json: ["code": .string(code)])
    #expect(response.status == 200, "\(response.text)")
    opened = try response.json
    self.world = world
    token = try #require(opened["token"]?.stringValue)
  }

  private var authorization: (String, String) { ("Authorization", "Bearer \(token)") }

  /// GET /api/deep-link.
  func list() throws -> HTTPResponse { try world.send("GET", "/api/deep-link", fields: [authorization]) }

  /// POST /api/deep-link.
  func answer(_ body: JSONValue) throws -> HTTPResponse {
    try world.post("/api/deep-link", json: body, fields: [authorization])
  }

  /// The return URL, and the claims of a response whose signature verifies with the tool's published key.
  func response(_ body: JSONValue) throws -> (returnURL: String, jwt: String, claims: JSONValue) {
    let answer = try answer(body)
    #expect(answer.status == 200, "\(answer.text)")
    let object = try answer.json
    #expect(object.objectValue?.members.map(\.key) == ["returnUrl", "jwt"])
    let jwt = try #require(object["jwt"]?.stringValue)
    let jws = try JWS(compact: jwt)
    let keys = try JWKSet(parsing: try world.send("GET", "/lti/jwks").body)
    try jws.verify(with: try #require(keys.key(id: jws.keyID ?? "")))
    return (try #require(object["returnUrl"]?.stringValue), jwt, try JSONValue(parsing: jws.payload))
  }

  /// The content items of a response.
  func items(_ body: JSONValue) throws -> [JSONValue] {
    try #require(try response(body).claims["https://purl.imsglobal.org/spec/lti-dl/claim/content_items"]?.arrayValue)
  }
}

extension World {
  /// The claim that makes a request for content; Moodle's own words, and changes to them.
  static func settings(_ changes: [(String, JSONValue?)] = []) -> [(String, JSONValue?)] {
    var settings: JSONObject = [
      "accept_types": ["ltiResourceLink"], "accept_presentation_document_targets": ["frame", "iframe", "window"],
      "accept_multiple": true, "deep_link_return_url": "https://moodle.example/return?sesskey=secret",
    ]
    for (name, value) in changes { settings[name] = value }
    return [
      (Claim.messageType, "LtiDeepLinkingRequest"), (Claim.resourceLink, nil),
      ("https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings", .object(settings)),
    ]
  }

  /// A request for content with these settings, as far as the session of the page.
  func deepLink(user: Int = 8, _ changes: [(String, JSONValue?)] = []) throws -> DeepLinkSite {
    let attempt = try Attempt(self)
    let answer = try attempt.present(try attempt.token(user: user, Self.settings(changes)))
    return try DeepLinkSite(self, code: try deepLinkCode(answer))
  }

  /// The code in the fragment of the page's address.
  func deepLinkCode(_ answer: HTTPResponse?) throws -> String {
    #expect(answer?.status == 303, "\(answer?.text ?? "")")
    let location = try #require(answer?.fields["Location"])
    let start = tool.base.description + "/deep-link#passerelle="
    #expect(location.hasPrefix(start) && location.utf8.count == start.utf8.count + 43, "\(location)")
    return String(location.dropFirst(start.count))
  }
}
