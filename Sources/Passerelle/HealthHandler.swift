import CGI
import Postgres
import Store
import Wire

/// `/health`: for monitoring.
enum HealthHandler {
  /// Grades are counted up to this number, so that the answer costs the same however many wait.
  static var mostGrades: Int { 10_000 }

  static func report(_ exchange: Exchange) throws(Refusal) -> Response {
    var answer = JSONObject()
    do {
      let counts = try exchange.database { (database) throws(PostgresError) in
        try Grades.counts(limit: mostGrades, in: database)
      }
      let recounts = try exchange.database { (database) throws(PostgresError) in try Recounts.left(in: database) }
      answer["status"] = "ok"
      answer["database"] = "ok"
      answer["pendingGrades"] = .number(Double(counts.pending))
      answer["failedGrades"] = .number(Double(counts.failed))
      answer["oldestPendingSeconds"] = counts.oldestPending.map { .number(Double(max(0, $0))) } ?? .null
      answer["recountingModules"] = .number(Double(recounts.modules))
      answer["recountingLearners"] = .number(Double(recounts.waiting))
      answer["version"] = .string(Version.current)
      return .json(.object(answer))
    } catch .databaseUnavailable(let error) {
      exchange.environment.log(.error, "database_unavailable GET /health \(error)")
      answer["status"] = "unavailable"
      answer["database"] = "unavailable"
      answer["pendingGrades"] = .null
      answer["version"] = .string(Version.current)
      var response = Response.json(.object(answer), status: 503)
      response.fields.set("Retry-After", "5")
      return response
    }
  }
}
