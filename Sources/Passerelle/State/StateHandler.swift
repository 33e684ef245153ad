import CGI
import Postgres
import Store
import Wire

/// `/api/state`: a small JSON value that a page keeps for a learner and a grain, to go on where they left off.
enum StateHandler {
  /// The most bytes that a value may have.
  static let limit = 64 << 10

  static func read(_ exchange: Exchange) throws(Refusal) -> Response {
    let token = try exchange.sessionToken()
    let grain = try grain(exchange)
    let stored = try exchange.database { (database) throws(PostgresError) in
      try States.read(token: token, grain: grain, in: database)
    }
    try admit(stored, grain, exchange)
    guard let value = stored.value, let tag = stored.tag else {
      throw .internalError("the database answered no state, and did not say so")
    }
    let isKnown = exchange.request.header("If-None-Match").map { StateTags($0).include(tag) } ?? false
    var response = Response(
      status: isKnown ? 304 : 200, fields: HTTPFields([("Content-Type", "application/json")]),
      body: isKnown ? [] : Array(value.utf8))
    response.fields.set("ETag", StateTags.field(tag))
    return response
  }

  static func write(_ exchange: Exchange) throws(Refusal) -> Response {
    let token = try exchange.sessionToken()
    let grain = try grain(exchange)
    let text = try exchange.jsonText(limit: limit)
    let matches = exchange.request.header("If-Match").map { StateTags($0).listed }
    let isNew = try isNew(exchange)
    let run = try run(exchange)
    let stored = try exchange.database { (database) throws(PostgresError) in
      try States.write(text, token: token, grain: grain, matches: matches, isNew: isNew, run: run, in: database)
    }
    try admit(stored, grain, exchange)
    guard let tag = stored.tag else { throw .internalError("the database kept a state without a tag") }
    var response = Response.empty(204)
    response.fields.set("ETag", StateTags.field(tag))
    return response
  }

  /// Whether the page wants to write only where nothing is kept yet. A list of tags would mean "anything but these", which no
  /// page needs.
  private static func isNew(_ exchange: Exchange) throws(Refusal) -> Bool {
    guard let field = exchange.request.header("If-None-Match") else { return false }
    guard StateTags(field).listed == "*" else { throw .invalidBody("If-None-Match of a PUT may only be *") }
    return true
  }

  /// The run that the page knows, as its session named it; nil for one that does not say.
  private static func run(_ exchange: Exchange) throws(Refusal) -> Int? {
    guard let text = try queried("run", exchange) else { return nil }
    guard let run = Int32(text), run >= 0 else { throw .invalidBody("the query's run is no number") }
    return Int(run)
  }

  private static func queried(_ name: String, _ exchange: Exchange) throws(Refusal) -> String? {
    do { return try exchange.request.queryForm().value(name) } catch { throw .form(error) }
  }

  private static func grain(_ exchange: Exchange) throws(Refusal) -> Slug {
    let name = try queried("grain", exchange)
    guard let name, let grain = Slug(name) else { throw .invalidBody("the query names no grain: ?grain=slug") }
    return grain
  }

  private static func admit(_ stored: States.Answer, _ grain: Slug, _ exchange: Exchange) throws(Refusal) {
    exchange.locale = stored.locale
    switch stored.outcome {
    case "unknown_grain": throw .unknownGrain(grain.value)
    case "no_state": throw .noState(grain.value)
    case "state_changed": throw .stateChanged(value: stored.value, tag: stored.tag)
    default: try exchange.admit(stored.outcome, locale: stored.locale)
    }
  }
}
