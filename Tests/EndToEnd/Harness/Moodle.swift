import DemoMoodle
import JOSE
import Synchronization
import Wire

/// A Moodle-like site on a port of its own inside the test's process, with everything it was asked.
final class Moodle: Sendable {
  let platform: Platform
  /// The platform's clock.
  let clock: Clock
  private let recorder: Recorder
  private let server: Server

  /// Making a key takes some tenths of a second, and all sites may share one.
  private static let key = Result { try RSAPrivateKey.generate() }

  /// A site on which the tool at `base` is registered.
  init(
    base: WebURL, clientID: String = "sdCVQxdbZQil7Gc", typeID: Int = 1, activities: [Activity] = [Activity()],
    people: [Person] = Person.everyone + Person.learners(50), key: RSAPrivateKey? = nil, clock: Clock = Clock(),
    send: @escaping @Sendable (HTTPRequest) throws(TransportFailure) -> HTTPResponse
  ) throws {
    self.clock = clock
    var configuration = PlatformConfiguration(
      tool: .passerelle(at: base.description, clientID: clientID, typeID: typeID), activities: activities,
      people: people)
    configuration.send = send
    configuration.now = { clock.now }
    platform = try Platform(configuration, key: try key ?? Self.key.get())
    recorder = Recorder(platform)
    server = try Server.start(recorder)
  }

  /// The site's address, its issuer.
  var url: String { server.url }

  /// Stops answering, as a crash would.
  func stop() { server.stop(grace: 0) }

  /// Every request received.
  var requests: [MoodleRequest] { recorder.requests.withLock { $0 } }

  /// How many requests came to a path that ends so.
  func count(_ suffix: String) -> Int { requests.count { $0.path.hasSuffix(suffix) } }

  /// The bodies of the scores received, in order of arrival, whatever became of them.
  var scores: [JSONValue] {
    requests.filter { $0.path.hasSuffix("/scores") }.compactMap { try? JSONValue(parsing: $0.body) }
  }

  /// Answers every score with this from now on, and stores nothing; nil gives the platform its voice back.
  func answer(scoresWith response: MoodleResponse?) { recorder.scoreAnswer.withLock { $0 = response } }

  /// Signs tokens with the site's key.
  var tokens: IDTokenFactory { IDTokenFactory(platform) }

  /// The platform's clock: the system's, and so many seconds.
  final class Clock: Sendable {
    private let offset = Mutex<Int64>(0)
    var now: Instant { Instant.now().adding(seconds: offset.withLock { $0 }) }
    func advance(_ seconds: Int64) { offset.withLock { $0 += seconds } }
  }

  /// Keeps what passes on its way to the platform.
  private final class Recorder: Site {
    let requests = Mutex<[MoodleRequest]>([])
    let scoreAnswer = Mutex<MoodleResponse?>(nil)
    private let platform: Platform

    init(_ platform: Platform) { self.platform = platform }

    func moveTo(wwwroot: String) { platform.moveTo(wwwroot: wwwroot) }
    func respond(to request: MoodleRequest, waiting: (Int) -> Bool) -> Delivery {
      requests.withLock { $0.append(request) }
      if request.path.hasSuffix("/scores"), let answer = scoreAnswer.withLock({ $0 }) { return Delivery(answer) }
      return platform.respond(to: request, waiting: waiting)
    }
    func delivered(_ delivery: Delivery) { platform.delivered(delivery) }
    func now() -> Instant { platform.now() }
  }
}
