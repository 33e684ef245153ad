import DemoMoodle
import Foundation
import Synchronization
import Wire

/// Something that stands in front of the program, as proxies do: it forwards, and now and then answers in its stead.
final class Front: Site {
  private let gateway: Gateway
  private let instead = Mutex<MoodleResponse?>(nil)
  private let received = Mutex<[String]>([])
  private let asked = Mutex<[String]>([])
  private let delay = Mutex(0.0)
  private let forwarding = Mutex((now: 0, most: 0))

  init(_ tool: Tool) { gateway = Gateway(tool) }

  /// Answers reports of progress from now on; nil forwards them again.
  func answerReports(_ answer: MoodleResponse?) { instead.withLock { $0 = answer } }

  /// The same as a page of its own.
  func answerReports(status: Int) { answerReports(.html("<h1>\(status)</h1>", status: status)) }

  /// The same as the program would refuse.
  func refuseReports(status: Int, code: String) {
    let problem: JSONValue = [
      "type": "about:blank", "title": .string(code), "status": .number(Double(status)), "code": .string(code),
      "detail": "Refused for good.",
    ]
    answerReports(
      MoodleResponse(
        status: status, contentType: "application/problem+json", body: Array(problem.encoded.utf8)))
  }

  /// Keeps reports for so many seconds before they are forwarded.
  func delayReports(_ seconds: Double) { delay.withLock { $0 = seconds } }

  /// How many reports were forwarded at the same time, at most.
  var mostAtOnce: Int { forwarding.withLock(\.most) }

  /// The calls that came, in order: `PUT /passerelle/api/state`.
  var calls: [String] { asked.withLock { $0 } }

  /// The bodies of the reports that came, forwarded or not.
  var reports: [JSONValue] { received.withLock { $0 }.compactMap { try? JSONValue(parsing: $0) } }

  /// The grains of these reports, in order.
  var grains: [JSONValue] { reports.flatMap { $0["grains"]?.arrayValue ?? [$0] } }

  func moveTo(wwwroot: String) {}

  func respond(to request: MoodleRequest, waiting: (Int) -> Bool) -> Delivery {
    asked.withLock { $0.append("\(request.method) \(request.path)") }
    guard request.method == "POST", request.path.hasSuffix("/api/progress") else {
      return gateway.respond(to: request, waiting: waiting)
    }
    received.withLock { $0.append(String(decoding: request.body, as: UTF8.self)) }
    guard var answer = instead.withLock({ $0 }) else {
      forwarding.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
      defer { forwarding.withLock { $0.now -= 1 } }
      Thread.sleep(forTimeInterval: delay.withLock { $0 })
      return gateway.respond(to: request, waiting: waiting)
    }
    _ = answer.fields.set("Access-Control-Allow-Origin", "*")
    return Delivery(answer)
  }

  func delivered(_ delivery: Delivery) {}
  func now() -> Instant { .now() }
}
