import CGI
import Postgres
import Store
import Wire

/// `/api/group`: a teacher gives a group of the course a name, which the platform does not tell; an empty one takes it away.
enum GroupHandler {
  static func name(_ exchange: Exchange) throws(Refusal) -> Response {
    let token = try exchange.sessionToken()
    let body = try exchange.act()
    guard let number = body["group"]?.stringValue, !number.isEmpty, number.utf8.count <= 40 else {
      throw .invalidBody("\"group\" is missing or has a value that cannot be used")
    }
    guard let name = body["name"]?.stringValue?.trimmed, name.unicodeScalars.count <= 100 else {
      throw .invalidBody("\"name\" is missing or has a value that cannot be used")
    }
    let answer = try exchange.database { (database) throws(PostgresError) in
      try GroupNames.set(number, to: name.isEmpty ? nil : name, token: token, in: database)
    }
    try exchange.admit(answer.outcome, locale: answer.locale)
    return .empty(204)
  }
}
