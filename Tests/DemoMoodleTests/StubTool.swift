import DemoMoodle
import Testing
import JOSE
import Synchronization
import Wire

/// A tool of a few lines: it starts the authentication, keeps what the platform posts, and publishes its key.
final class StubTool: Site {
  let key: RSAPrivateKey
  private let state = Mutex(State())

  struct State {
    var url = ""
    var launches: [[(name: String, value: String)]] = []
    var loginCookies: [String?] = []
    var jwksFetches = 0
    var jwksAnswer: MoodleResponse?
    var published: [JWK] = []
    var authenticationChanges: [(String, String?)] = []
  }

  /// Making keys is slow: all stub tools share one.
  private static let sharedKey = Result { try RSAPrivateKey.generate() }

  init() throws { key = try Self.sharedKey.get() }

  var url: String { state.withLock { $0.url } }
  var keyID: String { key.publicJWK.kid ?? "" }
  var launches: [[(name: String, value: String)]] { state.withLock { $0.launches } }
  var jwksFetches: Int { state.withLock { $0.jwksFetches } }

  /// Query items of the authentication request to set, or to leave out where the value is nil.
  func changeAuthentication(_ changes: [(String, String?)]) { state.withLock { $0.authenticationChanges = changes } }

  /// Publishes these keys from now on.
  func publish(_ keys: [JWK]) { state.withLock { $0.published = keys } }

  /// Another answer than the key set; nil for the key set again.
  func answerJWKS(with response: MoodleResponse?) { state.withLock { $0.jwksAnswer = response } }

  var tool: Tool { .passerelle(at: url) }

  func moveTo(wwwroot: String) { state.withLock { $0.url = wwwroot } }
  func delivered(_ delivery: Delivery) {}
  func now() -> Instant { Instant.now() }

  func respond(to request: MoodleRequest, waiting: (Int) -> Bool) -> Delivery {
    switch request.path {
    case "/lti/login": Delivery(login(request))
    case "/lti/launch":
      state.withLock { state in
        state.launches.append(request.postItems)
        return Delivery(MoodleResponse.redirect(to: "http://site.test/#passerelle=\(state.launches.count)"))
      }
    case "/lti/jwks":
      state.withLock { state in
        state.jwksFetches += 1
        let keys = state.published.isEmpty ? [key.publicJWK] : state.published
        return Delivery(state.jwksAnswer ?? .json(["keys": .array(keys.map { .object($0.json) })]))
      }
    default: Delivery(MoodleResponse(status: 404, contentType: nil))
    }
  }

  private func login(_ request: MoodleRequest) -> MoodleResponse {
    let (changes, url) = state.withLock { state in
      state.loginCookies.append(request.cookie("tool"))
      return (state.authenticationChanges, state.url)
    }
    var items: [(String, String)] = [
      ("scope", "openid"), ("response_type", "id_token"), ("response_mode", "form_post"), ("prompt", "none"),
      ("client_id", request.postValue("client_id") ?? ""), ("redirect_uri", url + "/lti/launch"),
      ("login_hint", request.postValue("login_hint") ?? ""),
      ("lti_message_hint", request.postValue("lti_message_hint") ?? ""), ("state", "state-1"), ("nonce", "nonce-1"),
    ]
    for (name, value) in changes {
      items.removeAll { $0.0 == name }
      if let value { items.append((name, value)) }
    }
    let issuer = request.postValue("iss") ?? ""
    return MoodleResponse(
      status: 302, contentType: nil,
      fields: [
        ("Location", issuer + "/mod/lti/auth.php?" + FormURLEncoded.encode(items)),
        ("Set-Cookie", "tool=1; path=/lti; HttpOnly"),
      ])
  }
}

/// A platform and a stub tool, both listening, and what a test does with them.
struct Stage {
  let platform: Platform
  let tool: StubTool
  let server: Server
  let toolServer: Server

  /// Making keys is slow; all stages share one platform key.
  private static let platformKey = Result { try RSAPrivateKey.generate() }

  init(
    activities: [Activity] = [Activity()], people: [Person] = Person.everyone,
    change: (inout PlatformConfiguration) -> Void = { _ in }
  ) throws {
    tool = try StubTool()
    toolServer = try Server.start(tool)
    var configuration = PlatformConfiguration(tool: tool.tool, activities: activities, people: people)
    change(&configuration)
    platform = try Platform(configuration, key: Self.platformKey.get())
    server = try Server.start(platform)
  }

  func stop() {
    server.stop(grace: 0)
    toolServer.stop(grace: 0)
  }

  var client: LaunchClient { LaunchClient(platform: server.url) }

  func send(
    _ method: String, _ path: String, fields: [(String, String)] = [], body: String = "", timeout: Int = 15_000
  ) throws -> HTTPResponse {
    let url = try #require(WebURL(path.hasPrefix("http") ? path : server.url + path))
    return try PlainHTTP.send(
      HTTPRequest(method: method, url: url, fields: HTTPFields(fields), body: Array(body.utf8)), timeout: timeout)
  }

  func assertion(_ changes: [(String, JSONValue?)] = [], key: RSAPrivateKey? = nil, keyID: String? = nil) throws
    -> String
  {
    let now = Double(Instant.now().seconds)
    var claims: JSONObject = [
      "iss": .string(platform.tool.clientID), "sub": .string(platform.tool.clientID),
      "aud": .string(server.url + "/mod/lti/token.php"), "iat": .number(now - 5), "exp": .number(now + 300), "jti": "j",
    ]
    for (name, value) in changes { claims[name] = value }
    return try JWT.sign(claims, with: key ?? tool.key, keyID: keyID ?? tool.keyID)
  }

  func requestToken(assertion: String, scope: String = Scope.grades.joined(separator: " ")) throws -> HTTPResponse {
    try send(
      "POST", "/mod/lti/token.php", fields: [("Content-Type", "application/x-www-form-urlencoded")],
      body: FormURLEncoded.encode([
        ("grant_type", "client_credentials"),
        ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
        ("client_assertion", assertion), ("scope", scope),
      ]))
  }

  func token(scope: String = Scope.grades.joined(separator: " ")) throws -> String {
    let answer = try requestToken(assertion: assertion(), scope: scope)
    return try #require(JSONValue(parsing: answer.body)["access_token"]?.stringValue)
  }

  func score(
    _ given: Double, user: Int = 3, at timestamp: String, token: String, comment: String = "", lineItem: Int = 2,
    timeout: Int = 15_000
  ) throws -> HTTPResponse {
    let body: JSONValue = [
      "userId": .string(String(user)), "timestamp": .string(timestamp), "activityProgress": "Completed",
      "gradingProgress": "FullyGraded", "scoreGiven": .number(given), "scoreMaximum": 100, "comment": .string(comment),
    ]
    return try send(
      "POST", "/mod/lti/services.php/2/lineitems/\(lineItem)/lineitem/scores?type_id=1",
      fields: [("Content-Type", "application/vnd.ims.lis.v1.score+json"), ("Authorization", "Bearer " + token)],
      body: body.encoded, timeout: timeout)
  }
}
