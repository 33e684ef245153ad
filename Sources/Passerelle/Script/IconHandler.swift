import CGI
import Wire

/// `/icon.svg`: the picture that platforms show beside the tool's name.
enum IconHandler {
  static func serve(_ exchange: Exchange) throws(Refusal) -> Response {
    Response(
      status: 200,
      fields: HTTPFields([
        ("Content-Type", "image/svg+xml"),
        ("Cache-Control", "public, max-age=86400"),
        // Opened as a page of its own, a picture runs nothing.
        ("Content-Security-Policy", "default-src 'none'"),
        // Platforms' pages show it from their own origins.
        ("Cross-Origin-Resource-Policy", "cross-origin"),
      ]), body: PackageResources.icon_svg)
  }
}
