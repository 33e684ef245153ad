import CGI
import Wire

/// `/openapi.json`: the description of the API, for programmers and their tools. Apache serves the file where it is installed.
enum OpenAPIHandler {
  static func serve(_ exchange: Exchange) throws(Refusal) -> Response {
    Response(
      status: 200,
      fields: HTTPFields([
        ("Content-Type", "application/json"), ("Cache-Control", "public, max-age=3600"),
        // Tools on other origins may read it; it holds nothing of this installation.
        ("Access-Control-Allow-Origin", "*"), ("Cross-Origin-Resource-Policy", "cross-origin"),
      ]), body: PackageResources.openapi_json)
  }
}
