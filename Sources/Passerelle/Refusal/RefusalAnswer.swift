import CGI
import Postgres
import Wire

/// A refusal as an answer: a page for people, `application/problem+json` (RFC 9457) for programs.
enum RefusalAnswer {
  static func make(_ refusal: Refusal, for exchange: Exchange) -> Response {
    if CORS.covers(exchange.request.path) || exchange.request.prefersJSON {
      return problem(refusal, language: exchange.language)
    }
    var response = Page(
      language: exchange.language, title: refusal.title,
      body: Page.refusal(refusal, returnURL: exchange.returnURL)
    ).response(status: refusal.status, frameAncestors: frameAncestors(exchange, refusal))
    for (name, value) in refusal.notice.fields { response.fields.set(name, value) }
    return response
  }

  /// The answer when the settings cannot be read: nothing but the fact, because the settings decide all else.
  static func withoutSettings(_ refusal: Refusal, to request: Request) -> Response {
    var response =
      CORS.covers(request.path) || request.prefersJSON
      ? problem(refusal, language: request.language)
      : Response.text(refusal.words[request.language] + "\n", status: refusal.status)
    response.fields.set("Cache-Control", "no-store")
    return response
  }

  private static func problem(_ refusal: Refusal, language: Language) -> Response {
    var object = JSONObject()
    object["type"] = "about:blank"
    object["title"] = .string(refusal.code)
    object["status"] = .number(Double(refusal.status))
    object["detail"] = .string(refusal.words[language])
    object["code"] = .string(refusal.code)
    // `detail` is for the person; who writes the page reads what in the body is wrong (RFC 9457 §3.2).
    if case .invalidBody(let reason) = refusal { object["reason"] = .string(reason) }
    var response = Response.json(.object(object), status: refusal.status, contentType: "application/problem+json")
    for (name, value) in refusal.notice.fields { response.fields.set(name, value) }
    return response
  }

  private static func frameAncestors(_ exchange: Exchange, _ refusal: Refusal) -> [Origin]? {
    if case .databaseUnavailable = refusal { return nil }
    return exchange.frameAncestors
  }
}
