import DemoMoodle
import Synchronization
import Wire

/// A stand-in for a running Directus: it takes one administrator's token, clears its caches and reports its health.
final class DirectusSite: Site {
  static let token = "jeton-administrateur"
  private let cleared = Mutex(0)
  private let hasDataCache = Mutex(false)

  /// How often its caches were cleared.
  var clearings: Int { cleared.withLock { $0 } }

  /// As with CACHE_ENABLED.
  func keepAnswers() { hasDataCache.withLock { $0 = true } }

  func moveTo(wwwroot: String) {}

  func respond(to request: MoodleRequest, waiting: (Int) -> Bool) -> Delivery {
    guard request.fields["Authorization"] == "Bearer \(Self.token)" else { return answer(403, ["errors": []]) }
    switch (request.method, request.target) {
    case ("POST", "/utils/cache/clear?system"):
      cleared.withLock { $0 += 1 }
      return Delivery(MoodleResponse(status: 200, contentType: nil, body: []))
    case ("GET", "/server/health"):
      let checks: JSONObject = hasDataCache.withLock { $0 } ? ["cache:responseTime": []] : ["pg:responseTime": []]
      return answer(200, ["status": "ok", "checks": .object(checks)])
    default: return answer(404, ["errors": []])
    }
  }

  private func answer(_ status: Int, _ body: JSONValue) -> Delivery {
    Delivery(MoodleResponse(status: status, contentType: "application/json", body: body.encodedBytes))
  }

  func delivered(_ delivery: Delivery) {}

  func now() -> Instant { Instant.now() }
}
