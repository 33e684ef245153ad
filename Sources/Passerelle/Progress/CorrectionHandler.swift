import CGI
import Postgres
import Store
import Wire

/// `/api/progress/correct`: a teacher puts a status and a score in place of what a learner's grain has, and says why; the grade goes
/// to the platform before the answer.
enum CorrectionHandler {
  /// What the database made of it, beside a session's own outcomes.
  private enum Problem: String {
    case unknownGrain = "unknown_grain"
    case shared = "progress_shared"
    case notHere = "learner_not_in_activity"
  }

  static func correct(_ exchange: Exchange) throws(Refusal) -> Response {
    let token = try exchange.sessionToken()
    let body = try exchange.act()
    guard let learner = body["learner"]?.stringValue.flatMap({ UUIDText($0) }) else { throw member("learner") }
    guard let grain = body["grain"]?.stringValue.flatMap({ Slug($0) }) else { throw member("grain") }
    guard let status = body["status"]?.stringValue, ["none", "started", "completed"].contains(status) else {
      throw member("status")
    }
    let score: Double?
    switch body["score"] {
    case nil: score = nil
    case .number(let number) where (0...1).contains(number) && status == "completed": score = number
    default: throw member("score")
    }
    let reason = body["reason"]?.stringValue?.trimmed ?? ""
    guard (1...500).contains(reason.unicodeScalars.count) else { throw member("reason") }

    let made = try exchange.database { (database) throws(PostgresError) in
      try Corrections.make(
        token: token, learner: learner.value, grain: grain.value, status: status, score: score, reason: reason,
        leaseSeconds: GradeCourier.leaseSeconds(exchange.settings), in: database)
    }
    if let problem = Problem(rawValue: made.outcome) {
      exchange.locale = made.locale
      switch problem {
      case .unknownGrain: throw .unknownGrain(grain.value)
      case .shared: throw .progressShared
      case .notHere: return answer(done: 0, refused: [(learner.value, problem.rawValue)], grades: [:])
      }
    }
    try exchange.admit(made.outcome, locale: made.locale)
    exchange.environment.log(
      .info,
      "progress corrected activity=\(made.activity ?? "") learner=\(learner.value) grain=\(grain.value) status=\(status)"
    )
    var statuses: [String: String] = [:]
    let grades = made.grades.flatMap { try? JSONValue(parsing: $0) }?.objectValue
    for grade in grades?.members ?? [] { statuses[grade.key] = grade.value.stringValue }
    for (grade, outcome) in try GradeCourier.deliverNow(made.deliveries, exchange) {
      statuses[grade] = outcome.status.rawValue
    }
    return answer(done: 1, refused: [], grades: statuses)
  }

  private static func answer(
    done: Int, refused: [(learner: String, code: String)], grades: [String: String]
  ) -> Response {
    var counts = JSONObject()
    for (status, list) in Dictionary(grouping: grades.values, by: { $0 }).sorted(by: { $0.key < $1.key }) {
      counts[status] = .number(Double(list.count))
    }
    return .json([
      "done": .number(Double(done)),
      "refused": .array(refused.map { ["learner": .string($0.learner), "code": .string($0.code)] }),
      "grades": .object(counts),
    ])
  }

  private static func member(_ name: String) -> Refusal {
    .invalidBody("\"\(name)\" is missing or has a value that cannot be used")
  }
}
