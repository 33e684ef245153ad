import DemoMoodle
import Foundation
import Postgres
import Synchronization
import TestSupport
import Testing
import Wire

/// The primary is gone, its standby takes over, and the old primary comes back as a standby of the new one. In the soak's own
/// suite, because it runs where the soak runs and belongs to it: it is never left out.
extension SoakTests {
  @Test(
    "With two hosts in the URL a crash of the primary costs learners a 503 at worst, and no grade",
    arguments: ["", "?target_session_attrs=read-write"])
  func failover(attributes: String) throws {
    let servers = try SoakServers(withStandby: true)
    defer { servers.stop() }
    let standby = try #require(servers.standby)
    try servers.changeSettings { $0 + attributes }
    let moodle = try SoakMoodle(tool: servers.base, learners: Failover.learners, seed: 1)
    defer { moodle.stop() }
    try servers.install(moodle, grains: Failover.grains)

    let clients = FailoverClients(servers.base, moodle)
    for learner in 0..<Failover.learners { try clients.launch(learner) }
    try checkStandbyAlone(servers, standby)

    let isOver = Mutex(false)
    let events = Thread {
      // Reports come all the while: at the primary, at nobody, at the promoted standby, and beside a demoted primary.
      for (pause, order) in [(3, "crash primary"), (2, "promote standby"), (4, "rejoin primary"), (4, "")] {
        sleep(UInt32(pause))
        if !order.isEmpty {
          do { try servers.order(order) } catch { Issue.record(error) }
        }
      }
      isOver.withLock { $0 = true }
    }
    events.start()
    let results = simultaneously(Failover.learners) { learner in
      var round = 0
      // Everything is reported at least once, and the last reports come after the last event.
      while round < Failover.grains || !isOver.withLock({ $0 }) {
        try clients.report(learner, grain: round % Failover.grains, score: min(1000, 200 + round * 7))
        round += 1
        usleep(100_000)
      }
    }
    for result in results { try result.get() }
    print("failover: \(clients.summary)")

    try settle(servers)
    let connection = try Connection(
      conninfo: standby, applicationName: "soak", connectTimeout: 10_000, queryTimeout: 30_000)
    defer { connection.close() }
    for learner in 0..<Failover.learners {
      let best = clients.acknowledged(learner)
      let rows = try connection.query(
        """
        select g.slug, round(p.score * 1000)::bigint as score from public.progress p
        join public.grains g on g.id = p.grain join public.learners l on l.id = p.learner
        where substring(l.email from 'learner([0-9]+)@')::bigint = \(learner + 1)
        """)
      for row in rows {
        let slug: String = try row.get("slug")
        // A report that was not acknowledged may have been kept all the same; none that was may be missing.
        #expect(try row.get("score", as: Int.self) >= best[slug] ?? 0, "learner \(learner), \(slug)")
      }
      #expect(rows.count == Failover.grains)
      let sum = try rows.reduce(0) { try $0 + $1.get("score", as: Int.self) }
      let expected = Double(sum) / Double(1000 * Failover.grains) * 100
      let grade = moodle.platform.grade(user: 101 + learner)?.grade ?? -1
      #expect(abs(grade - expected) < 0.000_006, "learner \(learner): \(grade), not \(expected)")
    }
    let audit = moodle.platform.audit()
    #expect(audit.decreases.isEmpty && audit.overlaps.isEmpty)
    let statuses = clients.summary.statuses
    #expect(Set(statuses.keys).isSubset(of: [200, 503]), "\(statuses)")
  }

  /// A URL that leads to the standby alone: nobody can write, and everybody is told.
  private func checkStandbyAlone(_ servers: SoakServers, _ standby: String) throws {
    let former = try servers.changeSettings { _ in standby }
    let health = try PlainHTTP.send(
      HTTPRequest(method: "GET", url: try #require(WebURL(servers.base + "/health"))), timeout: 20_000)
    #expect(health.status == 503)
    #expect(try health.json["status"] == "unavailable" && health.json["database"] == "read_only", "\(health.text)")
    let doctor = try servers.command("doctor")
    #expect(doctor.status == 1)
    #expect(doctor.text.contains("WRONG    writing: this PostgreSQL takes no writing"), "\(doctor.text)")
    _ = try servers.changeSettings { _ in former }
  }

  private func settle(_ servers: SoakServers) throws {
    let end = ContinuousClock.now + .seconds(60)
    while true {
      let run = try servers.command("grade", "sync", "--now")
      if run.status == 0 { return }
      try #require(ContinuousClock.now < end, "not settled: \(run.text) \(run.errorText.suffix(2000))")
      usleep(500_000)
    }
  }
}

private enum Failover {
  static let learners = 6
  static let grains = 10
}

/// Learners who try again as long as they are told to.
private final class FailoverClients: Sendable {
  private let base: String
  private let moodle: SoakMoodle
  private let state = Mutex(State())

  struct State {
    var tokens: [Int: String] = [:]
    var best: [Int: [String: Int]] = [:]
    var statuses: [Int: Int] = [:]
    var longestAway = Duration.zero
  }

  init(_ base: String, _ moodle: SoakMoodle) {
    self.base = base
    self.moodle = moodle
  }

  var summary: State {
    state.withLock {
      var summary = $0
      summary.tokens = [:]
      summary.best = [:]
      return summary
    }
  }

  /// The best score by grain that was answered with 200.
  func acknowledged(_ learner: Int) -> [String: Int] { state.withLock { $0.best[learner] ?? [:] } }

  func launch(_ learner: Int) throws {
    var browser = LaunchClient(platform: moodle.url) { (request) throws(TransportFailure) in
      try PlainHTTP.send(request, timeout: 20_000)
    }
    let fragment = try #require(try browser.launch(user: 101 + learner).location?.fragment)
    let answer = try send(
      "/api/session", body: ["code": .string(String(fragment.dropFirst("passerelle=".count)))], token: nil)
    let token = try #require(answer.json["token"]?.stringValue)
    state.withLock { $0.tokens[learner] = token }
  }

  func report(_ learner: Int, grain: Int, score: Int) throws {
    let token = state.withLock { $0.tokens[learner] }
    let start = ContinuousClock.now
    while true {
      let answer = try send(
        "/api/progress",
        body: ["grain": .string("g\(grain)"), "status": "completed", "score": .number(Double(score) / 1000)],
        token: token)
      state.withLock { $0.statuses[answer.status, default: 0] += 1 }
      if answer.status == 200 { break }
      try #require(answer.status == 503 && answer.code == "database_unavailable", "\(answer.status) \(answer.text)")
      try #require(ContinuousClock.now - start < .seconds(60))
      usleep(200_000)
    }
    state.withLock {
      $0.longestAway = max($0.longestAway, ContinuousClock.now - start)
      $0.best[learner, default: [:]]["g\(grain)"] = max($0.best[learner]?["g\(grain)"] ?? 0, score)
    }
  }

  private func send(_ path: String, body: JSONValue, token: String?) throws -> HTTPResponse {
    var fields = [("Content-Type", "application/json")]
    if let token { fields.append(("Authorization", "Bearer \(token)")) }
    return try PlainHTTP.send(
      HTTPRequest(
        method: "POST", url: try #require(WebURL(base + path)), fields: HTTPFields(fields),
        body: Array(body.encoded.utf8)), timeout: 30_000)
  }
}

extension SoakServers {
  /// Gives the site another `PASSERELLE_DATABASE_URL`; answers the former one.
  @discardableResult
  func changeSettings(_ change: (String) -> String) throws -> String {
    let key = "PASSERELLE_DATABASE_URL="
    var lines = try String(contentsOfFile: settings, encoding: .utf8).split(separator: "\n").map(String.init)
    let place = try #require(lines.firstIndex { $0.hasPrefix(key) })
    let former = String(lines[place].dropFirst(key.count))
    lines[place] = key + change(former)
    try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: URL(fileURLWithPath: settings))
    return former
  }

  /// Migrates, registers the site and makes the module `soak` with its grains.
  fileprivate func install(_ moodle: SoakMoodle, grains: Int) throws {
    func done(_ run: ProgramRun) throws { try #require(run.status == 0, "\(run.errorText)") }
    try done(command("migrate"))
    let tool = moodle.platform.tool
    try done(
      command(
        "platform", "add", "--name", "Moodle", "--issuer", moodle.url, "--client-id", tool.clientID, "--deployment-id",
        String(tool.typeID), "--moodle"))
    try done(command("module", "add", "soak", "--title", "Soak", "--url", "https://minisite.example/"))
    for number in 0..<grains { try done(command("grain", "add", "soak", "g\(number)", "--title", "Grain \(number)")) }
  }
}
