import CGI

/// The whole site on one screen: method and path to handler. HEAD is answered as GET, OPTIONS below `/api/` by ``CORS``.
struct Route {
  typealias Handler = (Exchange) throws(Refusal) -> Response

  let method: String
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
    Route("GET", "/api/progress", ProgressHandler.read),
    Route("POST", "/api/progress", ProgressHandler.write),
    Route("GET", "/api/roster", RosterHandler.read),
    Route("POST", "/api/code", CodeHandler.make),
    Route("GET", "/api/deep-link", DeepLinkHandler.read),
    Route("POST", "/api/deep-link", DeepLinkHandler.answer),
    Route("GET", "/deep-link", DeepLinkHandler.page),
    Route("GET", "/dashboard", ProgressPageHandler.dashboard),
    Route("GET", "/me", ProgressPageHandler.me),
    Route("GET", "/passerelle.js", ScriptHandler.serve),
    Route("GET", "/passerelle-preview.js", ScriptHandler.preview),
    Route("GET", "/icon.svg", IconHandler.serve),
    Route("GET", "/health", HealthHandler.report),
  ]

  private init(_ method: String, _ path: String, _ handler: @escaping Handler) {
    self.method = method
    self.path = path
    self.handler = handler
  }

  /// The handler for a request; refuses with the methods that the path does answer.
  static func handler(for request: Request) throws(Refusal) -> Handler {
    let method = request.isHead ? "GET" : request.method
    var allowed: [String] = []
    for route in all where route.path == request.path {
      if route.method == method { return route.handler }
      allowed.append(route.method)
      if route.method == "GET" { allowed.append("HEAD") }
    }
    guard !allowed.isEmpty else { throw .notFound }
    if CORS.covers(request.path) { allowed.append("OPTIONS") }
    throw .methodNotAllowed(allowed: allowed)
  }
}
