import Glibc

/// An absolute `http` or `https` URL (RFC 3986, RFC 9110 §4.2), kept byte for byte as it was written: what was signed,
/// registered or advertised is what is compared and called.
package struct WebURL: Hashable, Sendable, CustomStringConvertible {
  /// The two schemes.
  package enum Scheme: String, Sendable {
    /// Plain.
    case http
    /// Over TLS.
    case https

    /// The port when the URL names none.
    package var defaultPort: Int { self == .http ? 80 : 443 }
  }

  /// What was read once. Behind one reference, so that a URL, an optional one and whatever holds several are copied and
  /// dropped in a few instructions; with eight fields each of them asks the runtime for its type in every process.
  private final class Parts: Sendable {
    let description: String
    let scheme: Scheme
    let host: String
    let port: Int
    let authorityStart: Int
    let authorityEnd: Int
    let pathEnd: Int
    let queryEnd: Int

    init(_ string: String, _ parts: URLParts) {
      description = string
      scheme = parts.scheme
      host = String(decoding: string.utf8.slice(parts.host), as: UTF8.self)
      port = parts.port ?? parts.scheme.defaultPort
      authorityStart = parts.authority.lowerBound
      authorityEnd = parts.authority.upperBound
      pathEnd = parts.pathEnd
      queryEnd = parts.queryEnd
    }
  }

  private let parts: Parts

  /// Reads a URL; nil unless it is http or https in any case, with a host (letters, digits, `-._`, or an IPv6 address
  /// in brackets), without user information (RFC 9110 §4.2.4), with a port in 1…65535 if any, and made of the bytes
  /// that RFC 3986 allows; brackets are let through after the host.
  package init?(_ string: String) {
    var text = string
    guard let parts = text.withUTF8({ URLParts($0) }) else { return nil }
    self.parts = Parts(string, parts)
  }

  /// Reads a URL as browsers read an address that somebody typed: bytes that a URL cannot hold, which the plain initializer
  /// refuses, are percent-encoded, and everything else is kept; nil where that does not make it one.
  package init?(typed string: String) {
    self.init(URLBytes.encoded(Array(string.utf8)[...], where: URLBytes.isAllowed))
  }

  /// Reads a URL that somebody wrote into a form or a file, blanks around it and accents included: a host with accents becomes the
  /// name that DNS has for it (RFC 5891 §5), and other bytes that a URL cannot hold are percent-encoded; nil where that does not
  /// make it one. A URL that is one already is kept as it is.
  package init?(written text: String) {
    if let url = WebURL(text) {
      self = url
      return
    }
    var bytes = Array(text.utf8)[...]
    while let first = bytes.first, first <= 0x20 { bytes.removeFirst() }
    while let last = bytes.last, last <= 0x20 { bytes.removeLast() }
    guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")), bytes[colon...].starts(with: "://".utf8) else {
      return nil
    }
    let start = colon + 3
    let end = bytes[start...].firstIndex { [UInt8(ascii: "/"), UInt8(ascii: "?"), UInt8(ascii: "#")].contains($0) }
    let authority = String(decoding: bytes[start..<(end ?? bytes.endIndex)], as: UTF8.self)
    let port = authority.lastIndex(of: ":").map { authority[$0...] } ?? ""
    guard let host = DomainName.ascii(authority.dropLast(port.count)) else { return nil }
    self.init(
      typed: String(decoding: bytes[..<start], as: UTF8.self) + host + port
        + String(decoding: bytes[(end ?? bytes.endIndex)...], as: UTF8.self))
  }

  /// The URL as it was written.
  package var description: String { parts.description }
  /// The scheme.
  package var scheme: Scheme { parts.scheme }
  /// The host as it was written, an IPv6 address without its brackets.
  package var host: String { parts.host }
  /// The port, the scheme's own when none is written.
  package var port: Int { parts.port }

  private var authorityStart: Int { parts.authorityStart }
  private var authorityEnd: Int { parts.authorityEnd }
  private var pathEnd: Int { parts.pathEnd }
  private var queryEnd: Int { parts.queryEnd }

  /// Host and port as they were written: the `Host` field's value (RFC 9110 §7.2).
  package var authority: String { text(authorityStart..<authorityEnd) }

  /// The path as it was written, `/` when empty.
  package var path: String {
    pathEnd == authorityEnd ? "/" : text(authorityEnd..<pathEnd)
  }

  /// What stands between `?` and `#`, as it was written; nil without `?`.
  package var query: String? {
    queryEnd == pathEnd ? nil : text(pathEnd + 1..<queryEnd)
  }

  /// What stands after `#`, as it was written; nil without `#`.
  package var fragment: String? {
    queryEnd == description.utf8.count ? nil : text(queryEnd + 1..<description.utf8.count)
  }

  /// Path and query: the request target (RFC 9112 §3.2.1).
  package var requestTarget: String {
    (pathEnd == authorityEnd ? "/" : "") + text(authorityEnd..<queryEnd)
  }

  /// The query's items, decoded as `application/x-www-form-urlencoded` by the WHATWG parser, which repairs.
  package var queryItems: [(name: String, value: String)] {
    query.map { FormURLEncoded.lenientItems($0) } ?? []
  }

  /// The origin (RFC 6454 §4).
  package var origin: Origin { Origin(of: self) }

  /// The URL with path text put after the path and before the query and the fragment: the rule of LTI AGS §3.3 for
  /// `/scores` and `/results`. Where the path ends and the text begins with a slash, one is kept. Bytes that a path
  /// cannot hold, `%` among them, are percent-encoded.
  package func insertingPath(_ suffix: String) -> WebURL {
    let bytes = Array(suffix.utf8)
    let repeatsSlash = bytes.first == UInt8(ascii: "/") && text(authorityEnd..<pathEnd).utf8.last == UInt8(ascii: "/")
    var encoded = URLBytes.encoded(repeatsSlash ? bytes[1...] : bytes[...], where: URLBytes.isPath)
    if pathEnd == authorityEnd, encoded.utf8.first != UInt8(ascii: "/") { encoded = "/" + encoded }
    return replacing(pathEnd..<pathEnd, with: encoded)
  }

  /// The URL with these items, form-encoded, after those of its query and before its fragment.
  package func addingQueryItems(_ items: [(String, String)]) -> WebURL {
    guard !items.isEmpty else { return self }
    let separator =
      if let query { query.isEmpty || query.utf8.last == UInt8(ascii: "&") ? "" : "&" } else { "?" }
    return replacing(queryEnd..<queryEnd, with: separator + FormURLEncoded.encode(items))
  }

  /// The URL with that query in place of its own. Bytes that a URL cannot hold are percent-encoded, which changes none of
  /// the query's items; `%` is kept.
  package func withQuery(_ query: String) -> WebURL {
    let query = URLBytes.encoded(Array(query.utf8)[...]) { URLBytes.isAllowed($0) && $0 != UInt8(ascii: "#") }
    return replacing(pathEnd..<queryEnd, with: "?" + query)
  }

  /// The URL with that fragment in place of its own, or without one. Bytes that a fragment cannot hold, `%` among
  /// them, are percent-encoded.
  package func withFragment(_ fragment: String?) -> WebURL {
    let replacement = fragment.map { "#" + URLBytes.encoded(Array($0.utf8)[...], where: URLBytes.isFragment) } ?? ""
    return replacing(queryEnd..<description.utf8.count, with: replacement)
  }

  /// Two URLs are equal when they are the same bytes.
  package static func == (left: WebURL, right: WebURL) -> Bool {
    left.description == right.description
  }

  /// Feeds the bytes of the URL.
  package func hash(into hasher: inout Hasher) {
    hasher.combine(description)
  }

  private func text(_ range: Range<Int>) -> String {
    String(decoding: description.utf8.slice(range), as: UTF8.self)
  }

  private func replacing(_ range: Range<Int>, with replacement: String) -> WebURL {
    let edited = text(0..<range.lowerBound) + replacement + text(range.upperBound..<description.utf8.count)
    // Every replacement is made of bytes allowed in its place, so the edited text is a URL again.
    return WebURL(edited) ?? self
  }
}

extension String.UTF8View {
  fileprivate func slice(_ range: Range<Int>) -> SubSequence {
    self[index(startIndex, offsetBy: range.lowerBound)..<index(startIndex, offsetBy: range.upperBound)]
  }
}
