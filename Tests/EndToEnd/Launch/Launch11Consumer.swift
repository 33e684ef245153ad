import Foundation
import JOSE
import Testing
import Wire

@testable import DemoMoodle

/// A Moodle that shows one module twice: by LTI 1.3 (course module 2, 100 points) and by LTI 1.1 (3, 20 points); and
/// launches by LTI 1.1 that it might have signed.
struct Launch11Consumer: Sendable {
  /// How a launch is signed (RFC 5849 §3.4.2).
  enum Method: String, CaseIterable, CustomTestStringConvertible {
    case sha1 = "HMAC-SHA1"
    case sha256 = "HMAC-SHA256"
    case plaintext = "PLAINTEXT"
    var testDescription: String { rawValue }
  }

  static let key = "cle11"
  static let secret = "s3cret-é&+11"
  /// The activity's course module.
  static let cmid = 3
  /// The activity's instance, its `resource_link_id`.
  static let instance = 2

  let world: World
  private(set) var key = Self.key
  private(set) var secret = Self.secret
  private(set) var method = Method.sha1
  /// Added to the time at which launches are signed.
  private(set) var clockOffset: Int64 = 0

  /// Registers the world's Moodle for both versions: by SQL for LTI 1.3, by the administrator's command for LTI 1.1.
  init(_ world: World) throws {
    self.world = world
    world.moodle.platform.addTool(
      .passerelle11(at: world.tool.base.description, key: Self.key, secret: Self.secret))
    let run = try Self.add(Self.key, secret: Self.secret, issuer: world.moodle.url, world)
    try #require(run.status == 0, "\(run.errorText)")
  }

  /// `passerelle platform add --lti11-key`, with the secret in a file as an editor leaves it.
  @discardableResult
  static func add(_ key: String, secret: String, issuer: String, _ world: World) throws -> ProgramRun {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try Data((secret + "\n").utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    return try world.command(
      "platform", "add", "--name", "Moodle", "--issuer", issuer, "--lti11-key", key, "--lti11-secret-file", file.path)
  }

  /// A world with such a Moodle.
  static func run<Value>(
    _ transport: Transport = .inProcess, _ body: (Launch11Consumer) throws -> Value
  ) throws -> Value {
    let activities = [
      Activity(), Activity(cmid: cmid, instance: instance, name: "Quiz 1.1 « été »", points: 20, typeID: 2),
    ]
    return try World.run(transport, activities: activities) { try body(Launch11Consumer($0)) }
  }

  /// Another consumer at the same tool: who has another key, another secret, another clock.
  func with(key: String? = nil, secret: String? = nil, method: Method? = nil, clockOffset: Int64 = 0) -> Self {
    var other = self
    other.key = key ?? self.key
    other.secret = secret ?? self.secret
    other.method = method ?? self.method
    other.clockOffset = clockOffset
    return other
  }

  /// What Moodle's own form holds for a launch, without OAuth's part, changed: nil removes a field.
  func message(user: Int = 3, _ changes: [(String, String?)] = []) throws -> [(String, String)] {
    var browser = world.browser()
    let form = try #require(try browser.begin(user: user, cmid: Self.cmid).form)
    var fields = form.fields.filter { !$0.0.hasPrefix("oauth_") }
    for (name, value) in changes {
      let index = fields.firstIndex { $0.0 == name } ?? fields.count
      fields.removeAll { $0.0 == name }
      if let value { fields.insert((name, value), at: min(index, fields.count)) }
    }
    return fields
  }

  /// The message with OAuth's part, signed for `url`; nil is the tool's launch URL.
  func sign(
    _ message: [(String, String)], url: WebURL? = nil, nonce: String = UUID().uuidString,
    oauth changes: [(String, String?)] = []
  ) throws -> [(String, String)] {
    var fields =
      message + [
        ("oauth_version", "1.0"), ("oauth_nonce", nonce),
        ("oauth_timestamp", String(Instant.now().seconds + clockOffset)), ("oauth_consumer_key", key),
        ("oauth_callback", "about:blank"), ("oauth_signature_method", method.rawValue),
      ]
    for (name, value) in changes {
      fields.removeAll { $0.0 == name }
      if let value { fields.append((name, value)) }
    }
    let base = OAuth1.baseString(method: "POST", url: try url ?? world.url("/lti/launch"), parameters: fields)
    let signingKey = OAuth1.encode(secret) + "&"
    let signature =
      switch method {
      case .sha1: Base64.encode(HMAC.sha1(key: Array(signingKey.utf8), Array(base.utf8)))
      case .sha256: Base64.encode(HMAC.sha256(key: Array(signingKey.utf8), Array(base.utf8)))
      case .plaintext: signingKey
      }
    return fields + [("oauth_signature", signature)]
  }

  /// Posts a signed form, with the query that a launch URL may have.
  func post(_ form: [(String, String)], query: String = "", fields: [(String, String)] = []) throws -> HTTPResponse {
    try world.post("/lti/launch" + query, form: form, fields: [("Origin", world.moodle.url)] + fields)
  }

  /// A launch with these changes to Moodle's message.
  func launch(user: Int = 3, _ changes: [(String, String?)] = []) throws -> HTTPResponse {
    try post(try sign(message(user: user, changes)))
  }

  /// The session that an accepted launch opens.
  func session(_ response: HTTPResponse) throws -> MiniSite {
    let fragment = try #require(
      response.fields["Location"].flatMap { WebURL($0) }?.fragment, "\(response.status) \(response.text)")
    return try MiniSite(world, code: String(fragment.dropFirst("passerelle=".count)))
  }

  /// Moodle's own launch, by the form that its page posts.
  func ownLaunch(user: Int = 3) throws -> LaunchTrace { try world.launch(user: user, cmid: Self.cmid) }

  /// A session from Moodle's own launch.
  func ownSession(user: Int = 3) throws -> MiniSite {
    try MiniSite(world, code: try world.code(of: try ownLaunch(user: user)))
  }

  /// The outbox's row for the LTI 1.1 activity.
  func gradeRow(user: Int = 3) throws -> GradeRow { try world.gradeRow(user: user, activity: Self.instance) }

  /// What Moodle's gradebook says of the LTI 1.1 activity.
  func gradebook(user: Int = 3) -> Double? { world.gradebook(user: user, activity: Self.instance) }

  /// The Basic Outcomes requests that Moodle received.
  var outcomes: [MoodleRequest] { world.moodle.requests.filter { $0.path.hasSuffix("/service.php") } }
}

/// A launch that was sent back to the platform: where, and with which words.
struct SentBack: Equatable {
  let url: String
  let message: String?
  let log: String?

  /// nil when the response is no redirection with words.
  init?(_ response: HTTPResponse) {
    guard response.status == 303, let url = response.fields["Location"].flatMap({ WebURL($0) }) else { return nil }
    let items = url.queryItems
    guard let message = items.first(where: { $0.name == "lti_errormsg" })?.value else { return nil }
    self.message = message
    log = items.first { $0.name == "lti_errorlog" }?.value
    self.url = url.description.components(separatedBy: "lti_errormsg=")[0].trimmingCharacters(in: ["&", "?"])
  }
}
