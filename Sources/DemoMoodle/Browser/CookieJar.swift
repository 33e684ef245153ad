import Wire

/// A browser's cookies (RFC 6265, host-only): enough for a launch.
package struct CookieJar: Sendable {
  /// One cookie as it was set.
  package struct Cookie: Sendable, Equatable {
    /// The host that set it; ports do not separate cookies (RFC 6265 §8.5).
    package var host: String
    /// The path it is sent under.
    package var path: String
    /// The name.
    package var name: String
    /// The value.
    package var value: String
    /// Sent over https only.
    package var isSecure: Bool
    /// The attributes as written, names in lower case.
    package var attributes: [String: String]
  }

  /// Everything kept, oldest first.
  package private(set) var cookies: [Cookie] = []

  /// An empty jar.
  package init() {}

  /// Takes the Set-Cookie fields of an answer; a `Secure` cookie over plain http is refused, as browsers do.
  package mutating func store(_ response: HTTPResponse, from url: WebURL) {
    for field in response.fields.values("Set-Cookie") {
      let parts = field.split(separator: ";").map { $0.drop { $0 == " " } }
      guard let pair = parts.first, let equals = pair.firstIndex(of: "=") else { continue }
      var attributes: [String: String] = [:]
      for part in parts.dropFirst() {
        let name = part.prefix { $0 != "=" }
        attributes[name.lowercased()] = String(part.dropFirst(name.count + 1))
      }
      let directory = url.path.prefix(upTo: url.path.lastIndex(of: "/") ?? url.path.startIndex)
      let cookie = Cookie(
        host: url.host.lowercased(), path: attributes["path"] ?? (directory.isEmpty ? "/" : String(directory)),
        name: String(pair[..<equals]), value: String(pair[pair.index(after: equals)...]),
        isSecure: attributes["secure"] != nil, attributes: attributes)
      if cookie.isSecure && url.scheme == .http { continue }
      cookies.removeAll { $0.host == cookie.host && $0.path == cookie.path && $0.name == cookie.name }
      if attributes["max-age"].flatMap({ Int($0) }).map({ $0 <= 0 }) != true { cookies.append(cookie) }
    }
  }

  /// The Cookie field for a request, or nil.
  package func field(for url: WebURL) -> String? {
    let sent = cookies.filter { cookie in
      let under = cookie.path.hasSuffix("/") ? cookie.path : cookie.path + "/"
      return cookie.host == url.host.lowercased() && (url.path == cookie.path || url.path.hasPrefix(under))
        && (!cookie.isSecure || url.scheme == .https)
    }
    return sent.isEmpty ? nil : sent.map { "\($0.name)=\($0.value)" }.joined(separator: "; ")
  }

  /// Forgets every cookie.
  package mutating func empty() { cookies = [] }
}
