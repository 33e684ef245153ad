import CGI
import LTI
import Postgres
import Store
import Wire

/// An LTI 1.1 launch at `/lti/launch` (LTI 1.1 Implementation Guide, sections 3 and 4). The signature is judged first; a
/// message that is proven but wrong in something else goes back to the platform with words, where it says how.
enum Launch11Handler {
  static func launch(_ form: Form, _ exchange: Exchange) throws(Refusal) -> Response {
    let request: Launch11Request
    do { request = try Launch11Request(form: form) } catch { throw .launch11(error) }
    exchange.locale = request.unverifiedPresentation.locale
    let found = try exchange.database { (database) throws(PostgresError) in
      try Consumers.find(request.consumerKey, in: database)
    }
    guard let consumer = found else { throw .launch11(.consumerKeyUnknown) }
    guard let secret = consumer.secret(exchange.settings.sealer) else {
      throw .internalError("the secret of a consumer key does not open with PASSERELLE_SECRET")
    }

    let message: LaunchMessage
    do {
      message = try request.verify(
        secret: secret, launchURL: launchURL(exchange), now: exchange.environment.now())
    } catch {
      let refusal = Refusal.launch11(error)
      return try go(
        to: request.returnURL(after: error, errorMessage: refusal.words[exchange.language], errorLog: refusal.code),
        after: refusal, exchange)
    }
    exchange.returnURL = message.presentation.returnURL
    guard consumer.platformIsEnabled else { return try back(from: message, after: .platformDisabled, exchange) }
    guard let link = message.resourceLink else { throw .launch11(.resourceLinkMissing) }

    let code = exchange.secret()
    let recorded: Launches.Recorded
    do {
      recorded = try exchange.database { (database) throws(PostgresError) in
        try Launches.record(
          message, link: link, grade: GradeService(message),
          module: Landing.moduleChoice(message), history: Landing.history(message),
          proof: .nonce(Exchange.digest(request.nonce), consumer: consumer.id),
          platform: consumer.platform, deployment: nil, groups: Landing.groups(message), code: code.digest,
          leaseSeconds: GradeCourier.leaseSeconds(exchange.settings), in: database)
      }
    } catch .learnerUnknown(let reason) {
      return try back(from: message, after: .learnerUnknown(reason), exchange)
    }
    switch try exchange.answered(recorded.outcome, as: LaunchOutcome.self) {
    case .accepted:
      Landing.deliver(recorded, exchange)
      return try Landing.response(recorded, message, code: code.value, exchange)
    case .nonceUsed:
      return try back(from: message, after: .launch11(.nonceUsed), exchange)
    case .unknownModule:
      return try back(
        from: message, after: .unknownModule(slugs: recorded.slugs ?? [], isTeacher: message.isInstructor), exchange)
    case .formerLink: throw .internalError("the database asks for line items, which LTI 1.1 does not have")
    case .unknownGrain:
      return try back(from: message, after: .grainNotThere(message.custom[CustomParameter.chosenGrain] ?? ""), exchange)
    }
  }

  /// The address that the platform signed: from the settings, never from headers, with the query of this request.
  private static func launchURL(_ exchange: Exchange) -> WebURL {
    let url = exchange.settings.baseURL.insertingPath("/lti/launch")
    return exchange.request.query.isEmpty ? url : url.withQuery(exchange.request.query)
  }

  /// Back to the platform from a proven message, or the refusal's page when it names no return URL.
  private static func back(
    from message: LaunchMessage, after refusal: Refusal, _ exchange: Exchange
  ) throws(Refusal) -> Response {
    let words = refusal.words[exchange.language]
    return try go(
      to: message.presentation.returnURL(errorMessage: words, errorLog: refusal.code), after: refusal, exchange)
  }

  private static func go(to url: WebURL?, after refusal: Refusal, _ exchange: Exchange) throws(Refusal) -> Response {
    guard let url else { throw refusal }
    exchange.environment.log(refusal.logLevel, "\(refusal.code) sent back to the platform \(refusal.detail)")
    return .redirect(303, to: url)
  }
}
