import CGI

/// The cookie that ties a state to the browser in which it was made: one per login, so that tabs do not meet.
struct StateCookie {
  /// The name, with the prefix that makes browsers insist on https (RFC 6265bis, section 4.1.3).
  let name: String
  private let isSecure: Bool

  init(state: String, settings: Settings) {
    isSecure = settings.baseURL.scheme == .https
    name = (isSecure ? "__Host-" : "") + "passerelle-" + String(decoding: state.utf8.prefix(16), as: UTF8.self)
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
