import CGI
import Postgres
import Store
import Wire

/// `/lti/jwks`: the tool's public keys (RFC 7517, section 5), with which platforms prove our token requests.
enum KeysHandler {
  static func publish(_ exchange: Exchange) throws(Refusal) -> Response {
    let keys = try exchange.database { (database) throws(PostgresError) in try ToolKeys.published(in: database) }
    let body = "{\"keys\":[\(keys.map(\.publicJWK).joined(separator: ","))]}"
    return Response(
      status: 200,
      fields: HTTPFields([("Content-Type", "application/json"), ("Cache-Control", "public, max-age=3600")]),
      body: Array(body.utf8))
  }
}
