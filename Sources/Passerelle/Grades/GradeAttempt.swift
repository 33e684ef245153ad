import LTI
import Postgres
import Store
import Wire

/// One attempt to deliver one grade through the Assignment and Grade Services: finds the line item where it is not known, posts the score, and when the answer
/// leaves a doubt reads the result before it decides.
struct GradeAttempt {
  let environment: Environment
  let database: Database
  let tokens: AccessTokenSource
  let deadline: Deadline
  /// What is delivered; the line item, its maximum and the timestamp may become known on the way.
  private(set) var delivery: Delivery
  /// Whether the platform has no line item for the activity and the tool cannot make one.
  private(set) var hasNoLineItem = false
  /// What the platform had a moment after it took the grade, where that was looked at.
  private(set) var readBack: ReadBack?
  private var token: AccessTokenSource.Token?
  private var hasNewToken = false

  /// A result that was read right after a delivery.
  struct ReadBack: Sendable {
    /// In points of the delivery's maximum; nil for none.
    let score: Double?
    /// Whether it is what was sent.
    let isEqual: Bool
    let readAt: Instant
    /// Whether the platform makes something else of this activity's grades, as a scale does.
    var isScale = false
  }

  init(
    _ delivery: Delivery, environment: Environment, database: Database, tokens: AccessTokenSource, deadline: Deadline
  ) {
    self.delivery = delivery
    self.environment = environment
    self.database = database
    self.tokens = tokens
    self.deadline = deadline
  }

  /// Nil when the platform has the grade.
  mutating func run() -> DeliveryProblem? {
    do throws(DeliveryProblem) {
      var lineItem = try findLineItem()
      // Sent before, and nobody knows whether it arrived: the gradebook does.
      if delivery.doubtfulTimestamp != nil, delivery.isSettled(by: try readableResult(in: lineItem), sent: nil) {
        return nil
      }
      var outcome = try post(to: lineItem)
      if case .refused(.lineItemMissing) = outcome, delivery.place.lineItems != nil {
        lineItem = try locateLineItem(after: lineItem)
        outcome = try post(to: lineItem)
      }
      if outcome == .conflict { outcome = try resolveConflict(in: lineItem) }
      guard let problem = DeliveryProblem(outcome) else {
        if delivery.readsBack, readBack == nil { lookBack(in: lineItem) }
        return nil
      }
      if outcome == .refused(.notGradable), delivery.wasDelivered { return .learnerNotEnrolled }
      if isWorthReading(outcome, problem), let result = try? readableResult(in: lineItem),
        delivery.isSettled(by: result, sent: delivery.timestamp.seconds)
      {
        return nil
      }
      return problem
    } catch {
      return error
    }
  }

  /// Empties the result; nil when the platform has none any more.
  mutating func withdraw() -> DeliveryProblem? {
    do throws(DeliveryProblem) {
      // Found when the grade was delivered; one that would have to be made first holds nothing.
      guard let lineItem = delivery.place.lineItem else { throw .lineItemMissing }
      var outcome = try empty(lineItem)
      if outcome == .conflict {
        guard let there = try readableResult(in: lineItem) else { return nil }
        try dateAfter(there)
        outcome = try empty(lineItem)
      }
      return DeliveryProblem(outcome)
    } catch {
      return error
    }
  }

  private mutating func empty(_ lineItem: WebURL) throws(DeliveryProblem) -> ScoreOutcome {
    let (subject, timestamp) = (delivery.subject, delivery.timestamp)
    let outcome = AGS.withdraw(
      resultOf: subject, at: timestamp, from: lineItem, token: try currentToken(), now: environment.now(), send: send)
    guard outcome == .unauthorized, !hasNewToken else { return outcome }
    return AGS.withdraw(
      resultOf: subject, at: timestamp, from: lineItem, token: try newToken(), now: environment.now(), send: send)
  }

  // MARK: - Scores and results

  /// Reads what the platform made of the score: nothing, where the activity has no grade, another where it is a scale or a
  /// teacher's. Not to know it keeps nothing back.
  private mutating func lookBack(in lineItem: WebURL) {
    guard hasScope(AGSScope.resultReadOnly), !deadline.hasPassed else { return }
    let (subject, now, send) = (delivery.subject, environment.now(), self.send)
    let result: AGS.Result?
    do throws(DeliveryProblem) {
      result = try service { (token) throws(ServiceFailure) in
        try AGS.result(of: subject, in: lineItem, token: token, now: now, send: send)
      }
    } catch { return }
    let points = result.flatMap { result -> Double? in
      guard let score = result.resultScore, let maximum = result.resultMaximum, maximum > 0 else { return nil }
      return score * delivery.maximum / maximum
    }
    readBack = ReadBack(score: points, isEqual: delivery.isEqual(to: result), readAt: environment.now())
  }

  /// Whether the result should be read at once to settle a doubt. A platform that answered that it cannot is left in peace.
  private func isWorthReading(_ outcome: ScoreOutcome, _ problem: DeliveryProblem) -> Bool {
    if case .retryLater = outcome { return false }
    return problem.leavesDoubt && !deadline.hasPassed
  }

  private mutating func post(to lineItem: WebURL) throws(DeliveryProblem) -> ScoreOutcome {
    guard let score = delivery.message else { throw .unusableGrade }
    let outcome = AGS.post(
      score, to: lineItem, token: try currentToken(), now: environment.now(), send: send)
    guard outcome == .unauthorized, !hasNewToken else { return outcome }
    return AGS.post(score, to: lineItem, token: try newToken(), now: environment.now(), send: send)
  }

  /// 409: the platform has a score that is not earlier. When it is this one, all is well; otherwise this one is dated
  /// after it and posted once more.
  private mutating func resolveConflict(in lineItem: WebURL) throws(DeliveryProblem) -> ScoreOutcome {
    let there = try readableResult(in: lineItem)
    // Whatever is still on its way is older than this one, which was refused as too old.
    if delivery.isEqual(to: there) {
      readBack = ReadBack(score: delivery.score, isEqual: true, readAt: environment.now())
      return .delivered
    }
    try dateAfter(there)
    return try post(to: lineItem)
  }

  /// Dates what is sent next after a result that is there, and after everything that was sent.
  private mutating func dateAfter(_ there: AGS.Result?) throws(DeliveryProblem) {
    let atLeast = there?.timestamp.map { $0.seconds + 1 }
    let seconds: Int64?
    do { seconds = try Outbox.laterTimestamp(delivery, atLeast: atLeast, in: database) } catch {
      throw DeliveryProblem(error)
    }
    guard let seconds else { throw .leaseLost }
    delivery.timestamp = Instant(seconds: seconds, nanoseconds: 0)
  }

  /// The result; nil when there is none, and when the platform does not let it be read, which must not keep a grade back:
  /// a score that is dated later may always be posted.
  private mutating func readableResult(in lineItem: WebURL) throws(DeliveryProblem) -> AGS.Result? {
    guard hasScope(AGSScope.resultReadOnly) else { return nil }
    let (subject, now, send) = (delivery.subject, environment.now(), self.send)
    do {
      return try service { (token) throws(ServiceFailure) in
        try AGS.result(of: subject, in: lineItem, token: token, now: now, send: send)
      }
    } catch {
      guard error.isPersistent else { throw error }
      return nil
    }
  }

  // MARK: - Line items

  /// The line item: known, or looked for; read again once an hour for its maximum, where the platform lets it be read.
  private mutating func findLineItem() throws(DeliveryProblem) -> WebURL {
    guard let known = delivery.place.lineItem else { return try locateLineItem() }
    guard delivery.place.isStale, canReadLineItems else { return known }
    let (now, send) = (environment.now(), self.send)
    let item: LineItem
    do {
      item = try service { (token) throws(ServiceFailure) in
        try AGS.lineItem(known, token: token, now: now, send: send)
      }
    } catch  where error.code == ScoreRefusal.lineItemMissing.code && delivery.place.lineItems != nil {
      return try locateLineItem(after: known)
    } catch  where error.isPersistent {
      // Its maximum stays unknown, which costs nothing: platforms rescale. Not asked again for an hour.
      try remember(known, maximum: nil)
      return known
    }
    try remember(known, maximum: item.scoreMaximum)
    return known
  }

  /// The activity's own line item among those of the course, or a new one where the platform lets the tool make it.
  ///
  /// - Parameter former: the one that was known until now, and is no more: when the list names no other, the activity is gone,
  ///   unless somebody has come from it so lately that one may be made.
  private mutating func locateLineItem(after former: WebURL? = nil) throws(DeliveryProblem) -> WebURL {
    guard let collection = delivery.place.lineItems, canReadLineItems else {
      hasNoLineItem = true
      throw .lineItemMissing
    }
    let (place, now, send) = (delivery.place, environment.now(), self.send)
    let items: [LineItem]
    do {
      items = try service { (token) throws(ServiceFailure) in
        try AGS.lineItems(of: place.resourceLink, in: collection, token: token, now: now, send: send)
      }
    } catch  where former != nil && error.code == ScoreRefusal.lineItemMissing.code {
      // The whole course is gone.
      throw .activityGone
    }
    if let item = AGS.own(among: items) {
      try remember(item.id, maximum: item.scoreMaximum)
      return item.id
    }
    guard former == nil || place.mayBeMade else { throw .activityGone }
    guard hasScope(AGSScope.lineItem) else {
      hasNoLineItem = true
      throw .lineItemMissing
    }
    let isOurs: Bool
    do { isOurs = try Outbox.claimLineItem(delivery, in: database) } catch { throw DeliveryProblem(error) }
    guard isOurs else { throw .lineItemUnderWay }
    let item: LineItem
    do {
      item = try service { (token) throws(ServiceFailure) in
        try AGS.createLineItem(
          label: place.title ?? "Passerelle", scoreMaximum: 100, resourceLinkID: place.resourceLink, in: collection,
          token: token, now: now, send: send)
      }
    } catch
      where former != nil
      && (error.code == ServiceFailure.forbidden.code || error.code == ScoreRefusal.lineItemMissing.code)
    {
      throw .activityGone
    }
    try remember(item.id, maximum: item.scoreMaximum)
    return item.id
  }

  private mutating func remember(_ lineItem: WebURL, maximum: Double?) throws(DeliveryProblem) {
    let anew: String?
    do { anew = try Outbox.lineItemFound(delivery, lineItem.description, maximum: maximum, in: database) } catch {
      throw DeliveryProblem(error)
    }
    guard let anew, let fresh = Delivery(text: anew) else { throw .leaseLost }
    delivery = fresh
  }

  private var canReadLineItems: Bool { hasScope(AGSScope.lineItem) || hasScope(AGSScope.lineItemReadOnly) }

  private func hasScope(_ scope: String) -> Bool {
    delivery.access?.scope.split(separator: " ").contains { $0 == scope } ?? false
  }

  // MARK: - Calls

  /// A call of a service with a token, once more with a new one when the platform does not take it.
  private mutating func service<Value>(_ call: (String) throws(ServiceFailure) -> Value) throws(DeliveryProblem)
    -> Value
  {
    let first = try currentToken()
    do { return try call(first) } catch {
      guard error == .unauthorized, !hasNewToken else { throw DeliveryProblem(error) }
    }
    let second = try newToken()
    do { return try call(second) } catch { throw DeliveryProblem(error) }
  }

  private mutating func currentToken() throws(DeliveryProblem) -> String {
    if let token { return token.value }
    let token = try tokens.token(for: delivery.tokenAccess(), until: deadline)
    self.token = token
    return token.value
  }

  private mutating func newToken() throws(DeliveryProblem) -> String {
    guard let former = token else { return try currentToken() }
    let token = try tokens.replacement(of: former, for: delivery.tokenAccess(), until: deadline)
    self.token = token
    hasNewToken = true
    return token.value
  }

  private var send: HTTPSend { environment.send(until: deadline) }
}
