import DemoMoodle
import Synchronization
import Wire

/// An HTTP server that answers as Directus does where this program speaks to it (api/src/controllers/utils.ts and
/// server.ts of Directus 12): a stand-in, not a Directus.
final class StandIn: Site {
  /// A static token of an administrator.
  static let token = "jeton-administrateur"
  /// One of somebody else.
  static let trainerToken = "jeton-formateur"

  private let seen = Mutex<[String]>([])
  private let hasDataCache: Bool
  private let trouble: Trouble?

  /// What else it may answer.
  enum Trouble: Sendable {
    case status(Int)
    case silence
    case nonsense
    case tooMuch
  }

  init(hasDataCache: Bool = false, trouble: Trouble? = nil) {
    self.hasDataCache = hasDataCache
    self.trouble = trouble
  }

  /// Method and target of every request so far.
  var requests: [String] { seen.withLock { $0 } }

  func moveTo(wwwroot: String) {}

  func respond(to request: MoodleRequest, waiting: (Int) -> Bool) -> Delivery {
    seen.withLock { $0.append("\(request.method) \(request.target)") }
    switch trouble {
    case .status(let status): return answer(status, ["errors": []])
    case .silence:
      _ = waiting(5_000)
      return Delivery(nil)
    case .nonsense: return Delivery(MoodleResponse(status: 200, contentType: "text/html", body: Array("<html>".utf8)))
    case .tooMuch:
      return Delivery(
        MoodleResponse(status: 200, contentType: "text/plain", body: [UInt8](repeating: 0x20, count: 4_000_000)))
    case nil: break
    }
    let credentials = request.fields["Authorization"]
    let isAdministrator = credentials == "Bearer \(Self.token)"
    switch (request.method, request.target) {
    case ("POST", "/utils/cache/clear?system"):
      guard credentials == "Bearer \(Self.trainerToken)" || isAdministrator else { return answer(401, ["errors": []]) }
      return isAdministrator
        ? Delivery(MoodleResponse(status: 200, contentType: nil, body: [])) : answer(403, ["errors": []])
    case ("GET", "/server/health"):
      guard isAdministrator else { return answer(200, ["status": "ok"]) }
      var checks: JSONObject = ["pg:responseTime": [["status": "ok"]]]
      if hasDataCache { checks["cache:responseTime"] = [["status": "ok"]] }
      return answer(200, ["status": "ok", "checks": .object(checks)])
    default: return answer(404, ["errors": [["extensions": ["code": "ROUTE_NOT_FOUND"]]]])
    }
  }

  private func answer(_ status: Int, _ body: JSONValue) -> Delivery {
    Delivery(MoodleResponse(status: status, contentType: "application/json", body: body.encodedBytes))
  }

  func delivered(_ delivery: Delivery) {}

  func now() -> Instant { Instant.now() }
}
