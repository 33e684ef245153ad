import CGI
import Postgres
import Store
import Wire

/// Which origins' pages may call the API, and the fields that tell their browsers (WHATWG Fetch, section 3.2).
///
/// The settings' origins are answered without the database; only an origin they do not name is looked up among the
/// modules' own URLs.
enum CORS {
  /// Whether a path takes part: the API.
  static func covers(_ path: String) -> Bool { path.utf8.starts(with: "/api/".utf8) }

  /// The answer to a preflight: always 204, with permission only for an origin that has it.
  static func preflight(_ exchange: Exchange) -> Response {
    var response = Response.empty(204)
    grant(grantedOrigin(exchange), in: &response)
    if response.fields["Access-Control-Allow-Origin"] != nil {
      response.fields.set("Access-Control-Allow-Methods", "GET, POST, PUT, DELETE")
      response.fields.set("Access-Control-Allow-Headers", "Authorization, Content-Type, If-Match, If-None-Match")
      response.fields.set("Access-Control-Max-Age", "7200")
    }
    return response
  }

  /// The request's origin when it has permission.
  static func grantedOrigin(_ exchange: Exchange) -> String? {
    guard let field = exchange.request.header("Origin"), let origin = Origin(field) else { return nil }
    return isAllowed(origin, exchange) ? field : nil
  }

  /// Adds `Vary: Origin`, and the permission of the origin that has it.
  static func grant(_ origin: String?, in response: inout Response) {
    response.fields.append("Vary", "Origin")
    guard let origin else { return }
    response.fields.set("Access-Control-Allow-Origin", origin)
    response.fields.set("Access-Control-Expose-Headers", "ETag")
  }

  private static func isAllowed(_ origin: Origin, _ exchange: Exchange) -> Bool {
    let settings = exchange.settings
    if origin == settings.baseURL.origin || origin == settings.minisiteURL?.origin
      || settings.allowedOrigins.contains(origin)
    {
      return true
    }
    if let origins = settings.minisiteOrigins, !origins.contains(origin) { return false }
    // A database that is away grants nothing; the answer itself says that it is away.
    let known = try? exchange.database { (database) throws(PostgresError) in try Origins.ofModules(in: database) }
    return known?.contains(origin) ?? false
  }
}
