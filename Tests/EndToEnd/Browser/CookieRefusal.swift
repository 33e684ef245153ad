import DemoMoodle
import Synchronization
import Wire

/// The tool as a browser meets it that refuses every cookie and allows storage: no `Set-Cookie` arrives, no `Cookie`
/// leaves.
final class CookieRefusal: Site {
  private let gateway: Gateway
  private let seen = Mutex<[(path: String, status: Int)]>([])
  private let refused = Mutex(0)

  init(_ tool: Tool) { gateway = Gateway(tool) }

  /// The statuses of the answers to a path of the script, in order.
  func statuses(_ path: String) -> [Int] {
    seen.withLock { $0.filter { $0.path == "/passerelle" + path }.map(\.status) }
  }

  /// How many cookies the tool tried to set.
  var refusedCookies: Int { refused.withLock { $0 } }

  func moveTo(wwwroot: String) {}

  func respond(to request: MoodleRequest, waiting: (Int) -> Bool) -> Delivery {
    var request = request
    request.fields = HTTPFields(
      request.fields.all.filter { $0.name.lowercased() != "cookie" }.map { ($0.name, $0.value) })
    var delivery = gateway.respond(to: request, waiting: waiting)
    guard var response = delivery.response else { return delivery }
    let kept = response.fields.all.filter { $0.name.lowercased() != "set-cookie" }
    refused.withLock { $0 += response.fields.all.count - kept.count }
    response.fields = HTTPFields(kept.map { ($0.name, $0.value) })
    delivery.response = response
    seen.withLock { $0.append((request.path, response.status)) }
    return delivery
  }

  func delivered(_ delivery: Delivery) {}
  func now() -> Instant { .now() }
}

extension Classroom {
  /// Puts such a browser's view of the tool in place of the tool, for launches; the mini-site's calls carry no cookies.
  func refusingCookies<Value>(_ body: (CookieRefusal) throws -> Value) throws -> Value {
    let refusal = CookieRefusal(world.tool)
    let server = try Server.start(refusal)
    defer { server.stop(grace: 0) }
    let base = server.url + "/passerelle"
    try world.tool.set("PASSERELLE_BASE_URL", base)
    world.moodle.platform.tool = .passerelle(at: base)
    return try body(refusal)
  }
}
