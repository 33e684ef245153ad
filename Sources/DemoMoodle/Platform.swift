import JOSE
import Synchronization
import Wire

/// How the demo platform is set up.
package struct PlatformConfiguration: Sendable {
  /// The first registered tool.
  package var tool: Tool
  /// More registered tools, with type ids of their own.
  package var otherTools: [Tool] = []
  /// The course's activities.
  package var activities: [Activity]
  /// Everybody with an account.
  package var people: [Person]
  /// The site's name, `tool_platform.name`.
  package var siteName = "Moodle de démonstration"
  /// The site's identifier, `tool_platform.guid`.
  package var guid = "0eedca41d52b2ea3bca9070098ab2302"
  /// The site's description; nil repeats its name.
  package var siteDescription: String?
  /// Decides tokens, session ids and launch ids; nil takes them from the system's randomness.
  package var seed: UInt64?
  /// The hash over the data of a `lis_result_sourcedid`; nil makes one with a secret of the site's own.
  package var resultHash: (@Sendable (String) -> String)?
  /// The clock.
  package var now: @Sendable () -> Instant = { Instant.now() }
  /// Fetches the tool's key set. The default allows plain http and private addresses and gives up after 10 s.
  package var send: @Sendable (HTTPRequest) throws(TransportFailure) -> HTTPResponse = {
    try PlainHTTP.send($0, timeout: 10_000)
  }

  /// A site with one tool.
  package init(tool: Tool, activities: [Activity] = [Activity()], people: [Person] = Person.everyone) {
    self.tool = tool
    self.activities = activities
    self.people = people
  }
}

/// A Moodle-like LTI 1.3 platform: state behind one lock, and a handler per endpoint.
///
/// It behaves as Moodle 4.5.6 was observed to, traps included. Where it differs, it says so at the place. It is one
/// process with one lock, so two scores for one person are taken one after the other; Moodle itself can lose one.
package final class Platform: Site {
  /// How it was set up.
  package let configuration: PlatformConfiguration
  /// The site's signing key; its key id is 20 hexadecimal digits, as Moodle makes them.
  package let key: RSAPrivateKey
  /// The id of `key` in certs.php and in token headers.
  package let keyID: String

  let state: Mutex<State>

  /// Everything that changes.
  struct State {
    var wwwroot = "http://127.0.0.1"
    var people: [Person]
    var activities: [Activity]
    /// Never empty: the first is the configured one.
    var tools: [Tool]
    var gradebook: Gradebook
    var sessions: [String: Session] = [:]
    var sendsLaxCookies = false
    var reposts = 0
    /// The activities that the course's Moodle Page shows inside it, by cmid; without any there is no such page.
    var pageActivities: [Int] = []
    /// Launches begun by a script that names its person in the address and keeps no cookie.
    var cookielessLaunches: [String: Launch] = [:]
    var viewed: Set<Viewing> = []
    var accessTokens: [String: AccessToken] = [:]
    /// The tools' key sets as fetched, by type id, kept until a verification fails.
    var toolKeys: [Int: JWKSet] = [:]
    var faults: FaultPlan
    var log = RequestLog()
    var generator: SeededGenerator?
  }

  /// One browser's session.
  struct Session: Sendable {
    var user: Int
    var sesskey: String
    var launches: [String: Launch] = [:]
  }

  /// A launch that was begun and not yet answered; consumed once by auth.php.
  struct Launch: Sendable {
    enum Purpose: Sendable {
      case resourceLink(cmid: Int)
      case submissionReview(cmid: Int, of: Int?)
      case deepLinking(title: String, text: String)
    }

    var session: String
    var user: Int
    var typeID: Int
    var purpose: Purpose
    var sesskey: String

    var isDeepLinking: Bool {
      if case .deepLinking = purpose { return true }
      return false
    }
  }

  struct Viewing: Hashable, Sendable {
    var user: Int
    var cmid: Int
  }

  struct AccessToken: Sendable {
    var typeID: Int
    var scopes: [String]
    var validUntil: Int64
  }

  /// A site that is not listening yet; `Server.start` gives it its address.
  /// - Parameters:
  ///   - configuration: the tool, the course and the people.
  ///   - key: the signing key; nil makes one (RSA 2048, some tenths of a second).
  /// - Throws: `JOSEError` when OpenSSL cannot make a key.
  package init(_ configuration: PlatformConfiguration, key: RSAPrivateKey? = nil) throws(JOSEError) {
    self.configuration = configuration
    if let key { self.key = key } else { self.key = try RSAPrivateKey.generate(bits: 2048) }
    keyID = String(Hex.encode(SHA256.hash(self.key.publicKey.modulus)).prefix(20))
    state = Mutex(
      State(
        people: configuration.people, activities: configuration.activities,
        tools: [configuration.tool] + configuration.otherTools,
        gradebook: Gradebook(activities: configuration.activities),
        faults: FaultPlan(seed: configuration.seed ?? 1),
        generator: configuration.seed.map(SeededGenerator.init(seed:))))
  }

  /// The site's address, which is also its issuer.
  package var wwwroot: String { state.withLock { $0.wwwroot } }

  /// Gives the site another address.
  package func moveTo(wwwroot: String) { state.withLock { $0.wwwroot = wwwroot } }

  /// The platform's clock.
  package func now() -> Instant { configuration.now() }

  /// Milliseconds since 1970 on the platform's clock.
  func nowMilliseconds() -> Int64 {
    let instant = now()
    return instant.seconds * 1000 + Int64(instant.nanoseconds) / 1_000_000
  }

  /// Answers a request, faults included.
  /// - Parameters:
  ///   - request: the request.
  ///   - waiting: lets so many milliseconds pass and returns false when the client has gone meanwhile.
  package func respond(to request: MoodleRequest, waiting: (Int) -> Bool) -> Delivery {
    let target = Routes.match(request)
    guard let endpoint = target.endpoint else { return Delivery(target.handle(self, request)) }
    let arrival = nowMilliseconds()
    let (fault, entry, collides) = state.withLock { state in
      let fault = state.faults.next(for: endpoint)
      let gradebook = state.gradebook
      let entry = state.log.begin(endpoint: endpoint, request: request, at: arrival, fault: fault) {
        gradebook.lineItem(ofActivity: $0)?.id
      }
      return (fault, entry, state.collides(entry))
    }
    func handle() -> MoodleResponse { collides ? Self.collision(endpoint, request) : target.handle(self, request) }
    var delivery: Delivery
    switch fault {
    case nil: delivery = Delivery(handle())
    case .page(let status): delivery = Delivery(Self.page(status))
    case .status(let status, let retryAfter):
      delivery = Delivery(Self.failure(status, retryAfter: retryAfter, at: endpoint, request))
    case .delay(let milliseconds):
      pause(milliseconds, entry: entry, waiting: waiting)
      delivery = Delivery(handle())
    case .delayAfterStore(let milliseconds):
      delivery = Delivery(handle())
      pause(milliseconds, entry: entry, waiting: waiting)
    case .cutBeforeStore: delivery = Delivery(nil)
    case .cutAfterStore:
      _ = handle()
      delivery = Delivery(nil)
    case .drip(let milliseconds):
      delivery = Delivery(handle())
      delivery.dripMilliseconds = milliseconds
    }
    delivery.logEntry = entry
    let status = delivery.response?.status
    state.withLock { $0.log.answer(entry, status: status) }
    return delivery
  }

  /// Notes that an answer leaves, or that its connection is about to be cut.
  ///
  /// Called just before the last bytes go: afterwards the client may already be sending its next request.
  package func delivered(_ delivery: Delivery) {
    guard let entry = delivery.logEntry else { return }
    let at = nowMilliseconds()
    state.withLock { $0.log.complete(entry, at: at) }
  }

  /// A client that hangs up during the pause is done with its request then, though the platform goes on with it.
  private func pause(_ milliseconds: Int, entry: Int, waiting: (Int) -> Bool) {
    let start = ContinuousClock.now
    guard !waiting(milliseconds) else { return }
    let at = nowMilliseconds()
    state.withLock { $0.log.abandon(entry, at: at) }
    let left = Duration.milliseconds(milliseconds) - start.duration(to: .now)
    Sleep.milliseconds(Int(left.components.seconds * 1000 + left.components.attoseconds / 1_000_000_000_000_000))
  }

  /// What Moodle, or Apache in front of it, answers when something is wrong: the service's JSON for a 4xx, `[]` where
  /// a score itself fails, a page for the rest.
  private static func failure(
    _ status: Int, retryAfter: Int?, at endpoint: Endpoint, _ request: MoodleRequest
  ) -> MoodleResponse {
    var response: MoodleResponse
    if endpoint == .score, status == 409 || status == 500 {
      response = MoodleResponse(
        status: status, contentType: Services.scoreType + "; charset=utf-8", body: Array("[]".utf8))
    } else if ![.token, .keySet, .outcome].contains(endpoint), status < 500 {
      response = Services.refused(ServiceRefusal(status), request)
    } else {
      response = .html("<!DOCTYPE html>\n<title>\(status)</title>\n", status: status)
    }
    if let retryAfter { response.fields.set("Retry-After", String(retryAfter)) }
    return response
  }

  /// What a server in front of Moodle, or the one that its old address leads away from, answers.
  private static func page(_ status: Int) -> MoodleResponse {
    var response = MoodleResponse.html("<!DOCTYPE html>\n<title>\(status)</title>\n", status: status)
    if (300..<400).contains(status) { response.fields.set("Location", "https://elsewhere.example/") }
    return response
  }

  /// Random octets, from the seed when there is one.
  private func randomOctets(_ count: Int) -> [UInt8] {
    state.withLock { state in
      guard var generator = state.generator else { return randomBytes(count) }
      let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
      state.generator = generator
      return bytes
    }
  }

  /// Random hexadecimal digits, from the seed when there is one.
  func randomHex(_ digits: Int) -> String {
    String(Hex.encode(randomOctets((digits + 1) / 2)).prefix(digits))
  }

  /// A random client id: 15 letters and digits, as Moodle makes them.
  func randomClientID() -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
    return String(randomOctets(15).map { alphabet[Int($0) % alphabet.count] })
  }
}
