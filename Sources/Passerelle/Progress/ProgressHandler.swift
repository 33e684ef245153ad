import CGI
import Postgres
import Store
import Wire

/// `/api/progress`: reads a learner's progress; records it, then delivers the grade before it answers.
enum ProgressHandler {
  static func read(_ exchange: Exchange) throws(Refusal) -> Response {
    let token = try exchange.sessionToken()
    let stored = try exchange.database { (database) throws(PostgresError) in
      try ProgressStore.read(token: token, in: database)
    }
    try exchange.admit(stored.outcome, locale: stored.locale)
    return .json(.object(try answer(stored.progress, exchange)))
  }

  static func write(_ exchange: Exchange) throws(Refusal) -> Response {
    let token = try exchange.sessionToken()
    let reports = try reports(try exchange.json())
    let stored = try exchange.database { (database) throws(PostgresError) in
      try ProgressStore.write(
        token: token, reports: JSONValue.array(reports.map(\.json)).encoded,
        leaseSeconds: GradeCourier.leaseSeconds(exchange.settings), in: database)
    }
    // Only a session that was accepted gets as far as a grain that is unknown.
    if let slug = stored.unknownSlug {
      exchange.locale = stored.locale
      throw .unknownGrain(slug)
    }
    try exchange.admit(stored.outcome, locale: stored.locale)
    let outcomes = try GradeCourier.deliverNow(stored.deliveries, exchange)
    return .json(.object(try answer(stored.progress, exchange, outcome: outcomes[stored.enrolment ?? ""])))
  }

  /// The stored progress with the grade's status as words; `outcome` is that of a delivery made just now.
  static func answer(_ progress: String?, _ exchange: Exchange, outcome: GradeCourier.Outcome? = nil) throws(Refusal)
    -> JSONObject
  {
    guard let progress, let value = try? JSONValue(parsing: progress), var object = value.objectValue,
      var grade = object["grade"]?.objectValue,
      let stored = grade["status"]?.stringValue.flatMap(GradeStatus.init(rawValue:))
    else {
      throw .internalError("the database answered progress that cannot be read")
    }
    if let outcome {
      grade["score"] = .number(outcome.score)
      grade["maximum"] = .number(outcome.maximum)
    }
    let status = outcome?.status ?? stored
    grade["status"] = .string(status.rawValue)
    grade["message"] = .string(status.words[exchange.language])
    object["grade"] = .object(grade)
    return object
  }

  private static func reports(_ body: JSONValue) throws(Refusal) -> [GrainReport] {
    do { return try GrainReport.list(from: body) } catch {
      switch error {
      case .notAReport: throw .invalidBody("expected an object with \"grain\" and \"status\", or with \"grains\"")
      case .tooMany: throw .invalidBody("more than \(GrainReport.maximumCount) grains")
      case .member(let name): throw .invalidBody("\"\(name)\" is missing or has a value that cannot be used")
      }
    }
  }
}
