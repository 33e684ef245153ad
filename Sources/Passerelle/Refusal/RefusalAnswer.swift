import CGI
import Postgres
import Wire

/// A refusal as an answer: a page for people, `application/problem+json` (RFC 9457) for programs.
enum RefusalAnswer {
  static func make(_ refusal: Refusal, for exchange: Exchange) -> Response {
    if CORS.covers(exchange.request.path) || exchange.request.prefersJSON {
      return problem(refusal, language: exchange.language, exchange.environment.log.request)
    }
    var response = Page(
      language: exchange.language, title: refusal.title,
      body: Page.refusal(refusal, exchange.environment.log.request, returnURL: exchange.returnURL)
    ).response(
      status: refusal.status, frameAncestors: frameAncestors(exchange, refusal), house: exchange.settings.house)
    for (name, value) in refusal.notice.fields { response.fields.set(name, value) }
    return response
  }

  /// The answer when the settings cannot be read: nothing but the fact, because the settings decide all else.
  static func withoutSettings(_ refusal: Refusal, to request: Request, _ id: RequestID) -> Response {
    var response =
      CORS.covers(request.path) || request.prefersJSON
      ? problem(refusal, language: request.language, id)
      : Response.text("\(refusal.words[request.language]) (\(id.text))\n", status: refusal.status)
    response.fields.set("Cache-Control", "no-store")
    return response
  }

  private static func problem(_ refusal: Refusal, language: Language, _ id: RequestID) -> Response {
    var object = JSONObject()
    object["type"] = "about:blank"
    object["title"] = .string(refusal.code)
    object["status"] = .number(Double(refusal.status))
    object["detail"] = .string(refusal.words[language])
    object["code"] = .string(refusal.code)
    object["request"] = .string(id.text)
    // `detail` is for the person; who writes the page reads what in the body is wrong (RFC 9457 §3.2).
    if case .invalidBody(let reason) = refusal { object["reason"] = .string(reason) }
    // What is kept now, for the page to go on from.
    if case .stateChanged(let value, _) = refusal {
      object["value"] = value.flatMap { try? JSONValue(parsing: $0) } ?? .null
    }
    var response = Response.json(.object(object), status: refusal.status, contentType: "application/problem+json")
    for (name, value) in refusal.notice.fields { response.fields.set(name, value) }
    return response
  }

  private static func frameAncestors(_ exchange: Exchange, _ refusal: Refusal) -> [Origin]? {
    if case .databaseUnavailable = refusal { return nil }
    return exchange.frameAncestors
  }
}
