import CGI
import LTI
import Learning
import Postgres
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
    guard consumer.platformIsEnabled else { throw .platformDisabled }
    guard let bytes = try? exchange.settings.sealer.open(consumer.sealed, purpose: ConsumerSecret.purpose) else {
      throw .internalError("the secret of a consumer key does not open with PASSERELLE_SECRET")
    }

    let launched: Launch11Message
    do {
      launched = try request.verify(
        secret: String(decoding: bytes, as: UTF8.self), launchURL: launchURL(exchange), now: exchange.environment.now())
    } catch {
      return try back(to: request, after: .launch11(error), provenAs: error, exchange)
    }
    exchange.returnURL = launched.presentation.returnURL
    // LTI 1.1 names no deployment; the consumer key stands in its place, in memory only.
    guard let deployment = DeploymentID(request.consumerKey.value) else { throw .launch11(.consumerKeyUnknown) }
    let message = LaunchMessage(launched, deploymentID: deployment)

    let code = exchange.secret()
    let recorded = try exchange.database { (database) throws(PostgresError) in
      try Launches.record(
        message, link: launched.resourceLink, grade: GradeService(basicOutcomesOf: launched),
        module: Landing.moduleChoice(message),
        proof: .nonce(Exchange.digest("\(request.timestamp.seconds) \(request.nonce)"), consumer: consumer.id),
        platform: consumer.platform, deployment: nil, code: code.digest, in: database)
    }
    switch recorded.outcome {
    case "accepted":
      return try Landing.response(recorded, message, code: code.value, exchange)
    case "nonce_used":
      return try back(to: request, after: .launch11(.nonceUsed), provenAs: .nonceUsed, exchange)
    default:
      return try back(
        to: request, after: .unknownModule(slugs: recorded.slugs ?? []), provenAs: .resourceLinkMissing, exchange)
    }
  }

  /// The address that the platform signed: from the settings, never from headers, with the query of this request.
  private static func launchURL(_ exchange: Exchange) -> WebURL {
    let url = exchange.settings.baseURL.insertingPath("/lti/launch")
    guard !exchange.request.query.isEmpty else { return url }
    return WebURL("\(url)?\(exchange.request.query)") ?? url
  }

  /// Back to the platform with words, when the message is proven (`provenAs` tells) and names a return URL; otherwise the
  /// refusal's page.
  private static func back(
    to request: Launch11Request, after refusal: Refusal, provenAs reason: Launch11Refusal, _ exchange: Exchange
  ) throws(Refusal) -> Response {
    let url = request.returnURL(
      after: reason, errorMessage: refusal.words[exchange.language], errorLog: refusal.code)
    guard let url else { throw refusal }
    exchange.environment.log(refusal.logLevel, "\(refusal.code) sent back to the platform \(refusal.detail)")
    return .redirect(303, to: url)
  }
}
