import Postgres
import Store
import Wire

/// Takes grades back that were sent, because an administrator says so: Moodle takes any grade, 0 included, as “activity
/// complete”, and only the tool that sent one can make it empty again. Nothing that happens by itself does this: progress that is
/// lowered or deleted is a score like any other.
package struct GradeWithdrawal {
  private let environment: Environment
  private let database: Database

  /// Over one database session.
  package init(environment: Environment, database: Database) {
    self.environment = environment
    self.database = database
  }

  /// What became of one.
  package enum Outcome {
    /// The platform has no grade any more, and none is owed until the progress changes.
    case withdrawn
    /// None was ever sent.
    case nothingSent
    /// It is being delivered just now.
    case busy
    /// The platform did not take it back: why, in words.
    case refused(code: String, Words)
  }

  /// Takes one grade back, within `PASSERELLE_GRADE_TIMEOUT`. Progress that is reported meanwhile is owed as ever.
  ///
  /// - Parameter grade: an id of `public.grades`.
  package func withdraw(_ grade: String) throws(PostgresError) -> Outcome {
    let leased = try Outbox.leaseForWithdrawal(
      grade, leaseSeconds: GradeCourier.leaseSeconds(environment.settings), in: database)
    switch leased.outcome {
    case .leased: break
    case .busy: return .busy
    // With its activity.
    case .gone: return .withdrawn
    case .nothingSent: return .nothingSent
    }
    guard var delivery = leased.delivery.flatMap({ Delivery(text: $0) }) else {
      throw PostgresError(.decoding, "passerelle.withdraw answered a delivery that cannot be read")
    }
    // Sent where there was no line item: a launch since then may have forgotten that there is none.
    if delivery.undatedPlace == nil, delivery.place.lineItem == nil, delivery.outcomes != nil,
      let anew = try Outbox.goThroughOutcomes(delivery, in: database), let fresh = Delivery(text: anew)
    {
      delivery = fresh
    }
    let problem = attempt(delivery)
    environment.log(
      problem == nil ? .info : .warning,
      "grade \(problem == nil ? "withdrawn" : "not withdrawn") grade=\(delivery.grade) platform=\(delivery.host) "
        + (problem?.logLine ?? ""))
    try Outbox.withdrawn(delivery, isGone: problem == nil, in: database)
    return problem.map { .refused(code: $0.code, $0.words) } ?? .withdrawn
  }

  private func attempt(_ delivery: Delivery) -> DeliveryProblem? {
    let deadline = Deadline(milliseconds: environment.settings.gradeTimeout)
    let tokens = AccessTokenSource(environment: environment, database: database)
    if let place = delivery.undatedPlace {
      var attempt = OutcomeAttempt(delivery, place, environment: environment, tokens: tokens, deadline: deadline)
      return attempt.withdraw()
    }
    var attempt = GradeAttempt(
      delivery, environment: environment, database: database, tokens: tokens, deadline: deadline)
    return attempt.withdraw()
  }
}
