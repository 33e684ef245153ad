import CGI
import Postgres
import Store
import Wire

/// `/metrics`: counts and states in Prometheus's text format, version 0.0.4. Refusals are in the log alone.
enum MetricsHandler {
  static func report(_ exchange: Exchange) throws(Refusal) -> Response {
    switch Monitoring.access(exchange) {
    case .granted: break
    case .tokenNeeded: throw .metricsForbidden(tokenIsSet: true)
    case .loopbackOnly: throw .metricsForbidden(tokenIsSet: false)
    }
    let (grades, counters, platforms) = try exchange.database { (database) throws(PostgresError) in
      (
        try Grades.counts(limit: HealthHandler.mostGrades, in: database), try Metrics.counters(in: database),
        try Metrics.platformCalls(in: database)
      )
    }
    var text = MetricsText()
    text.family(
      "passerelle_grades", .gauge,
      "Grades that wait, that need a person, and that the platform lost; 10000 is that many or more.",
      [
        ("status", "pending", Double(grades.pending)), ("status", "failed", Double(grades.failed)),
        ("status", "emptied", Double(grades.emptied)),
      ])
    text.family(
      "passerelle_grade_oldest_seconds", .gauge, "Seconds that the oldest pending grade has waited; 0 when none does.",
      [(nil, "", Double(max(0, grades.oldestPending ?? 0)))])
    text.family(
      "passerelle_grade_attempts_total", .counter, "Attempts to deliver a grade, by what became of it.",
      ["delivered", "pending", "failed"].map { ("outcome", $0, count("attempts", $0, counters)) })
    text.family(
      "passerelle_launches_total", .counter, "Launches that were accepted, and requests for content.",
      ["accepted", "content"].map { ("outcome", $0, count("launches", $0, counters)) })
    text.family(
      "passerelle_platform_seconds", .gauge, "Seconds that a platform took of late to take a grade, token included.",
      platforms.map { ("platform", $0.issuer, $0.recentSeconds) })
    text.family(
      "passerelle_platform_calls_total", .counter, "How often a platform was asked to take a grade.",
      platforms.map { ("platform", $0.issuer, Double($0.calls)) })
    text.family(
      "passerelle_platform_call_seconds_total", .counter, "Seconds that all of that took.",
      platforms.map { ("platform", $0.issuer, $0.seconds) })
    var response = Response.text(text.text)
    response.fields.set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
    return response
  }

  private static func count(_ name: String, _ label: String, _ counters: [Metrics.Counter]) -> Double {
    Double(counters.first { $0.name == name && $0.label == label }?.value ?? 0)
  }
}

/// Writes Prometheus's text format.
private struct MetricsText {
  enum Kind: String {
    case gauge, counter
  }

  private(set) var text = ""

  /// One family: its name, type, meaning, and samples with at most one label each.
  mutating func family(
    _ name: String, _ kind: Kind, _ help: String, _ samples: [(label: String?, value: String, number: Double)]
  ) {
    text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
    for sample in samples {
      text += name
      if let label = sample.label { text += "{\(label)=\"\(Self.escaped(sample.value))\"}" }
      text += " \(Int(exactly: sample.number).map(String.init) ?? String(sample.number))\n"
    }
  }

  private static func escaped(_ value: String) -> String {
    var escaped = ""
    for character in value.unicodeScalars {
      switch character {
      case "\\": escaped += "\\\\"
      case "\"": escaped += "\\\""
      case "\n": escaped += "\\n"
      default: escaped.unicodeScalars.append(character)
      }
    }
    return escaped
  }
}
