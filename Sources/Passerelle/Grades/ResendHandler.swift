import CGI
import Postgres
import Store
import Wire

/// `POST /api/grades/resend`: a teacher sends grades of their activity again, because Moodle has them no more. The timer delivers
/// them within the minute: a class would keep the browser waiting.
enum ResendHandler {
  static func resend(_ exchange: Exchange) throws(Refusal) -> Response {
    let token = try exchange.sessionToken()
    let body = try exchange.act()
    let learners = try Exchange.texts("learners", of: body)?.map(\.asciiLowercased)
    let statuses = try Exchange.texts("statuses", of: body)
    for status in statuses ?? [] where GradeStatus(rawValue: status) == nil {
      throw .invalidBody("\"statuses\" has a word that is no status of a grade")
    }
    let answer = try exchange.database { (database) throws(PostgresError) in
      try Resending.resend(token: token, learners: learners, statuses: statuses, in: database)
    }
    try exchange.admit(answer.outcome, locale: answer.locale)
    guard let done = answer.done,
      let refused = answer.refused.flatMap({ try? JSONValue(parsing: $0, maxBytes: 8 << 20) }),
      let grades = answer.grades.flatMap({ try? JSONValue(parsing: $0) })
    else { throw .internalError("the database answered what was sent again in a way that cannot be read") }
    exchange.environment.log(.info, "grades sent again by a teacher done=\(done)")
    return .json(.object(["done": .number(Double(done)), "refused": refused, "grades": grades]))
  }
}
