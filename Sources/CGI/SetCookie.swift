import Wire

/// A cookie to keep (RFC 6265 §4.1, with the prefixes of RFC 6265bis §4.1.3 and `Partitioned` of CHIPS). It exists only
/// if a browser would keep it: what browsers drop without a word is refused here.
package struct SetCookie: Sendable, Equatable {
  /// When other sites' requests carry the cookie (RFC 6265bis §5.6.7).
  package enum SameSite: String, Sendable {
    /// Always; needs `secure`.
    case none = "None"
    /// Only when the person follows a link.
    case lax = "Lax"
    /// Never.
    case strict = "Strict"
    /// Nothing is said, and the browser decides.
    case unstated = ""
  }

  /// The name, a token.
  package let name: String
  /// The value.
  package let value: String
  /// The path below which it is sent; nil for the directory of the request.
  package let path: String?
  /// Its life in seconds, 0 or less to delete it; nil until the browser is closed.
  package let maxAge: Int?
  /// Whether only https carries it.
  package let secure: Bool
  /// Whether it is hidden from scripts.
  package let httpOnly: Bool
  /// When other sites' requests carry it.
  package let sameSite: SameSite
  /// Whether each embedding site has its own (CHIPS); needs `secure`.
  package let partitioned: Bool

  /// A cookie; nil when the name is not a token, the value has octets outside `cookie-octet`, both together exceed 4096
  /// bytes, the path does not begin with a slash, has a semicolon, a control character or more than 1024 bytes,
  /// `SameSite=None` or `Partitioned` goes without `Secure`, or a name in `__Secure-` or `__Host-` breaks its promise
  /// (`Secure`; for `__Host-` also the path `/`).
  package init?(
    name: String, value: String, path: String? = "/", maxAge: Int? = nil, secure: Bool = true, httpOnly: Bool = true,
    sameSite: SameSite = .lax, partitioned: Bool = false
  ) {
    guard HTTPFields.isToken(name), value.utf8.allSatisfy(Self.isCookieOctet),
      name.utf8.count + value.utf8.count <= 4096, Self.isUsablePath(path)
    else { return nil }
    guard secure || (sameSite != .none && !partitioned) else { return nil }
    let prefixed = name.asciiLowercased
    if prefixed.hasPrefix("__secure-"), !secure { return nil }
    if prefixed.hasPrefix("__host-"), !secure || path != "/" { return nil }
    self.name = name
    self.value = value
    self.path = path
    self.maxAge = maxAge
    self.secure = secure
    self.httpOnly = httpOnly
    self.sameSite = sameSite
    self.partitioned = partitioned
  }

  /// The value of the `Set-Cookie` field.
  package var headerValue: String {
    var text = name + "=" + value
    if let path { text += "; Path=" + path }
    if let maxAge { text += "; Max-Age=" + maxAge.description }
    if secure { text += "; Secure" }
    if httpOnly { text += "; HttpOnly" }
    if sameSite != .unstated { text += "; SameSite=" + sameSite.rawValue }
    if partitioned { text += "; Partitioned" }
    return text
  }

  private static func isCookieOctet(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\\"): false
    default: byte > 0x20 && byte < 0x7F
    }
  }

  private static func isUsablePath(_ path: String?) -> Bool {
    guard let path else { return true }
    return path.utf8.first == UInt8(ascii: "/") && path.utf8.count <= 1024
      && path.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F && $0 != UInt8(ascii: ";") }
  }
}
