import LTI
import Store
import Wire

/// One attempt to deliver one grade through Basic Outcomes: the way of LTI 1.1, and of LTI 1.3 where a platform offers no
/// line items. The service keeps no dates: the last message counts, so sending twice does no harm.
struct OutcomeAttempt {
  private let delivery: Delivery
  private let place: OutcomePlace
  private let environment: Environment
  private let tokens: AccessTokenSource
  private let deadline: Deadline
  private var token: AccessTokenSource.Token?

  init(
    _ delivery: Delivery, _ place: OutcomePlace, environment: Environment, tokens: AccessTokenSource, deadline: Deadline
  ) {
    self.delivery = delivery
    self.place = place
    self.environment = environment
    self.tokens = tokens
    self.deadline = deadline
  }

  /// Nil when the platform has the grade.
  mutating func run() -> DeliveryProblem? {
    do throws(DeliveryProblem) {
      guard let score = ResultScore(delivery.ratio) else { throw .unusableGrade }
      var authorization = try authorization()
      if delivery.confirms, isStored(score, authorization) { return nil }
      var outcome = replace(with: score, authorization)
      if outcome == .unauthorized, let fresh = try freshAuthorization() {
        authorization = fresh
        outcome = replace(with: score, authorization)
      }
      guard let problem = DeliveryProblem(outcome, isSigned: place.consumer != nil) else { return nil }
      // A platform that answered that it cannot is left in peace.
      if case .retryLater = outcome { return problem }
      if problem.leavesDoubt, !deadline.hasPassed, isStored(score, authorization) { return nil }
      return problem
    } catch {
      return error
    }
  }

  /// Reads the result, 0 to 1; nil for none.
  mutating func read() throws(DeliveryProblem) -> Double? {
    let authorization = try authorization()
    do throws(ServiceFailure) { return try result(authorization) } catch { throw DeliveryProblem(error) }
  }

  /// Removes the result; nil when the platform has none any more.
  mutating func withdraw() -> DeliveryProblem? {
    do throws(DeliveryProblem) {
      var outcome = remove(try authorization())
      if outcome == .unauthorized, let fresh = try freshAuthorization() { outcome = remove(fresh) }
      return DeliveryProblem(outcome, isSigned: place.consumer != nil)
    } catch {
      return error
    }
  }

  private func remove(_ authorization: BasicOutcomes.Authorization) -> ResultOutcome {
    BasicOutcomes.deleteResult(
      at: place.endpoint, authorization: authorization, now: environment.now(), randomBytes: environment.randomBytes,
      send: environment.send(until: deadline))
  }

  private func replace(with score: ResultScore, _ authorization: BasicOutcomes.Authorization) -> ResultOutcome {
    BasicOutcomes.replaceResult(
      with: score, at: place.endpoint, authorization: authorization, now: environment.now(),
      randomBytes: environment.randomBytes, send: environment.send(until: deadline))
  }

  private func result(_ authorization: BasicOutcomes.Authorization) throws(ServiceFailure) -> Double? {
    try BasicOutcomes.readResult(
      at: place.endpoint, authorization: authorization, now: environment.now(), randomBytes: environment.randomBytes,
      send: environment.send(until: deadline))
  }

  private func isStored(_ score: ResultScore, _ authorization: BasicOutcomes.Authorization) -> Bool {
    let stored = try? result(authorization)
    return stored.map { abs($0 - score.value) < 0.000_01 } ?? false
  }

  /// The consumer's signature, or an access token.
  private mutating func authorization() throws(DeliveryProblem) -> BasicOutcomes.Authorization {
    guard let consumer = place.consumer else {
      let token = try tokens.token(for: delivery.tokenAccess(), until: deadline)
      self.token = token
      return .bearer(token.value)
    }
    guard let secret = environment.settings.sealer.text(of: consumer.sealedSecret, as: .consumerSecret) else {
      throw .consumerSecretUnusable
    }
    return .oauth1(OAuth1Credentials(consumerKey: consumer.key, secret: secret))
  }

  /// A new access token, once; nil where a signature was refused, which a second one would be, too.
  private mutating func freshAuthorization() throws(DeliveryProblem) -> BasicOutcomes.Authorization? {
    guard let former = token else { return nil }
    let fresh = try tokens.replacement(of: former, for: delivery.tokenAccess(), until: deadline)
    token = fresh
    return .bearer(fresh.value)
  }
}
