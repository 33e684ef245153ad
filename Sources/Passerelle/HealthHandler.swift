import CGI
import Postgres
import Store
import Wire

/// `/health`: for monitoring. `ok` says that a learner's report would be kept. Whoever may read what is counted reads it here, too.
enum HealthHandler {
  /// Grades are counted up to this number, so that the answer costs the same however many wait.
  static var mostGrades: Int { 10_000 }
  /// How many seconds an answer of the database stands for the next ones.
  private static var writesEvery: Int { 10 }

  static func report(_ exchange: Exchange) throws(Refusal) -> Response {
    let isTrusted = Monitoring.access(exchange) == .granted
    var answer = JSONObject()
    let counts = exchange.askingDatabase { (database) throws(PostgresError) -> (Grades.Counts, Recounts.Left)? in
      try Health.beat(within: writesEvery, in: database)
      guard isTrusted else { return nil }
      return (try Grades.counts(limit: mostGrades, in: database), try Recounts.left(in: database))
    }
    switch counts {
    case .success(let counted):
      answer["status"] = "ok"
      answer["database"] = "ok"
      if let (counts, recounts) = counted {
        answer["pendingGrades"] = .number(Double(counts.pending))
        answer["failedGrades"] = .number(Double(counts.failed))
        answer["emptiedGrades"] = .number(Double(counts.emptied))
        answer["oldestPendingSeconds"] = counts.oldestPending.map { .number(Double(max(0, $0))) } ?? .null
        answer["recountingModules"] = .number(Double(recounts.modules))
        answer["recountingLearners"] = .number(Double(recounts.waiting))
        answer["version"] = .string(Version.current)
      }
      return .json(.object(answer))
    case .failure(let error):
      let trouble = DatabaseTrouble(error)
      exchange.environment.log(.error, "database_unavailable GET /health \(trouble.rawValue) \(error)")
      answer["status"] = "unavailable"
      answer["database"] = .string(trouble.health)
      if isTrusted {
        answer["pendingGrades"] = .null
        answer["version"] = .string(Version.current)
      }
      var response = Response.json(.object(answer), status: 503)
      response.fields.set("Retry-After", String(trouble.retryAfter ?? 30))
      return response
    }
  }
}
