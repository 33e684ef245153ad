import JOSE
import LTI
import Testing
import Wire

/// Swift Testing has an `Expectation` too.
typealias Expectation = LTI.Expectation

/// A platform with a key of its own, to sign what no honest one would.
struct SigningPlatform: Sendable {
  static let shared = Swift.Result { SigningPlatform(key: try RSAPrivateKey.generate()) }

  let key: RSAPrivateKey
  let keyID = "platform-key-1"

  static let now: Int64 = 1_795_400_000
  static let nonce = "n-0S6_WzA2Mj"

  var publicKey: JWK { JWK(key.publicKey, kid: keyID) }

  /// A token of these claims with the header a platform sends, or another.
  func token(_ claims: JSONObject, header: JSONObject? = nil) throws -> String {
    try token(payload: claims.encoded, header: (header ?? self.header).encoded)
  }

  /// A token of these texts, whatever they are.
  func token(payload: String, header: String? = nil) throws -> String {
    let input =
      Base64URL.encode(Array((header ?? self.header.encoded).utf8)) + "." + Base64URL.encode(Array(payload.utf8))
    return input + "." + Base64URL.encode(try key.signRS256(Array(input.utf8)))
  }

  var header: JSONObject { ["typ": "JWT", "alg": "RS256", "kid": .string(keyID)] }

  /// What this platform's tokens must agree with.
  func expectation(now: Int64 = now, leeway: Int64 = 0) throws -> Expectation {
    Expectation(
      key: publicKey, issuer: try #require(Issuer("https://lms.example.org")),
      clientID: try #require(ClientID("client-1")),
      now: Instant(seconds: now), leeway: leeway, nonceMatches: { $0 == Self.nonce },
      deploymentIsKnown: { $0.value == "deployment-1" })
  }

  /// Reads and validates a token of these claims.
  func launch(_ claims: JSONObject, header: JSONObject? = nil) throws -> LaunchMessage {
    try IDToken(compact: try token(claims, header: header)).validate(try expectation())
  }

  /// Reads and validates the valid claims after a change.
  func launch(_ change: (inout JSONObject) -> Void) throws -> LaunchMessage {
    var claims = Self.validClaims
    change(&claims)
    return try launch(claims)
  }

  static var validClaims: JSONObject {
    [
      "iss": "https://lms.example.org",
      "aud": "client-1",
      "sub": "a6d5c443-1f51-4783-ba1a-7686ffe3b54a",
      "exp": .number(Double(now + 60)),
      "iat": .number(Double(now)),
      "nonce": .string(nonce),
      "name": "Anaïs Bœuf",
      "given_name": "Anaïs",
      "family_name": "Bœuf",
      "middle_name": "Noël Àçîñ",
      "email": "anais@example.org",
      "locale": "fr-FR",
      Name.deploymentID: "deployment-1",
      Name.messageType: "LtiResourceLinkRequest",
      Name.version: "1.3.0",
      Name.roles: ["http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"],
      Name.resourceLink: ["id": "link-1", "title": "Grains d’été"],
      Name.context: ["id": "course-1", "label": "FORM", "title": "Formation"],
      Name.targetLinkURI: "https://tool.example.org/passerelle/lti/launch",
    ]
  }
}

/// Claim names, written out here so that a slip in the module's own list shows.
enum Name {
  static let lti = "https://purl.imsglobal.org/spec/lti/claim/"
  static let deploymentID = lti + "deployment_id"
  static let messageType = lti + "message_type"
  static let version = lti + "version"
  static let roles = lti + "roles"
  static let resourceLink = lti + "resource_link"
  static let context = lti + "context"
  static let targetLinkURI = lti + "target_link_uri"
  static let custom = lti + "custom"
  static let presentation = lti + "launch_presentation"
  static let platform = lti + "tool_platform"
  static let forUser = lti + "for_user"
  static let ags = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
  static let nrps = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
  static let basicOutcome = "https://purl.imsglobal.org/spec/lti-bo/claim/basicoutcome"
}
