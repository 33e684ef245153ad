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
    for old in StateCookie.surplus(of: exchange.request, settings: exchange.settings) {
      if let removed = old.removed { response.set(removed) }
    }
    return response
  }

  private static func fields(_ exchange: Exchange) throws(Refusal) -> Form {
    if exchange.request.method == "POST" { return try exchange.form() }
    do { return try exchange.request.queryForm() } catch { throw .form(error) }
  }
}
