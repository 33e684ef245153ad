import CGI

/// The cookie that ties a state to the browser in which it was made: one per login, so that tabs do not meet.
struct StateCookie {
  /// The name, with the prefix that makes browsers insist on https (RFC 6265bis, section 4.1.3).
  let name: String
  private let isSecure: Bool

  init(state: String, settings: Settings) {
    isSecure = settings.baseURL.scheme == .https
    name = Self.prefix(isSecure) + String(decoding: state.utf8.prefix(Self.length), as: UTF8.self)
  }

  private init(name: String, isSecure: Bool) {
    self.name = name
    self.isSecure = isSecure
  }

  /// How many characters of a state name its cookie.
  private static var length: Int { 16 }
  /// How many logins may be under way in a browser, its tabs all opened at once: about a sixth of what Apache takes of a field.
  private static var most: Int { 16 }

  private static func prefix(_ isSecure: Bool) -> String { (isSecure ? "__Host-" : "") + "passerelle-" }

  /// The oldest of a browser's cookies from logins that were never finished, as many as there are too many once another is set. A
  /// browser that kept them all would send a field so long that the web server refuses it.
  static func surplus(of request: Request, settings: Settings) -> [StateCookie] {
    let isSecure = settings.baseURL.scheme == .https
    let ours = prefix(isSecure)
    let names = request.cookieNames.filter { name in
      name.utf8.starts(with: ours.utf8) && name.utf8.count == ours.utf8.count + length
    }
    return names.dropLast(most - 1).map { StateCookie(name: $0, isSecure: isSecure) }
  }

  /// Sets it for the ten minutes that a state lives.
  func holding(_ proof: String) -> SetCookie? { make(value: proof, maxAge: 600) }

  /// Takes it away.
  var removed: SetCookie? { make(value: "", maxAge: 0) }

  /// Over http nothing may be said about SameSite: `None` needs https, and `Lax` would keep the cookie from the form that
  /// another site's Moodle posts in a window, where browsers let one through that is less than two minutes old and says
  /// nothing (RFC 6265bis, section 5.6.7.2).
  private func make(value: String, maxAge: Int) -> SetCookie? {
    SetCookie(
      name: name, value: value, path: "/", maxAge: maxAge, secure: isSecure, httpOnly: true,
      sameSite: isSecure ? .none : .unstated, partitioned: isSecure)
  }
}
