import LTI
import Learning
import Postgres
import Wire

/// Takes leased grades to their platforms and records what became of them. A request uses it with what is left of its
/// patience, `passerelle grade sync` with more.
public struct GradeCourier {
  let environment: Environment
  let database: Database
  private let tokens: AccessTokenSource

  /// A courier over one database session.
  public init(environment: Environment, database: Database) {
    self.environment = environment
    self.database = database
    tokens = AccessTokenSource(environment: environment, database: database)
  }

  /// How long a lease lasts: longer than any delivery may take, so that two never overlap.
  public static func leaseSeconds(_ settings: Settings) -> Int { settings.gradeTimeout / 1000 + 10 }

  /// Delivers what a request has leased, within `PASSERELLE_GRADE_TIMEOUT` in all; answers each grade's status.
  static func deliverNow(_ deliveries: String?, _ exchange: Exchange) throws(Refusal) -> [String: GradeStatus] {
    guard let deliveries, deliveries != "[]" else { return [:] }
    let environment = exchange.environment
    guard let list = Delivery.list(deliveries) else {
      throw .internalError("the database answered a delivery that cannot be read")
    }
    let budget = Budget(milliseconds: environment.settings.gradeTimeout)
    return try exchange.database { (database) throws(PostgresError) in
      let courier = GradeCourier(environment: environment, database: database)
      var statuses: [String: GradeStatus] = [:]
      for delivery in list { statuses[delivery.grade] = courier.deliver(delivery, within: budget) }
      return statuses
    }
  }

  /// Delivers one grade, and the newer versions that appear while it is under way.
  public func deliver(_ leased: Delivery, within budget: Budget) -> GradeStatus {
    let leaseSeconds = Self.leaseSeconds(environment.settings)
    var delivery = leased
    do throws(PostgresError) {
      while true {
        guard budget.remaining > 0 else {
          try Outbox.release(delivery, in: database)
          return .pending
        }
        let problem = attempt(delivery, within: budget)
        log(delivery, problem)
        let recorded =
          if let problem {
            try Outbox.notDelivered(delivery, problem, in: database)
          } else {
            try Outbox.delivered(delivery, leaseSeconds: leaseSeconds, in: database)
          }
        guard let json = recorded.next else { return GradeStatus(rawValue: recorded.status) ?? .pending }
        guard let next = Delivery.list("[\(json)]")?.first else { return .pending }
        delivery = next
      }
    } catch {
      // The progress is safe and the lease ends by itself: whoever comes next finds the grade still owed.
      environment.log(.error, "grade not recorded grade=\(delivery.grade) \(error)")
      return .pending
    }
  }

  /// One attempt: a token, the score, and once more with a fresh token when the platform does not take the cached one.
  private func attempt(_ delivery: Delivery, within budget: Budget) -> DeliveryProblem? {
    guard let score = delivery.message else {
      return DeliveryProblem(
        local: "grade_unusable",
        Words(fr: "La note calculée ne peut pas être envoyée.", en: "The computed grade cannot be sent."))
    }
    func post(_ token: String) -> ScoreOutcome {
      AGS.post(score, to: delivery.lineItem, token: token, now: environment.now()) {
        (request) throws(TransportFailure) in
        try send(request, within: budget)
      }
    }
    do throws(DeliveryProblem) {
      let token = try tokens.token(for: delivery, within: budget)
      var outcome = post(token.value)
      if outcome == .unauthorized {
        outcome = post(try tokens.replacement(of: token, for: delivery, within: budget).value)
      }
      return DeliveryProblem(outcome)
    } catch {
      return error
    }
  }

  private func send(_ request: HTTPRequest, within budget: Budget) throws(TransportFailure) -> HTTPResponse {
    try environment.send(request, max(1, budget.remaining))
  }

  private func log(_ delivery: Delivery, _ problem: DeliveryProblem?) {
    environment.log(
      problem == nil ? .info : .warning,
      "grade \(problem == nil ? "delivered" : "not delivered") grade=\(delivery.grade) version=\(delivery.version) "
        + "platform=\(delivery.tokenURL.host) \(problem?.logLine ?? "")")
  }
}
