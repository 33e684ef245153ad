import CGI
import Postgres
import Store
import Wire

/// `/api/code`: a one-time code for another page of the same person, with the addresses that it opens.
enum CodeHandler {
  static func make(_ exchange: Exchange) throws(Refusal) -> Response {
    let token = try exchange.sessionToken()
    let code = exchange.secret()
    let made = try exchange.database { (database) throws(PostgresError) in
      try Sessions.code(code.digest, for: token, in: database)
    }
    try exchange.admit(made.outcome, locale: made.locale)
    let minisite = (try? MinisiteAddress.of(made.moduleURL, exchange.settings))?.carrying(code: code.value)
    let me = exchange.settings.baseURL.insertingPath("/me").carrying(code: code.value)
    var answer = JSONObject()
    answer["code"] = .string(code.value)
    answer["expiresAt"] = JSONValue(made.expires)
    answer["minisite"] = JSONValue(minisite?.description)
    answer["me"] = .string(me.description)
    return .json(.object(answer))
  }
}
