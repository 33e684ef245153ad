import CGI
import Wire

/// `/passerelle.js`: the mini-site's client library, one URL for classic scripts and for ES modules.
///
/// No text is valid as both and has exports, so the file is a classic script whose last line is a comment holding the
/// exports; a browser that fetches a module says `Sec-Fetch-Mode: cors` (Fetch Metadata, section 2.2; a classic script
/// says `no-cors`), and for it the comment becomes code. `?module` does the same where a browser says nothing.
enum ScriptHandler {
  static func serve(_ exchange: Exchange) throws(Refusal) -> Response {
    var body = PackageResources.passerelle_js
    let wantsModule = exchange.request.header("Sec-Fetch-Mode") == "cors" || exchange.request.query == "module"
    if wantsModule, let start = startOfExports(in: body) { body.removeSubrange(start..<(start + 2)) }
    return Response(
      status: 200,
      fields: HTTPFields([
        ("Content-Type", "text/javascript; charset=utf-8"),
        ("Cache-Control", "public, max-age=3600"),
        ("Vary", "Sec-Fetch-Mode"),
        // Any mini-site may load it; it holds nothing but the library.
        ("Access-Control-Allow-Origin", "*"),
        ("Cross-Origin-Resource-Policy", "cross-origin"),
      ]), body: body)
  }

  /// Where the last line's `//` stands, before `export`.
  private static func startOfExports(in script: [UInt8]) -> Int? {
    let newline = UInt8(ascii: "\n")
    guard let end = script.lastIndex(where: { $0 != newline }) else { return nil }
    let start = script[..<end].lastIndex(of: newline).map { $0 + 1 } ?? 0
    return script[start...].starts(with: "//export ".utf8) ? start : nil
  }
}
