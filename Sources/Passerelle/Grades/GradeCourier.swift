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
    /// Whether that maximum is the line item's.
    let maximumIsKnown: Bool
    /// Whether the platform took it and has none: the activity has no grade.
    var isWithoutGrade = false
    /// What the platform had a moment after it took the grade, where that was looked at.
    var readBack: GradeAttempt.ReadBack?
  }

  /// Delivers what a request has leased, within `PASSERELLE_GRADE_TIMEOUT` in all; outcomes by grade. Where as many requests wait
  /// for a platform as may, its grade is left to the next holder or to the timer.
  ///
  /// - Parameter milliseconds: less time than that; nil for all of it. That it was not enough says nothing about the platform.
  static func deliverNow(_ deliveries: String?, within milliseconds: Int? = nil, _ exchange: Exchange) throws(Refusal)
    -> [String: Outcome]
  {
    guard let deliveries, deliveries != "[]" else { return [:] }
    let environment = exchange.environment
    guard let list = Delivery.list(deliveries) else {
      throw .internalError("the database answered a delivery that cannot be read")
    }
    let patience = environment.settings.gradeTimeout
    let deadline = Deadline(milliseconds: min(milliseconds ?? patience, patience))
    let isHurried = milliseconds.map { $0 < patience } ?? false
    return try exchange.database { (database) throws(PostgresError) in
      let courier = GradeCourier(environment: environment, database: database)
      var outcomes: [String: Outcome] = [:]
      for delivery in list {
        guard let place = environment.waitingPlace(delivery.host) else {
          environment.log(.info, "grade left to the timer grade=\(delivery.grade) platform=\(delivery.host): many wait")
          outcomes[delivery.grade] = Outcome(
            status: .pending, score: delivery.score, maximum: delivery.maximum,
            maximumIsKnown: delivery.maximumIsKnown)
          try Outbox.release(delivery, in: database)
          continue
        }
        withExtendedLifetime(place) {
          outcomes.merge(courier.deliver(delivery, takesMore: true, isHurried: isHurried, until: deadline)) { _, new in
            new
          }
        }
      }
      return outcomes
    }
  }

  /// Delivers one grade, and the newer versions that appear while it is under way; with `takesMore` also the learner's other grades
  /// that were left to the holder of this lease. Outcomes by grade.
  ///
  /// - Parameter isHurried: the deadline is so short that a platform which does not keep it is not called away.
  package func deliver(_ leased: Delivery, takesMore: Bool, isHurried: Bool = false, until deadline: Deadline)
    -> [String: Outcome]
  {
    let leaseSeconds = Self.leaseSeconds(environment.settings)
    var delivery = leased
    var outcomes: [String: Outcome] = [:]
    func note(_ status: GradeStatus?) {
      outcomes[delivery.grade] = Outcome(
        status: status ?? .pending, score: delivery.score, maximum: delivery.maximum,
        maximumIsKnown: delivery.maximumIsKnown)
    }
    do throws(PostgresError) {
      while true {
        guard !deadline.hasPassed else {
          try Outbox.release(delivery, in: database)
          note(.pending)
          return outcomes
        }
        let began = environment.now()
        var readBack: GradeAttempt.ReadBack?
        var problem = attempt(&delivery, &readBack, until: deadline)
        let took = max(0, environment.now().secondsSince(began))
        let place = delivery.undatedPlace?.endpoint.sourcedID ?? delivery.place.lineItem?.description
        if let error = problem, error.remedy == .timeForADay, delivery.hasErredForADay {
          problem = .erredForADay(error)
        }
        log(delivery, problem)
        let recorded = try patiently { (database) throws(PostgresError) in
          if let problem, problem.remedy == .gone {
            return try Outbox.activityGone(delivery, code: problem.code, problem.words, in: database)
          }
          if let problem {
            return try Outbox.notDelivered(
              delivery, code: problem.code, problem.words, needsChange: problem.remedy == .change,
              helpsForADay: problem.remedy == .timeForADay, leavesDoubt: problem.leavesDoubt,
              platformIsAway: problem.platformIsAway && !(isHurried && deadline.hasPassed),
              retryAfter: problem.retryAfter, took: took, takesMore: takesMore,
              leaseSeconds: leaseSeconds, in: database)
          }
          return try Outbox.delivered(
            delivery, to: place, took: took, takesMore: takesMore, leaseSeconds: leaseSeconds, in: database)
        }
        note(GradeStatus(rawValue: recorded.status))
        if var readBack {
          let kept = try keep(readBack, of: delivery)
          if let status = kept.status.flatMap(GradeStatus.init(rawValue:)) {
            note(status)
            outcomes[delivery.grade]?.isWithoutGrade = status == .none
          }
          readBack.isScale = kept.isScale
          outcomes[delivery.grade]?.readBack = readBack
        }
        guard let json = recorded.next, let next = Delivery(text: json) else { return outcomes }
        delivery = next
      }
    } catch {
      // The progress is safe and the lease ends by itself: whoever comes next finds the grade still owed.
      environment.log(.error, "grade not recorded grade=\(delivery.grade) \(DatabaseTrouble(error).rawValue) \(error)")
      note(.pending)
      return outcomes
    }
  }

  /// Keeps what the platform made of a grade.
  private func keep(_ readBack: GradeAttempt.ReadBack, of delivery: Delivery) throws(PostgresError) -> Outbox.Kept {
    let (code, words) = DeliveryProblem.activityWithoutGrade
    let kept = try Outbox.readBack(
      delivery, found: readBack.score, isEqual: readBack.isEqual, code: code, words, in: database)
    if readBack.score == nil {
      environment.log(.warning, "grade not kept grade=\(delivery.grade) platform=\(delivery.host): \(code)")
    }
    return kept
  }

  /// Through line items where the platform has them, otherwise through Basic Outcomes; nil when it has the grade.
  private func attempt(
    _ delivery: inout Delivery, _ readBack: inout GradeAttempt.ReadBack?, until deadline: Deadline
  ) -> DeliveryProblem? {
    if let place = delivery.undatedPlace {
      var attempt = OutcomeAttempt(delivery, place, environment: environment, tokens: tokens, deadline: deadline)
      return attempt.run()
    }
    var attempt = GradeAttempt(
      delivery, environment: environment, database: database, tokens: tokens, deadline: deadline)
    let problem = attempt.run()
    delivery = attempt.delivery
    readBack = attempt.readBack
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
