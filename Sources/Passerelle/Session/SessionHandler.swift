import CGI
import Postgres
import Store
import Wire

/// `/api/session`: trades the one-time code of a launch for a session, and ends it; `/api/session/as-learner`.
enum SessionHandler {
  static func open(_ exchange: Exchange) throws(Refusal) -> Response {
    guard case .object(let body) = try exchange.json() else { throw .invalidBody("expected an object with \"code\"") }
    // A code that cannot be one of ours is as good as unknown.
    guard let code = body["code"]?.stringValue, code.utf8.count == 43 else { throw .invalidCode }
    let token = exchange.secret()
    let opened = try exchange.database { (database) throws(PostgresError) in
      try Sessions.open(
        code: Exchange.digest(code), token: token.digest, hours: exchange.settings.sessionHours, in: database)
    }
    guard opened.outcome == .accepted, let learner = opened.learner, let expires = opened.expires else {
      throw .invalidCode
    }
    exchange.locale = opened.locale
    // The session of a deep link is in no module yet.
    var progress: JSONObject?
    if let stored = opened.progress {
      let answer = try ProgressHandler.answer(stored, grade: opened.grade, exchange)
      progress = (try? JSONValue(parsing: answer))?.objectValue
      if progress == nil { throw ProgressHandler.unreadable }
    }

    var person = JSONObject()
    person["id"] = .string(learner)
    person["name"] = JSONValue(opened.name)
    person["email"] = JSONValue(opened.email)
    person["locale"] = JSONValue(opened.locale)
    var answer = JSONObject()
    answer["token"] = .string(token.value)
    answer["expiresAt"] = .string(expires)
    answer["role"] = JSONValue(opened.role)
    answer["learner"] = .object(person)
    answer["module"] = progress?["module"] ?? .null
    answer["returnUrl"] = JSONValue(opened.returnURL)
    let place = opened.place.flatMap { try? JSONValue(parsing: $0) }
    answer["activity"] = place?["activity"] ?? .null
    answer["scope"] = place?["scope"] ?? .string(Scope.learner.rawValue)
    answer["run"] = place?["run"] ?? .number(0)
    answer["grain"] = place?["grain"] ?? .null
    answer["preview"] = place?["preview"] ?? .bool(false)
    answer["progress"] = progress.map(JSONValue.object) ?? .null
    return .json(.object(answer))
  }

  /// A teacher who looks at the activity as a learner does becomes one for good; for a learner nothing changes.
  static func becomeLearner(_ exchange: Exchange) throws(Refusal) -> Response {
    let token = try exchange.sessionToken()
    let judged = try exchange.database { (database) throws(PostgresError) in
      try Sessions.becomeLearner(token: token, in: database)
    }
    try exchange.admit(judged.outcome, locale: judged.locale)
    return .json(.object(["preview": .bool(false)]))
  }

  static func end(_ exchange: Exchange) throws(Refusal) -> Response {
    let token = try exchange.sessionToken()
    let ended = try exchange.database { (database) throws(PostgresError) in try Sessions.end(token: token, in: database)
    }
    guard ended else { throw .invalidToken }
    return .empty(204)
  }
}
