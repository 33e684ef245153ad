import CGI
import Postgres
import Store
import Wire

/// `/api/activity/restart`: a teacher lets learners begin the activity anew.
enum RestartHandler {
  static func restart(_ exchange: Exchange) throws(Refusal) -> Response {
    let token = try exchange.sessionToken()
    let body = try exchange.act()
    guard let grade = body["grade"]?.stringValue.flatMap(Runs.FormerGrade.init(rawValue:)) else {
      throw .invalidBody("\"grade\" is neither withdraw nor keep")
    }
    let learners = try learners(body)
    let taught = try exchange.database { (database) throws(PostgresError) in
      try Runs.restart(token: token, learners: learners, grade: grade, in: database)
    }
    try exchange.admit(taught.outcome, locale: taught.locale)
    let refused = taught.learners.filter { [.busy, .unknown, .shared].contains($0.outcome) }
    guard refused.isEmpty || refused.count < taught.learners.count || refused.contains(where: { $0.outcome != .shared })
    else { throw .progressShared }
    if grade == .withdraw { try withdraw(taught.learners.flatMap(\.grades), exchange) }
    var answer = JSONObject()
    answer["done"] = .number(Double(taught.learners.count - refused.count))
    answer["refused"] = .array(
      refused.map { .object(["learner": JSONValue($0.learner), "code": .string(code(of: $0.outcome))]) })
    answer["grades"] = .object(try grades(token, exchange))
    return .json(.object(answer))
  }

  private static func code(of outcome: Runs.Outcome) -> String {
    switch outcome {
    case .shared: Refusal.Code.progressShared.rawValue
    case .busy: "grade_under_way"
    case .unknown, .restarted, .nothing: "learner_not_in_activity"
    }
  }

  /// Within the time that a request may wait for Moodle; the timer does the rest.
  private static func withdraw(_ grades: [String], _ exchange: Exchange) throws(Refusal) {
    guard !grades.isEmpty else { return }
    let environment = exchange.environment
    let deadline = Deadline(milliseconds: environment.settings.gradeTimeout)
    _ = try exchange.database { (database) throws(PostgresError) in
      try FormerGrades(environment: environment, database: database).withdraw(grades, until: deadline)
    }
  }

  /// How many grades of the activity stand where, by status.
  private static func grades(_ token: [UInt8], _ exchange: Exchange) throws(Refusal) -> JSONObject {
    let counted = try exchange.database { (database) throws(PostgresError) in
      try Grades.counts(token: token, in: database)
    }
    return JSONObject(counted.map { ($0.status, .number(Double($0.count))) })
  }

  private static func learners(_ body: JSONObject) throws(Refusal) -> [String]? {
    guard let texts = try Exchange.texts("learners", of: body) else { return nil }
    let ids = texts.compactMap { UUIDText($0)?.value }
    guard ids.count == texts.count else { throw .invalidBody("\"learners\" holds what is no id") }
    return ids
  }
}
