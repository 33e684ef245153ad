import LTI
import Postgres
import Store
import Wire

/// Compares what a platform has with what it was given. Nothing is changed there: what it has no more is said, and a person sends
/// it again; what differs is a teacher's, or another tool's, and stays. An answer that is cut, or only a part, changes nothing.
package struct GradeVerification {
  private let environment: Environment
  private let database: Database
  private let tokens: AccessTokenSource

  /// The largest list of results that is read.
  package static var maximumBytes: Int { 8 << 20 }
  /// How many results of Basic Outcomes, each a request, are read of an activity at once.
  private static var mostOutcomes: Int { 500 }

  /// Over one database session.
  package init(environment: Environment, database: Database) {
    self.environment = environment
    self.database = database
    tokens = AccessTokenSource(environment: environment, database: database)
  }

  /// What became of an activity's comparison.
  package enum Outcome {
    /// It was made.
    case compared(Verification.Found)
    /// The platform no longer has the activity.
    case gone
    /// Somebody else makes it.
    case busy
    /// Nothing was compared: why, in words.
    case unread(code: String, Words)
  }

  /// Compares one activity, within `PASSERELLE_GRADE_TIMEOUT` for each of its results' lists, or of its results where they are
  /// read one by one.
  package func verify(_ candidate: Verification.Candidate) throws(PostgresError) -> Outcome {
    let outcome =
      try candidate.hasLineItem
      ? verifyLineItem(of: candidate.activity) : verifyOutcomes(of: candidate.activity)
    let words =
      switch outcome {
      case .compared(let found):
        "equal=\(found.equal) emptied=\(found.emptied) different=\(found.different) restored=\(found.restored)"
      case .gone: DeliveryProblem.activityGone.code
      case .busy: "somebody else does it"
      case .unread(let code, _): "not read \(code)"
      }
    environment.log(.info, "grades verified activity=\(candidate.activity) \(words)")
    return outcome
  }

  // MARK: - Line items

  private func verifyLineItem(of activity: String) throws(PostgresError) -> Outcome {
    let begun = try Verification.begin(activity, in: database)
    guard begun.isClaimed else { return .busy }
    // The last launch named no line item: it has told already that what was delivered is gone.
    guard let source = begun.source else {
      try Verification.release(activity, in: database)
      return .compared(Verification.Found())
    }
    var reader = ResultsReader(source, environment: environment, tokens: tokens)
    switch reader.read() {
    case .gone:
      let problem = DeliveryProblem.activityGone
      try Verification.activityGone(activity, code: problem.code, problem.words, in: database)
      return .gone
    case .failed(let problem):
      try Verification.release(activity, in: database)
      return .unread(code: problem.code, problem.words)
    case .results(let lineItem, let maximum, let results):
      try settleFormerLink(source, of: activity)
      var emptied = 0
      if lineItem != source.lineItem {
        emptied = try Verification.lineItemFound(lineItem.description, maximum: maximum, of: activity, in: database)
      }
      let rows = results.compactMap { result -> (subject: String, score: Double, maximum: Double)? in
        guard let score = result.resultScore, let most = result.resultMaximum ?? maximum, most > 0 else { return nil }
        return (result.userID.value, score, most)
      }
      var found = try Verification.record(
        rows, of: activity, since: begun.began, maximum: maximum, only: nil, in: database)
      // They were found so after the reading began, and passed over.
      found.emptied += emptied
      found.passedOver = max(0, found.passedOver - emptied)
      return .compared(found)
    }
  }

  /// Whether the id that the activity had before is another activity's, where the launch that brought the other one could not ask.
  private func settleFormerLink(_ source: Verification.ResultsSource, of activity: String) throws(PostgresError) {
    guard let question = source.formerLink else { return }
    let reader = FormerLinkReader(
      environment: environment, tokens: tokens,
      deadline: Deadline(milliseconds: environment.settings.gradeTimeout))
    let answer = reader.ask(question)
    guard answer != .unread else { return }
    try FormerLink.told(question.link, of: activity, stands: answer == .stands, in: database)
  }

  // MARK: - Basic Outcomes

  private func verifyOutcomes(of activity: String) throws(PostgresError) -> Outcome {
    var found = Verification.Found()
    for grade in try Verification.undated(of: activity, limit: Self.mostOutcomes, in: database) {
      guard
        let text = try Verification.lease(
          grade, leaseSeconds: GradeCourier.leaseSeconds(environment.settings), in: database),
        let delivery = Delivery(text: text)
      else {
        found.passedOver += 1
        continue
      }
      guard let place = delivery.outcomes else {
        try Outbox.release(delivery, in: database)
        found.passedOver += 1
        continue
      }
      var attempt = OutcomeAttempt(
        delivery, place, environment: environment, tokens: tokens,
        deadline: Deadline(milliseconds: environment.settings.gradeTimeout))
      let read = Result { () throws(DeliveryProblem) in try attempt.read() }
      try Outbox.release(delivery, in: database)
      switch read {
      case .failure(let problem): return .unread(code: problem.code, problem.words)
      case .success(let score):
        let rows = score.map { [(subject: delivery.subject.value, score: $0, maximum: 1.0)] } ?? []
        found =
          found
          + (try Verification.record(
            rows, of: activity, since: try Outbox.time(in: database), maximum: nil, only: grade, in: database))
      }
    }
    return .compared(found)
  }
}
