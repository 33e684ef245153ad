/// A web origin (RFC 6454): scheme, host and port, in the one spelling that browsers send.
package struct Origin: Hashable, Sendable, CustomStringConvertible {
  /// The ASCII serialization (RFC 6454 §6.2): `https://host[:port]`, lower case, without the scheme's own port.
  package let description: String

  /// Reads a serialized origin, such as the `Origin` field; the case and a default port are normalized. nil for
  /// `null`, for other schemes, and when anything follows the port.
  package init?(_ serialized: String) {
    guard let url = WebURL(serialized),
      serialized.utf8.count == url.scheme.rawValue.utf8.count + 3 + url.authority.utf8.count
    else { return nil }
    self.init(of: url)
  }

  /// Reads an origin that somebody wrote, accents included, see ``WebURL/init(written:)``.
  package init?(written text: String) {
    if let origin = Origin(text) {
      self = origin
      return
    }
    guard let url = WebURL(written: text) else { return nil }
    self.init(url.description)
  }

  init(of url: WebURL) {
    let host = IPv6Text.canonical(url.host).map { "[" + $0 + "]" } ?? url.host.asciiLowercased
    let port = url.port == url.scheme.defaultPort ? "" : ":" + url.port.description
    description = url.scheme.rawValue + "://" + host + port
  }
}
