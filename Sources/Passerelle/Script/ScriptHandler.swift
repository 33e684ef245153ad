import CGI
import Wire

/// `/passerelle.js` and what belongs to it, for those who did not let the web server serve them as files.
enum ScriptHandler {
  static func serve(_ exchange: Exchange) throws(Refusal) -> Response {
    guard let file = ScriptFile(name: String(exchange.request.path.dropFirst())) else { throw .notFound }
    let tag = file.tag
    let isKnown = exchange.request.header("If-None-Match").map { $0.contains(tag) || $0 == "*" } ?? false
    return Response(
      status: isKnown ? 304 : 200,
      fields: HTTPFields([
        ("Content-Type", file.type),
        ("Cache-Control", file.isImmutable ? "public, max-age=31536000, immutable" : "public, max-age=300"),
        ("ETag", tag),
        // Any mini-site may load it; it holds nothing but the library.
        ("Access-Control-Allow-Origin", "*"),
        ("Cross-Origin-Resource-Policy", "cross-origin"),
      ]), body: isKnown ? [] : file.bytes)
  }
}
