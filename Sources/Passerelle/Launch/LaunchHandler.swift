import CGI
import JOSE
import LTI
import Postgres
import Store
import Wire

/// `/lti/launch`: the platform's signed message about a person and an activity (LTI 1.3 Core, section 4; 1EdTech
/// Security Framework, section 5.1.1.5); an LTI 1.1 launch comes to the same address. Two round trips to the database: what the message is judged by, and what it
/// leaves behind.
enum LaunchHandler {
  static func launch(_ exchange: Exchange) throws(Refusal) -> Response {
    let form = try exchange.form()
    if form.first("oauth_signature") != nil { return try Launch11Handler.launch(form, exchange) }
    if let error = AuthenticationErrorResponse(form: form) { throw .authenticationRefused(error) }
    let compact = try field("id_token", of: form)
    let state = try field("state", of: form)
    // A state of ours is 43 characters; the first 16 name the cookie.
    guard state.utf8.count == 43 else { throw .stateUnknown }
    let cookie = StateCookie(state: state, settings: exchange.settings)
    let proof = try proof(cookie, form, exchange)

    let token: IDToken
    do { token = try IDToken(compact: compact) } catch { throw .launch(error) }
    let stateDigest = Exchange.digest(state)
    let context = try exchange.database { (database) throws(PostgresError) in
      try Launches.context(
        state: stateDigest, browser: Exchange.digest(proof ?? ""),
        deploymentID: token.unverifiedDeploymentID.flatMap { DeploymentID($0) }?.value, in: database)
    }
    if proof == nil {
      // No cookie came back. A proof in storage is asked for, if there is one; Moodle's launch cannot start again.
      guard context.isProofStored else {
        exchange.returnURL = wayBack(token, context)
        throw missing(exchange)
      }
      var response = StoredProof.present(
        named: cookie.name, idToken: compact, state: state, to: exchange.settings.baseURL.insertingPath("/lti/launch"),
        language: exchange.language
      ).response(status: 200, frameAncestors: exchange.frameAncestors)
      // With the stricter policy of other pages, browsers would hide which origin the form comes from.
      response.fields.set("Referrer-Policy", "same-origin")
      return response
    }
    let message = try validate(token, context, exchange)
    exchange.returnURL = message.presentation.returnURL
    exchange.locale = message.person.locale
    if context.stateIs == .consumed { throw .launch(.nonceUsed) }
    try FormerSubject.connect(message, context, exchange)
    if message.messageType == .deepLinking {
      var response = try DeepLinkHandler.launch(message, context, state: stateDigest, exchange)
      if let removed = cookie.removed { response.set(removed) }
      return response
    }
    guard let link = message.resourceLink else { throw .launch(.resourceLinkMissing) }
    let isReview = message.messageType == .submissionReview
    if isReview { try SubmissionReview.check(message) }
    guard let platform = context.platform, let deployment = context.deployment else {
      throw .launch(.deploymentUnknown(message.deploymentID))
    }

    let code = exchange.secret()
    func record(_ former: FormerLink.Answer?) throws(Refusal) -> Launches.Recorded {
      try exchange.database { (database) throws(PostgresError) in
        try Launches.record(
          message, link: link, grade: GradeService(message), module: Landing.moduleChoice(message),
          history: Landing.history(message), proof: .state(stateDigest),
          platform: platform, deployment: deployment, groups: Landing.groups(message), code: code.digest,
          leaseSeconds: GradeCourier.leaseSeconds(exchange.settings), former: former, in: database)
      }
    }
    var recorded = try record(nil)
    if recorded.outcome == LaunchOutcome.formerLink.rawValue {
      recorded = try record(try Landing.ask(recorded.question, exchange))
    }
    switch try exchange.answered(recorded.outcome, as: LaunchOutcome.self) {
    case .accepted: break
    case .formerLink: throw .internalError("the database asks twice whether an activity has another resource link")
    case .nonceUsed: throw .launch(.nonceUsed)
    case .unknownModule: throw .unknownModule(slugs: recorded.slugs ?? [], isTeacher: message.isInstructor)
    case .unknownGrain: throw .grainNotThere(message.custom[CustomParameter.chosenGrain] ?? "")
    }
    Landing.deliver(recorded, exchange)
    var response =
      isReview
      ? try SubmissionReview.response(
        message, link: link, platform: platform, deployment: deployment, code: code.value, exchange)
      : try Landing.response(recorded, message, code: code.value, exchange)
    if let removed = cookie.removed { response.set(removed) }
    return response
  }

  /// The proof of this browser: its cookie, or what a page of ours found in its storage; nil when neither came.
  private static func proof(_ cookie: StateCookie, _ form: Form, _ exchange: Exchange) throws(Refusal) -> String? {
    if let proof = exchange.request.cookie(cookie.name) { return proof }
    let stored: String?
    do { stored = try form.value(StoredProof.field) } catch { throw .form(error) }
    guard let stored else { return nil }
    guard !stored.isEmpty, exchange.isFromOwnPage else { throw .stateMissing }
    return stored
  }

  /// No proof came back. Over plain http browsers keep none in a frame of another host, and do not say that there is one.
  private static func missing(_ exchange: Exchange) -> Refusal {
    let base = exchange.settings.baseURL
    guard base.scheme == .http, let from = exchange.request.header("Origin").flatMap({ WebURL($0) }),
      from.host != base.host
    else {
      return .stateMissing
    }
    return .stateMissingWithoutTLS
  }

  /// Where a message says that the person came from, while nothing of it is proven: only a place on the platform of its state.
  private static func wayBack(_ token: IDToken, _ context: Launches.Context) -> WebURL? {
    guard let url = token.unverifiedReturnURL, let platform = context.issuer.flatMap({ WebURL($0.value) }),
      url.origin == platform.origin
    else { return nil }
    return url
  }

  /// The platform's key for the message. Only a platform that does not answer is no fault of the message's.
  private static func key(of token: IDToken, _ context: Launches.Context, _ exchange: Exchange) throws(Refusal)
    -> JWK
  {
    do throws(Refusal) { return try PlatformKeys.key(token.keyID, context, exchange) } catch {
      if case .platformUnreachable = error { throw error }
      exchange.returnURL = nil
      throw error
    }
  }

  private static func field(_ name: String, of form: Form) throws(Refusal) -> String {
    let value: String?
    do { value = try form.value(name) } catch { throw .form(error) }
    guard let value, !value.isEmpty else { throw .launchFieldMissing(name) }
    return value
  }

  private static func validate(_ token: IDToken, _ context: Launches.Context, _ exchange: Exchange) throws(Refusal)
    -> LaunchMessage
  {
    exchange.returnURL = wayBack(token, context)
    switch context.stateIs {
    case .unknown: throw .stateUnknown
    case .foreign: throw .stateForeign
    case .expired: throw .stateExpired
    case .live, .consumed: break
    }
    guard context.platformEnabled else { throw .platformDisabled }
    let key = try key(of: token, context, exchange)
    // From here on the message itself is judged: one that is somebody else's leads nowhere.
    exchange.returnURL = nil
    guard let issuer = context.issuer, let clientID = context.clientID, let nonce = context.nonce else {
      throw .internalError("a registration has an unusable issuer or client_id")
    }
    let refusal: LaunchRefusal
    do throws(LaunchRefusal) {
      let message = try token.validate(
        Expectation(
          key: key, issuer: issuer, clientID: clientID, now: exchange.environment.now(),
          leeway: Int64(exchange.settings.clockLeeway),
          nonceMatches: { constantTimeEqual(Exchange.digest($0), nonce) },
          deploymentIsKnown: { _ in context.deployment != nil }))
      if token.holdsNUL { throw LaunchRefusal.textInvalid }
      return message
    } catch { refusal = error }
    if refusal.comesAfterProof { exchange.returnURL = token.unverifiedReturnURL }
    switch refusal {
    case .nonceMismatch:
      // The same word for a stranger's nonce and for a token presented twice would hide a replay from the log.
      let digest = Exchange.digest(token.unverifiedNonce ?? "")
      let wasConsumed = try exchange.database { (database) throws(PostgresError) in
        try LoginStates.nonceWasConsumed(digest, in: database)
      }
      throw .launch(wasConsumed ? .nonceUsed : .nonceMismatch)
    case .deploymentUnknown(let id):
      throw .deploymentUnknown(id, issuer: issuer, clientID: clientID)
    default:
      throw .launch(refusal)
    }
  }
}
