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
    case .platformUnknown: throw try unknown(login, exchange)
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

  /// A site that is not known: perhaps one that is, under another address. Its key set is read only where it names a client id of
  /// one that is known, and at most once in 30 seconds whoever asks; then its own keys must say so.
  private static func unknown(_ login: LoginInitiation, _ exchange: Exchange) throws(Refusal) -> Refusal {
    guard let client = login.clientID, WebURL(login.issuer.value) != nil else {
      tellNearest(to: login.issuer, exchange)
      return .platformUnknown
    }
    let environment = exchange.environment
    let new = login.issuer.value
    let moved = try exchange.database { (database) throws(PostgresError) -> Relocation? in
      for known in try Relocation.ofClient(client.value, otherThan: new, in: database).prefix(3) {
        guard try known.claimLook(in: database) else { continue }
        if MovedKeys.compare(known, with: new, environment: environment, milliseconds: 3000) == .same { return known }
      }
      return nil
    }
    if let moved { return .platformMoved(from: moved.issuer, to: new) }
    tellNearest(to: login.issuer, exchange)
    return .platformUnknown
  }

  /// Issuers are compared byte for byte (OpenID Connect Core, section 2), so one that people would call the same is refused: the log
  /// says which came, and which it may have been meant to be.
  private static func tellNearest(to issuer: Issuer, _ exchange: Exchange) {
    let known = exchange.askingDatabase { (database) throws(PostgresError) in try Platforms.issuers(in: database) }
    let nearest = (try? known.get()).flatMap { NearestText.of(issuer.value, among: $0) }
    exchange.environment.log(
      .warning, "platform_unknown issuer=\(issuer.value) nearest known=\(nearest ?? "none is registered")")
  }

  private static func fields(_ exchange: Exchange) throws(Refusal) -> Form {
    if exchange.request.method == "POST" { return try exchange.form() }
    do { return try exchange.request.queryForm() } catch { throw .form(error) }
  }
}
