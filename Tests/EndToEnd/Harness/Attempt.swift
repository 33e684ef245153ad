import DemoMoodle
import JOSE
import Testing
import Wire

/// A login that was started in one browser, and the launches that may be tried on it: honest or hostile.
struct Attempt: Sendable {
  let world: World
  let moodle: Moodle
  let state: String
  let nonce: String
  /// The state cookie, `name=value`.
  let cookie: String

  /// Starts a login at the tool as Moodle's form would.
  init(_ world: World, moodle: Moodle? = nil) throws {
    self.world = world
    self.moodle = moodle ?? world.moodle
    let tool = self.moodle.platform.tool
    let answer = try world.post(
      "/lti/login",
      form: [
        ("iss", self.moodle.url), ("target_link_uri", tool.baseURL), ("login_hint", "3"),
        ("client_id", tool.clientID), ("lti_deployment_id", String(tool.typeID)),
      ])
    try #require(answer.status == 302, "\(answer.text)")
    let items = try #require(answer.fields["Location"].flatMap { WebURL($0) }).queryItems
    state = try #require(items.first { $0.name == "state" }?.value)
    nonce = try #require(items.first { $0.name == "nonce" }?.value)
    cookie = String(try #require(answer.fields["Set-Cookie"]).prefix { $0 != ";" })
  }

  /// A token with the login's own nonce.
  /// - Parameters:
  ///   - user: whose launch.
  ///   - changes: claims to set, or to remove where the value is nil.
  ///   - header: header members to set or remove.
  ///   - key: another key than the platform's.
  func token(
    user: Int = 3, _ changes: [(String, JSONValue?)] = [], header: [(String, JSONValue?)] = [],
    key: RSAPrivateKey? = nil
  ) throws -> String {
    try moodle.tokens.token(
      moodle.tokens.claims(user: user, nonce: nonce, changes: changes), header: header, key: key)
  }

  /// Posts a token with the state, in the browser that began.
  func present(
    _ token: String, cookie: String? = nil, fields: [(String, String)] = []
  ) throws -> HTTPResponse {
    try world.post(
      "/lti/launch", form: [("id_token", token), ("state", state)],
      fields: [("Cookie", cookie ?? self.cookie)] + fields)
  }
}

/// Names of LTI claims.
enum Claim {
  private static let lti = "https://purl.imsglobal.org/spec/lti/claim/"
  static let messageType = lti + "message_type"
  static let version = lti + "version"
  static let deploymentID = lti + "deployment_id"
  static let targetLinkURI = lti + "target_link_uri"
  static let resourceLink = lti + "resource_link"
  static let roles = lti + "roles"
  static let context = lti + "context"
  static let custom = lti + "custom"
  static let presentation = lti + "launch_presentation"
  static let ags = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
}
