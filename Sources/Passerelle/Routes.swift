import CGI

/// The whole site on one screen: method and path to handler. HEAD is answered as GET, OPTIONS below `/api/` by ``CORS``.
struct Route {
  typealias Handler = (Exchange) throws(Refusal) -> Response

  let method: String
  /// One that ends in `*` stands for all that begin so.
  let path: String
  let handler: Handler

  nonisolated(unsafe) static let all: [Route] = [
    Route("GET", "/lti/login", LoginHandler.start),
    Route("POST", "/lti/login", LoginHandler.start),
    Route("POST", "/lti/launch", LaunchHandler.launch),
    Route("GET", "/lti/jwks", KeysHandler.publish),
    Route("GET", "/lti/register", RegistrationHandler.register),
    Route("POST", "/api/session", SessionHandler.open),
    Route("DELETE", "/api/session", SessionHandler.end),
    Route("POST", "/api/session/as-learner", SessionHandler.becomeLearner),
    Route("GET", "/api/progress", ProgressHandler.read),
    Route("POST", "/api/progress", ProgressHandler.write),
    Route("GET", "/api/state", StateHandler.read),
    Route("PUT", "/api/state", StateHandler.write),
    Route("GET", "/api/roster", RosterHandler.read),
    Route("POST", "/api/progress/correct", CorrectionHandler.correct),
    Route("POST", "/api/group", GroupHandler.name),
    Route("POST", "/api/grades/resend", ResendHandler.resend),
    Route("POST", "/api/activity/restart", RestartHandler.restart),
    Route("POST", "/api/code", CodeHandler.make),
    Route("GET", "/api/deep-link", DeepLinkHandler.read),
    Route("POST", "/api/deep-link", DeepLinkHandler.answer),
    Route("GET", "/deep-link", DeepLinkHandler.page),
    Route("GET", "/dashboard", ProgressPageHandler.dashboard),
    Route("GET", "/me", ProgressPageHandler.me),
    Route("GET", "/passerelle.js", ScriptHandler.serve),
    Route("GET", "/passerelle.mjs", ScriptHandler.serve),
    Route("GET", "/passerelle.d.ts", ScriptHandler.serve),
    Route("GET", "/passerelle-*", ScriptHandler.serve),
    Route("GET", "/icon.svg", IconHandler.serve),
    Route("GET", "/openapi.json", OpenAPIHandler.serve),
    Route("GET", "/health", HealthHandler.report),
    Route("GET", "/metrics", MetricsHandler.report),
  ]

  private init(_ method: String, _ path: String, _ handler: @escaping Handler) {
    self.method = method
    self.path = path
    self.handler = handler
  }

  private func leads(to path: String) -> Bool {
    guard self.path.utf8.last == UInt8(ascii: "*") else { return self.path == path }
    return path.utf8.starts(with: self.path.utf8.dropLast())
  }

  /// The handler for a request; refuses with the methods that the path does answer.
  static func handler(for request: Request) throws(Refusal) -> Handler {
    let method = request.isHead ? "GET" : request.method
    var allowed: [String] = []
    for route in all where route.leads(to: request.path) {
      if route.method == method { return route.handler }
      allowed.append(route.method)
      if route.method == "GET" { allowed.append("HEAD") }
    }
    guard !allowed.isEmpty else { throw .notFound }
    if CORS.covers(request.path) { allowed.append("OPTIONS") }
    throw .methodNotAllowed(allowed: allowed)
  }
}
