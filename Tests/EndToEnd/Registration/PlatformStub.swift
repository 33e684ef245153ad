import DemoMoodle
import Synchronization
import Wire

/// A site that answers as a test wants, for platforms that no Moodle would be.
final class PlatformStub: Site {
  private let answer: @Sendable (MoodleRequest, _ wwwroot: String) -> MoodleResponse?
  private let address = Mutex("")
  private let received = Mutex<[MoodleRequest]>([])

  private init(_ answer: @escaping @Sendable (MoodleRequest, String) -> MoodleResponse?) { self.answer = answer }

  /// Runs such a site; `answer` gives nil to hang up without an answer.
  static func run<Value>(
    _ answer: @escaping @Sendable (MoodleRequest, _ wwwroot: String) -> MoodleResponse?,
    _ body: (PlatformStub) throws -> Value
  ) throws -> Value {
    let stub = PlatformStub(answer)
    let server = try Server.start(stub)
    defer { server.stop(grace: 0) }
    return try body(stub)
  }

  /// The site's address.
  var url: String { address.withLock { $0 } }
  /// The paths asked for, in order.
  var paths: [String] { received.withLock { $0.map(\.path) } }

  func moveTo(wwwroot: String) { address.withLock { $0 = wwwroot } }
  func respond(to request: MoodleRequest, waiting: (Int) -> Bool) -> Delivery {
    received.withLock { $0.append(request) }
    return Delivery(answer(request, url))
  }
  func delivered(_ delivery: Delivery) {}
  func now() -> Instant { .now() }

  /// The configuration of a Moodle at `root`, with members changed.
  static func configuration(at root: String, _ changes: [(String, JSONValue)] = []) -> JSONObject {
    var document: JSONObject = [
      "issuer": .string(root), "authorization_endpoint": .string(root + "/mod/lti/auth.php"),
      "token_endpoint": .string(root + "/mod/lti/token.php"), "jwks_uri": .string(root + "/mod/lti/certs.php"),
      "registration_endpoint": .string(root + "/mod/lti/openid-registration.php"),
    ]
    for (name, value) in changes { document[name] = value }
    return document
  }
}
