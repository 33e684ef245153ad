import CGI
import Wire

/// From a request to the response, refusals included: what `main.swift` runs once.
package enum Application {
  /// Answers one request of this process and writes the response to standard output.
  package static func runProcess() {
    let request = Request()
    let response: Response
    var streaming: (exchange: Exchange, stream: ResponseStream)?
    do {
      let exchange = Exchange(request: request, environment: .live(try Settings.ofProcess()))
      response = head(exchange)
      streaming = exchange.stream.map { (exchange, $0) }
    } catch {
      let log = Log(level: .error, file: Settings.logFileOfProcess())
      log(.error, "misconfigured \(error)")
      response = RefusalAnswer.withoutSettings(.misconfigured(error), to: request, log.request)
    }
    // A program that exits with its input unread resets the pipe, and the browser gets a truncated answer.
    request.drainBody()
    if let (exchange, stream) = streaming {
      if stream.write(after: response, to: 1, includeBody: !request.isHead) { return }
      _ = brokenOff(exchange, instead: response).write(to: 1, includeBody: !request.isHead)
    } else {
      _ = response.write(to: 1, includeBody: !request.isHead)
    }
  }

  /// Answers one request, with a body that is written as it comes gathered.
  package static func answer(_ exchange: Exchange) -> Response {
    var response = head(exchange)
    let isWhole = exchange.stream?.run { piece in
      response.body += piece
      return true
    }
    return isWhole == false ? brokenOff(exchange, instead: response) : response
  }

  /// The refusal in place of a body that broke off before anything of it was written.
  private static func brokenOff(_ exchange: Exchange, instead response: Response) -> Response {
    var answer = RefusalAnswer.make(exchange.failure ?? .internalError("the answer broke off"), for: exchange)
    for field in response.fields.all where answer.fields[field.name] == nil {
      if field.name != "ETag", field.name != "Content-Disposition" { answer.fields.append(field.name, field.value) }
    }
    return answer
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
