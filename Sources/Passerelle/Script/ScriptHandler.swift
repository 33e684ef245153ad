import CGI
import Wire

/// `/passerelle.js`: the mini-site's client library, one URL for classic scripts and for ES modules.
///
/// No text is valid as both and has exports, so the file is a classic script whose last line is a comment holding the
/// exports; for a browser that fetches a module the comment becomes code. Modules are always fetched in `cors` mode,
/// which `Sec-Fetch-Mode` tells (Fetch Metadata, section 2.2), or `Origin` where that is not sent. `?module` and
/// `?script` settle it, the latter for a `<script crossorigin>`.
enum ScriptHandler {
  static func serve(_ exchange: Exchange) throws(Refusal) -> Response {
    var body = PackageResources.passerelle_js
    if wantsModule(exchange.request), let start = startOfExports(in: body) { body.removeSubrange(start..<(start + 2)) }
    var response = script(body)
    response.fields.set("Vary", "Sec-Fetch-Mode, Origin")
    return response
  }

  /// `/passerelle-preview.js`: the part that the library fetches for those who only look.
  static func preview(_ exchange: Exchange) throws(Refusal) -> Response {
    script(PackageResources.passerelle_preview_js)
  }

  private static func script(_ body: [UInt8]) -> Response {
    Response(
      status: 200,
      fields: HTTPFields([
        ("Content-Type", "text/javascript; charset=utf-8"),
        ("Cache-Control", "public, max-age=3600"),
        // Any mini-site may load it; it holds nothing but the library.
        ("Access-Control-Allow-Origin", "*"),
        ("Cross-Origin-Resource-Policy", "cross-origin"),
      ]), body: body)
  }

  private static func wantsModule(_ request: Request) -> Bool {
    switch request.query {
    case "module": true
    case "script": false
    default: request.header("Sec-Fetch-Mode").map { $0 == "cors" } ?? (request.header("Origin") != nil)
    }
  }

  /// Where the last line's `//` stands, before `export`.
  private static func startOfExports(in script: [UInt8]) -> Int? {
    let newline = UInt8(ascii: "\n")
    guard let end = script.lastIndex(where: { $0 != newline }) else { return nil }
    let start = script[..<end].lastIndex(of: newline).map { $0 + 1 } ?? 0
    return script[start...].starts(with: "//export ".utf8) ? start : nil
  }
}
