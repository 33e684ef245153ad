import Glibc
import LTI
import Postgres
import Store
import Wire

/// Takes leased grades to their platforms and records what became of them. A request shares one `PASSERELLE_GRADE_TIMEOUT`
/// among its deliveries; `grade sync` gives each its own.
package struct GradeCourier {
  private let environment: Environment
  private let database: Database
  private let tokens: AccessTokenSource

  /// A courier over one database session.
  package init(environment: Environment, database: Database) {
    self.environment = environment
    self.database = database
    tokens = AccessTokenSource(environment: environment, database: database)
  }

  /// How long a lease lasts: longer than any delivery may take, so that two never overlap.
  package static func leaseSeconds(_ settings: Settings) -> Int { settings.gradeTimeout / 1000 + 10 }

  /// Where a grade stands after the courier had it.
  package struct Outcome: Sendable {
    /// Delivered, still pending, or failed.
    package let status: GradeStatus
    /// The score last tried, and what it is out of.
    let score: Double
    let maximum: Double
  }

  /// Delivers what a request has leased, within `PASSERELLE_GRADE_TIMEOUT` in all; outcomes by grade. Where as many requests wait
  /// for a platform as may, its grade is left to the next holder or to the timer.
  static func deliverNow(_ deliveries: String?, _ exchange: Exchange) throws(Refusal) -> [String: Outcome] {
    guard let deliveries, deliveries != "[]" else { return [:] }
    let environment = exchange.environment
    guard let list = Delivery.list(deliveries) else {
      throw .internalError("the database answered a delivery that cannot be read")
    }
    let deadline = Deadline(milliseconds: environment.settings.gradeTimeout)
    return try exchange.database { (database) throws(PostgresError) in
      let courier = GradeCourier(environment: environment, database: database)
      var outcomes: [String: Outcome] = [:]
      for delivery in list {
        guard let place = environment.waitingPlace(delivery.host) else {
          environment.log(.info, "grade left to the timer grade=\(delivery.grade) platform=\(delivery.host): many wait")
          outcomes[delivery.grade] = Outcome(status: .pending, score: delivery.score, maximum: delivery.maximum)
          try Outbox.release(delivery, in: database)
          continue
        }
        withExtendedLifetime(place) { outcomes[delivery.grade] = courier.deliver(delivery, until: deadline) }
      }
      return outcomes
    }
  }

  /// Delivers one grade, and the newer versions that appear while it is under way.
  package func deliver(_ leased: Delivery, until deadline: Deadline) -> Outcome {
    let leaseSeconds = Self.leaseSeconds(environment.settings)
    var delivery = leased
    func outcome(_ status: GradeStatus?) -> Outcome {
      Outcome(status: status ?? .pending, score: delivery.score, maximum: delivery.maximum)
    }
    do throws(PostgresError) {
      while true {
        guard !deadline.hasPassed else {
          try Outbox.release(delivery, in: database)
          return outcome(.pending)
        }
        var problem = attempt(&delivery, until: deadline)
        if let error = problem, error.remedy == .timeForADay, delivery.hasErredForADay {
          problem = .erredForADay(leavesDoubt: error.leavesDoubt, logLine: error.logLine)
        }
        log(delivery, problem)
        let recorded = try patiently { (database) throws(PostgresError) in
          if let problem {
            return try Outbox.notDelivered(
              delivery, code: problem.code, problem.words, needsChange: problem.remedy == .change,
              helpsForADay: problem.remedy == .timeForADay, leavesDoubt: problem.leavesDoubt,
              platformIsAway: problem.platformIsAway, retryAfter: problem.retryAfter, in: database)
          }
          return try Outbox.delivered(delivery, leaseSeconds: leaseSeconds, in: database)
        }
        guard let json = recorded.next, let next = Delivery(text: json) else {
          return outcome(GradeStatus(rawValue: recorded.status))
        }
        delivery = next
      }
    } catch {
      // The progress is safe and the lease ends by itself: whoever comes next finds the grade still owed.
      environment.log(.error, "grade not recorded grade=\(delivery.grade) \(DatabaseTrouble(error).rawValue) \(error)")
      return outcome(.pending)
    }
  }

  /// Through line items where the platform has them, otherwise through Basic Outcomes; nil when it has the grade.
  private func attempt(_ delivery: inout Delivery, until deadline: Deadline) -> DeliveryProblem? {
    if let place = delivery.undatedPlace {
      var attempt = OutcomeAttempt(delivery, place, environment: environment, tokens: tokens, deadline: deadline)
      return attempt.run()
    }
    var attempt = GradeAttempt(
      delivery, environment: environment, database: database, tokens: tokens, deadline: deadline)
    let problem = attempt.run()
    delivery = attempt.delivery
    guard attempt.hasNoLineItem, delivery.outcomes != nil else { return problem }
    // What the platform offers for this activity beside line items takes the grade all the same.
    do {
      guard let anew = try Outbox.goThroughOutcomes(delivery, in: database) else { return .leaseLost }
      guard let fresh = Delivery(text: anew), let place = fresh.undatedPlace else { return problem }
      delivery = fresh
      var attempt = OutcomeAttempt(delivery, place, environment: environment, tokens: tokens, deadline: deadline)
      return attempt.run()
    } catch {
      return DeliveryProblem(error)
    }
  }

  /// What the platform answered must not be forgotten because the database or its pooler was being restarted: three
  /// tries within a second. Recording twice is harmless, because the first ends the lease.
  private func patiently(
    _ record: (Database) throws(PostgresError) -> Outbox.Recorded
  ) throws(PostgresError) -> Outbox.Recorded {
    for pause in [200_000, 800_000] as [UInt32] {
      do { return try record(database) } catch {
        guard error.kind != .decoding else { throw error }
        usleep(pause)
      }
    }
    return try record(database)
  }

  private func log(_ delivery: Delivery, _ problem: DeliveryProblem?) {
    environment.log(
      problem == nil ? .info : .warning,
      "grade \(problem == nil ? "delivered" : "not delivered") grade=\(delivery.grade) version=\(delivery.version) "
        + "platform=\(delivery.host) \(problem?.logLine ?? "")")
  }
}
