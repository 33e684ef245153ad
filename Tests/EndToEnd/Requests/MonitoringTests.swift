import DemoMoodle
import Foundation
import Testing
import Wire

/// `/health` and `/metrics`: who reads what, and whether it is true.
@Suite(.needsStack) struct MonitoringTests {
  private static let token = "0123456789abcdefghijklmnopqrstuv"

  /// The samples of an answer in Prometheus's text format.
  private func samples(_ answer: HTTPResponse) throws -> [String: Double] {
    #expect(answer.fields["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8")
    var samples: [String: Double] = [:]
    for line in answer.text.split(separator: "\n") where !line.hasPrefix("#") {
      let match = try #require(try #/([a-z_]+(?:\{[a-z]+="[^"\n]*"\})?) ([0-9.e+-]+)/#.wholeMatch(in: line), "\(line)")
      samples[String(match.1)] = Double(match.2)
    }
    return samples
  }

  @Test(
    "Without a token this machine alone reads the figures; everybody else learns up or down", arguments: Transport.both)
  func loopback(transport: Transport) throws {
    try World.run(transport) { world in
      let mine = try world.send("GET", "/health")
      #expect(try mine.json["version"] != nil && mine.json["pendingGrades"] == 0 && mine.json["emptiedGrades"] == 0)
      #expect(try world.send("GET", "/metrics").status == 200)
      let through: [(String, String)] = [
        ("Forwarded", "for=192.0.2.1"), ("X-Forwarded-For", "127.0.0.1"), ("X-Real-IP", "::1"), ("Via", "1.1 proxy"),
      ]
      for field in through {
        let health = try world.send("GET", "/health", fields: [field])
        #expect(health.status == 200)
        #expect(try health.json == ["status": "ok", "database": "ok"], "\(field.0)")
        #expect(
          Refused(try world.send("GET", "/metrics", fields: [field])) == Refused(403, "metrics_forbidden"), "\(field.0)"
        )
      }
    }
  }

  @Test("Once a token is set only it counts, from this machine too")
  func token() throws {
    try World.run(.inProcess, settings: [("PASSERELLE_METRICS_TOKEN", Self.token)]) { world in
      let almost = String(Self.token.dropLast())
      let wrong: [[(String, String)]] = [
        [], [("Authorization", "Bearer \(almost)x")], [("Authorization", "Basic \(Self.token)")],
      ]
      for fields in wrong {
        #expect(try world.send("GET", "/health", fields: fields).json == ["status": "ok", "database": "ok"])
        let refused = try world.send("GET", "/metrics", fields: fields)
        #expect(Refused(refused) == Refused(401, "metrics_forbidden"))
        #expect(refused.fields["WWW-Authenticate"] == "Bearer")
      }
      let fields = [("Authorization", "Bearer \(Self.token)"), ("X-Forwarded-For", "192.0.2.1")]
      #expect(try world.send("GET", "/health", fields: fields).json["version"] != nil)
      #expect(try world.send("GET", "/metrics", fields: fields).status == 200)
      #expect(try !world.tool.log.contains(Self.token))
    }
  }

  @Test("A database that is away is told to everybody, its figures to nobody")
  func away() throws {
    try World.run(.inProcess) { world in
      try world.tool.set("PASSERELLE_DATABASE_URL", "postgresql://postgres@127.0.0.1:9/postgres")
      #expect(Refused(try world.send("GET", "/metrics")) == Refused(503, "database_unavailable"))
      let public_ = try world.send("GET", "/health", fields: [("Via", "1.1 proxy")])
      #expect(try public_.status == 503 && public_.json == ["status": "unavailable", "database": "unavailable"])
    }
  }

  @Test("Launches, attempts by outcome, what waits and how long Moodle took are counted where they happen")
  func counts() throws {
    try World.run(.inProcess) { world in
      let before = try samples(try world.send("GET", "/metrics"))
      #expect(before["passerelle_launches_total{outcome=\"accepted\"}"] == 0)
      #expect(before["passerelle_grade_oldest_seconds"] == 0)
      let page = try world.session()
      try page.complete("accueil")
      world.moodle.platform.injectNext(.status(503), at: .score)
      try page.complete("bilan")
      let after = try samples(try world.send("GET", "/metrics"))
      #expect(after["passerelle_launches_total{outcome=\"accepted\"}"] == 1)
      #expect(after["passerelle_launches_total{outcome=\"content\"}"] == 0)
      #expect(after["passerelle_grade_attempts_total{outcome=\"delivered\"}"] == 1)
      #expect(after["passerelle_grade_attempts_total{outcome=\"pending\"}"] == 1)
      #expect(
        after["passerelle_grades{status=\"pending\"}"] == 1 && after["passerelle_grades{status=\"emptied\"}"] == 0)
      let site = "{platform=\"\(world.moodle.url)\"}"
      #expect(after["passerelle_platform_calls_total\(site)"] == 2)
      let seconds = try #require(after["passerelle_platform_seconds\(site)"])
      #expect(seconds > 0 && seconds < 30)
      #expect(after["passerelle_platform_call_seconds_total\(site)"] != nil)
      // A refusal leaves no row.
      #expect(Refused(try world.send("POST", "/lti/launch")).status == 415)
      #expect(try samples(try world.send("GET", "/metrics"))["passerelle_launches_total{outcome=\"accepted\"}"] == 1)
      try world.database.execute(
        "update public.grades set status = 'failed', attempts = attempts + 1, next_attempt_at = null")
      #expect(try samples(try world.send("GET", "/metrics"))["passerelle_grades{status=\"failed\"}"] == 1)
    }
  }

  @Test("The counters stay few rows, whoever counts at once, and nothing is lost")
  func concurrent() throws {
    try World.run(.inProcess) { world in
      DispatchQueue.concurrentPerform(iterations: 8) { index in
        for _ in 0..<5 { _ = try? world.launch(user: 3 + index % 3) }
      }
      let launches: Int = try world.database.value(
        "select count(*) from passerelle.login_states where consumed_at is not null")
      #expect(launches > 30)
      #expect(
        try samples(try world.send("GET", "/metrics"))["passerelle_launches_total{outcome=\"accepted\"}"]
          == Double(launches))
      #expect(try world.database.count("select from passerelle.counters") <= 16)
    }
  }
}
