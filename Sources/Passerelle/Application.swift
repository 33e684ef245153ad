import CGI
import Wire

/// From a request to the response, refusals included: what `main.swift` runs once.
package enum Application {
  /// Answers one request of this process and writes the response to standard output.
  package static func runProcess() {
    let request = Request()
    let response: Response
    do {
      response = answer(Exchange(request: request, environment: .live(try Settings.ofProcess())))
    } catch {
      Log(level: .error)(.error, "misconfigured \(error)")
      response = RefusalAnswer.withoutSettings(.misconfigured(error), to: request)
    }
    // A program that exits with its input unread resets the pipe, and the browser gets a truncated answer.
    request.drainBody()
    _ = response.write(to: 1, includeBody: !request.isHead)
  }

  /// Answers one request.
  package static func answer(_ exchange: Exchange) -> Response {
    let request = exchange.request
    let isAPI = CORS.covers(request.path)
    if isAPI, request.method == "OPTIONS" { return CORS.preflight(exchange) }
    var response: Response
    do {
      response = try Route.handler(for: request)(exchange)
    } catch {
      exchange.environment.log(
        error.logLevel, "\(error.code) \(request.method) \(request.path) \(error.detail)")
      response = RefusalAnswer.make(error, for: exchange)
    }
    if isAPI { CORS.grant(exchange, in: &response) }
    response.fields.append("X-Content-Type-Options", "nosniff")
    if response.fields["Cache-Control"] == nil { response.fields.set("Cache-Control", "no-store") }
    if response.fields["Referrer-Policy"] == nil { response.fields.set("Referrer-Policy", "no-referrer") }
    return response
  }
}
