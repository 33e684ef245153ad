import CGI
import LTI
import Postgres
import Store
import Wire

/// `/lti/login`: a platform asks that a login be started (1EdTech Security Framework, section 5.1.1.1); the browser is
/// sent on to the platform's authorization endpoint, with a cookie that proves, when it comes back, that it left from here.
/// In a frame, where cookies may be refused, it gets a page that also keeps the proof in the tab's storage.
enum LoginHandler {
  static func start(_ exchange: Exchange) throws(Refusal) -> Response {
    let login: LoginInitiation
    let fields = try fields(exchange)
    do { login = try LoginInitiation(form: fields) } catch { throw .login(error) }
    let state = exchange.secret()
    let nonce = exchange.secret()
    let proof = exchange.secret()
    let isFramed = exchange.isFramed
    let started = try exchange.database { (database) throws(PostgresError) in
      try LoginStates.start(
        login, state: state.digest, nonce: nonce.digest, browser: proof.digest, isStored: isFramed, in: database)
    }
    switch try exchange.answered(started.outcome, as: LoginOutcome.self) {
    case .accepted: break
    case .platformUnknown: throw .platformUnknown
    case .platformDisabled: throw .platformDisabled
    case .clientUnknown: throw .clientUnknown
    case .clientIDMissing: throw .clientIDMissing
    }
    guard let clientID = started.clientID.flatMap({ ClientID($0) }),
      let authURL = started.authURL.flatMap({ WebURL($0) })
    else {
      throw .internalError("a registration has an unusable client_id or authentication URL")
    }
    let authentication = AuthenticationRequest(
      authURL: authURL, clientID: clientID, redirectURI: exchange.settings.baseURL.insertingPath("/lti/launch"),
      loginHint: login.loginHint, messageHint: login.messageHint, state: state.value, nonce: nonce.value)
    let cookie = StateCookie(state: state.value, settings: exchange.settings)
    guard let proving = cookie.holding(proof.value) else { throw .internalError("the state cookie cannot be made") }
    var response = Response.redirect(302, to: authentication.url)
    if isFramed {
      response = StoredProof.keep(
        proof.value, named: cookie.name, thenOpen: authentication.url, language: exchange.language
      ).response(status: 200, frameAncestors: exchange.frameAncestors)
    }
    response.set(proving)
    return response
  }

  private static func fields(_ exchange: Exchange) throws(Refusal) -> Form {
    if exchange.request.method == "POST" { return try exchange.form() }
    do { return try exchange.request.queryForm() } catch { throw .form(error) }
  }
}

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
