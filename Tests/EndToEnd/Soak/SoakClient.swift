import DemoMoodle
import Foundation
import Synchronization
import Testing
import Wire

/// The learners' browsers: launches and reports that are repeated, as `passerelle.js` does, until they are answered.
final class SoakClients: Sendable {
  private let base: String
  private let moodle: SoakMoodle
  private let tokens = Mutex<[Int: String]>([:])
  private let counts = Mutex(Counts())

  /// What happened on the way.
  struct Counts {
    var reports = 0
    var repeats = 0
    var launches = 0
    var statuses: [String: Int] = [:]
    var slowest = Duration.zero
  }

  init(base: String, moodle: SoakMoodle) {
    self.base = base
    self.moodle = moodle
  }

  var summary: Counts { counts.withLock { $0 } }

  /// Launches somebody from Moodle and trades the code for a session, however often it takes.
  func launch(_ learner: Int) throws {
    try persist("launch of \(learner)") {
      var browser = LaunchClient(platform: moodle.url) { (request) throws(TransportFailure) in
        try PlainHTTP.send(request, timeout: 20_000)
      }
      guard let trace = try? browser.launch(user: 101 + learner) else { return false }
      try expectNoFault(trace.final?.response)
      guard let fragment = trace.location?.fragment else { return false }
      let answer = try? send(
        "/api/session", body: ["code": .string(String(fragment.dropFirst("passerelle=".count)))], token: nil)
      try expectNoFault(answer)
      guard let answer, answer.status == 200, let token = try answer.json["token"]?.stringValue else { return false }
      tokens.withLock { $0[learner] = token }
      return true
    }
    counts.withLock { $0.launches += 1 }
  }

  /// Reports progress, however often it takes.
  func report(_ report: SoakPlan.Report) throws {
    if report.relaunches { try launch(report.learner) }
    var body: JSONObject = ["grain": .string("g\(report.grain)"), "status": "started"]
    if let score = report.score {
      body["status"] = "completed"
      body["score"] = .number(Double(score) / 1000)
    }
    try persist("report of \(report.learner)") {
      let token = tokens.withLock { $0[report.learner] }
      let start = ContinuousClock.now
      guard let answer = try? send("/api/progress", body: .object(body), token: token) else { return false }
      let time = ContinuousClock.now - start
      counts.withLock { $0.slowest = max($0.slowest, time) }
      // Whatever is neither an answer nor a failure of a server is a mistake of the program.
      try #require(answer.status == 200 || answer.status >= 500, "\(answer.status) \(answer.text)")
      try expectNoFault(answer)
      guard answer.status == 200 else { return false }
      let status = try answer.json.at("grade.status")?.stringValue ?? "–"
      counts.withLock {
        $0.reports += 1
        $0.statuses[status, default: 0] += 1
      }
      return true
    }
  }

  /// A killed program is Apache's plain 500; one of the program's own, with a code, is a fault, whatever the database did.
  private func expectNoFault(_ answer: HTTPResponse?) throws {
    guard let answer, answer.status == 500 else { return }
    try #require(answer.code == nil, "500 \(answer.text)")
  }

  private func send(_ path: String, body: JSONValue, token: String?) throws -> HTTPResponse {
    var fields = [("Content-Type", "application/json")]
    if let token { fields.append(("Authorization", "Bearer \(token)")) }
    return try PlainHTTP.send(
      HTTPRequest(
        method: "POST", url: try #require(WebURL(base + path)), fields: HTTPFields(fields),
        body: Array(body.encoded.utf8)), timeout: 20_000)
  }

  private func persist(_ what: String, _ attempt: () throws -> Bool) throws {
    let end = ContinuousClock.now + .seconds(90)
    var pause: UInt32 = 100_000
    while try !attempt() {
      try #require(ContinuousClock.now < end, "\(what): no answer in 90 s")
      counts.withLock { $0.repeats += 1 }
      usleep(pause)
      pause = min(pause * 2, 1_000_000)
    }
  }
}
