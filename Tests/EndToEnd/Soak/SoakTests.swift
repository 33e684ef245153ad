import DemoMoodle
import Foundation
import Postgres
import Synchronization
import TestSupport
import Testing
import Wire

/// Whatever fails, the gradebook ends equal to the progress.
///
/// The waves take turns at PostgreSQL's three isolation levels. `PASSERELLE_SOAK_SECONDS` makes it longer than three minutes, `PASSERELLE_SOAK_SEED` repeats a run's choices.
@Suite(.serialized, .needsStack) struct SoakTests {
  @Test("Through faults, kills and restarts no grade is lost, doubled, erased or sent out of order")
  func soak() throws {
    let plan = SoakPlan()
    print("soak: \(plan.seconds) s, seed \(plan.seed), \(plan.reportCount) reports in \(plan.waves.count) waves")
    let servers = try SoakServers()
    defer { servers.stop() }
    let moodle = try SoakMoodle(tool: servers.base, learners: SoakPlan.learners, seed: plan.seed)
    defer { moodle.stop() }
    try install(plan, servers, moodle)

    let clients = SoakClients(base: servers.base, moodle: moodle)
    for learner in 0..<SoakPlan.learners { try clients.launch(learner) }
    var tally = Tally()
    for wave in plan.waves.indices {
      try servers.setLevel(SoakPlan.levels[wave % SoakPlan.levels.count])
      let restarting = [plan.waves.count / 3: "pgbouncer", plan.waves.count * 2 / 3: "postgres"][wave]
      let chaos = SoakChaos(plan, wave: wave, restarting: restarting, servers: servers, moodle: moodle)
      let sync = SoakSync(servers)
      chaos.begin()
      sync.begin()
      let outcome = Result { try load(plan.waves[wave], seconds: plan.waveSeconds, clients) }
      try chaos.end()
      sync.end()
      try outcome.get()
      tally.add(chaos, sync, settled: try settle(servers))
      try check(plan, through: wave, servers, moodle)
    }
    tell(plan, clients, tally, moodle)
    #expect(plan.waves.count >= SoakPlan.levels.count || plan.seconds < 108)
    #expect(moodle.platform.audit().injectedTotal >= 200 * min(plan.seconds, 180) / 180)
    #expect(tally.restarts["pgbouncer"] == 1 && tally.restarts["postgres"] == 1)
  }

  /// What happened in all waves.
  private struct Tally {
    var killed = 0
    var restarts: [String: Int] = [:]
    var runs = 0
    var settled: [Duration] = []

    mutating func add(_ chaos: SoakChaos, _ sync: SoakSync, settled duration: Duration) {
      killed += chaos.killed
      restarts.merge(chaos.restarts) { $0 + $1 }
      runs += sync.runs
      settled.append(duration)
    }
  }

  private func install(_ plan: SoakPlan, _ servers: SoakServers, _ moodle: SoakMoodle) throws {
    func done(_ run: ProgramRun) throws { try #require(run.status == 0, "\(run.errorText)") }
    try done(servers.command("migrate"))
    let tool = moodle.platform.tool
    try done(
      servers.command(
        "platform", "add", "--name", "Moodle", "--issuer", moodle.url, "--client-id", tool.clientID, "--deployment-id",
        String(tool.typeID), "--moodle"))
    try done(servers.command("module", "add", "soak", "--title", "Soak", "--url", "https://minisite.example/"))
    for (number, weight) in plan.weights.enumerated() {
      try done(
        servers.command(
          "grain", "add", "soak", "g\(number)", "--title", "Grain \(number)", "--weight",
          "\(weight / 100).\(String(weight % 100 + 100).dropFirst())"))
    }
  }

  /// Several clients work through the reports, spread over the time; those of a burst are posted at the same instant.
  private func load(_ bursts: [SoakPlan.Burst], seconds: Int, _ clients: SoakClients) throws {
    let pace = Duration.seconds(seconds) / bursts.count
    let reports = bursts.enumerated().flatMap { number, burst in burst.map { (due: pace * number, report: $0) } }
    let start = ContinuousClock.now
    let results = simultaneously(SoakPlan.clients) { client in
      for (number, entry) in reports.enumerated() where number % SoakPlan.clients == client {
        while ContinuousClock.now < start + entry.due { usleep(1000) }
        try clients.report(entry.report)
      }
    }
    for result in results { try result.get() }
  }

  /// `grade sync` until nothing is left; how long that took. A lease lasts twelve seconds here.
  private func settle(_ servers: SoakServers) throws -> Duration {
    let start = ContinuousClock.now
    while true {
      let run = try servers.command("grade", "sync", "--now")
      if run.status == 0 { return ContinuousClock.now - start }
      if ContinuousClock.now - start > .seconds(60) {
        try #require(Bool(false), "not settled: \(run.text) \(run.errorText.suffix(2000))")
      }
      usleep(500_000)
    }
  }

  // MARK: - What must be true

  private func check(_ plan: SoakPlan, through wave: Int, _ servers: SoakServers, _ moodle: SoakMoodle) throws {
    let connection = try servers.connect()
    defer { connection.close() }
    // What was answered was kept: the best score of every grain, in thousandths.
    var best: [Int: [Int: Int]] = [:]
    for report in plan.waves[...wave].joined().joined() {
      guard let score = report.score else { continue }
      best[report.learner, default: [:]][report.grain] = max(best[report.learner]?[report.grain] ?? 0, score)
    }
    var kept: [Int: [Int: Int]] = [:]
    let rows = try connection.query(
      """
      select substring(l.email from 'learner([0-9]+)@')::bigint as learner, substring(g.slug from 2)::bigint as grain,
             round(p.score * 1000)::bigint as score
      from public.progress p
      join public.learners l on l.id = p.learner
      join public.grains g on g.id = p.grain
      where p.status = 'completed'
      """)
    for row in rows {
      kept[Int(try row.get("learner", as: Int64.self)) - 1, default: [:]][Int(try row.get("grain", as: Int64.self))] =
        Int(try row.get("score", as: Int64.self))
    }
    #expect(kept == best, "wave \(wave)")

    // The gradebook equals the progress: weights and scores are whole numbers here, so the ratio is exact.
    for learner in 0..<SoakPlan.learners {
      let completed = kept[learner] ?? [:]
      let earned = completed.reduce(0) { $0 + plan.weights[$1.key] * $1.value }
      let ratio = Double(earned) / Double(1000 * plan.weights.reduce(0, +))
      let grade = moodle.platform.grade(user: 101 + learner)
      guard !completed.isEmpty else {
        #expect(grade?.grade == nil)
        continue
      }
      #expect(abs((grade?.grade ?? -1) - ratio * 100) < 0.000_006, "wave \(wave), learner \(learner): \(grade as Any)")
      #expect(grade?.comment == "\(completed.count) of \(SoakPlan.grains) grains", "wave \(wave), learner \(learner)")
    }
    let audit = moodle.platform.audit()
    #expect(audit.decreases.isEmpty, "\(audit.decreases.prefix(3))")
    #expect(audit.overlaps.isEmpty, "\(audit.overlaps.prefix(3))")
    let left = try connection.query(
      "select g.status from public.grades g where g.status <> 'delivered' or g.delivered_version is distinct from g.version"
    )
    #expect(left.isEmpty)
    #expect(try connection.query("select from passerelle.enrolments where lease is not null").isEmpty)
  }

  private func tell(_ plan: SoakPlan, _ clients: SoakClients, _ tally: Tally, _ moodle: SoakMoodle) {
    let (audit, counts) = (moodle.platform.audit(), clients.summary)
    let posts = moodle.platform.requests().count { $0.endpoint == .score }
    var lines = [
      "soak: seed \(plan.seed): \(counts.reports) reports answered, \(counts.repeats) repeated, \(counts.launches) launches, "
        + "slowest answer \(counts.slowest)",
      "soak: answers by grade: "
        + counts.statuses.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", "),
      "soak: \(posts) scores posted, \(tally.runs) runs of grade sync, settled after "
        + tally.settled.map { "\($0.components.seconds) s" }.joined(separator: ", "),
      "soak: \(audit.injectedTotal) faults injected, \(moodle.keySetFailures) fetches of the tool's key set failed, "
        + "\(tally.killed) processes killed, restarts: "
        + tally.restarts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", "),
    ]
    lines += audit.injected.sorted { $0.key < $1.key }.map { "soak:   \($0.value) × \($0.key)" }
    print(lines.joined(separator: "\n"))
  }
}

/// Two `grade sync` side by side, again and again.
final class SoakSync: Sendable {
  private let servers: SoakServers
  private let state = Mutex((isOver: false, runs: 0))
  private let finished = DispatchGroup()

  init(_ servers: SoakServers) { self.servers = servers }

  /// How many runs there were.
  var runs: Int { state.withLock { $0.runs } }

  func begin() {
    for number in 0..<2 {
      finished.enter()
      Thread.detachNewThread {
        while !self.state.withLock({ $0.isOver }) {
          // One of the two as the timer does it, one impatient.
          _ =
            number == 0
            ? try? self.servers.command("grade", "sync", "--now", "--parallel", "3")
            : try? self.servers.command("grade", "sync", "--parallel", "3")
          self.state.withLock { $0.runs += 1 }
          usleep(300_000)
        }
        self.finished.leave()
      }
    }
  }

  func end() {
    state.withLock { $0.isOver = true }
    finished.wait()
  }
}

extension SoakServers {
  /// A superuser's session.
  func connect() throws -> Connection {
    try Connection(conninfo: database, applicationName: "soak", connectTimeout: 10_000, queryTimeout: 30_000)
  }

  /// Lets transactions begin at a level, those of sessions that PgBouncer keeps too: they are ended, and made anew.
  func setLevel(_ level: String) throws {
    let connection = try connect()
    defer { connection.close() }
    try connection.script(
      """
      alter database passerelle set default_transaction_isolation = '\(level)';
      select pg_terminate_backend(pid) from pg_stat_activity where datname = 'passerelle' and pid <> pg_backend_pid();
      """)
  }

  /// One statement on a session of its own; a database that is being restarted is none of the caller's business.
  func query(_ statement: Statement) throws {
    guard let connection = try? connect() else { return }
    defer { connection.close() }
    _ = try? connection.execute(statement)
  }
}
