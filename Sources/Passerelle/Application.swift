import CGI
import Wire

/// From a request to the response, refusals included: what `main.swift` runs once.
package enum Application {
  /// Answers one request of this process and writes the response to standard output.
  package static func runProcess() {
    let request = Request()
    let response: Response
    var stream: ResponseStream?
    do {
      let exchange = Exchange(request: request, environment: .live(try Settings.ofProcess()))
      response = head(exchange)
      stream = exchange.stream
    } catch {
      Log(level: .error)(.error, "misconfigured \(error)")
      response = RefusalAnswer.withoutSettings(.misconfigured(error), to: request)
    }
    // A program that exits with its input unread resets the pipe, and the browser gets a truncated answer.
    request.drainBody()
    guard let stream else {
      _ = response.write(to: 1, includeBody: !request.isHead)
      return
    }
    _ = stream.write(after: response, to: 1, includeBody: !request.isHead)
  }

  /// Answers one request, with a body that is written as it comes gathered; one that breaks off is what came until then.
  package static func answer(_ exchange: Exchange) -> Response {
    var response = head(exchange)
    _ = exchange.stream?.run { piece in
      response.body += piece
      return true
    }
    return response
  }

  /// Answers one request but for what is written as it comes, the exchange's stream.
  static func head(_ exchange: Exchange) -> Response {
    let request = exchange.request
    let isAPI = CORS.covers(request.path)
    if isAPI, request.method == "OPTIONS" { return CORS.preflight(exchange) }
    // Before the handler: while it streams, the database answers nothing else.
    let origin = isAPI ? CORS.grantedOrigin(exchange) : nil
    var response: Response
    do {
      response = try Route.handler(for: request)(exchange)
    } catch {
      exchange.environment.log(
        error.logLevel, "\(error.code) \(request.method) \(request.path) \(error.detail)")
      exchange.stream = nil
      response = RefusalAnswer.make(error, for: exchange)
    }
    if isAPI { CORS.grant(origin, in: &response) }
    response.fields.append("X-Content-Type-Options", "nosniff")
    if response.fields["Cache-Control"] == nil { response.fields.set("Cache-Control", "no-store") }
    if response.fields["Referrer-Policy"] == nil { response.fields.set("Referrer-Policy", "no-referrer") }
    return response
  }
}
