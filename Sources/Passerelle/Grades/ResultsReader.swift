import LTI
import Store
import Wire

/// Reads what a line item and everybody's results in it are, with one new access token where the first is not taken.
struct ResultsReader {
  private let source: Verification.ResultsSource
  private let environment: Environment
  private let tokens: AccessTokenSource
  private let deadline: Deadline
  private var token: AccessTokenSource.Token?
  private var hasNewToken = false

  init(_ source: Verification.ResultsSource, environment: Environment, tokens: AccessTokenSource) {
    self.source = source
    self.environment = environment
    self.tokens = tokens
    deadline = Deadline(milliseconds: environment.settings.gradeTimeout)
  }

  /// What was read.
  enum Reading {
    /// The line item, which may be another than was known, its maximum where it may be read, and everybody's results.
    case results(WebURL, maximum: Double?, [AGS.Result])
    /// The platform no longer has the line item, and names no other for the activity.
    case gone
    case failed(DeliveryProblem)
  }

  /// Reads all of it, or says why not.
  mutating func read() -> Reading {
    do throws(DeliveryProblem) {
      guard let (lineItem, maximum) = try currentLineItem() else { return .gone }
      let (now, send) = (environment.now(), environment.send(until: deadline))
      let results = try call { (token) throws(ServiceFailure) in
        try AGS.results(
          in: lineItem, token: token, maximumBytes: GradeVerification.maximumBytes, now: now, send: send)
      }
      return .results(lineItem, maximum: maximum, results)
    } catch {
      return .failed(error)
    }
  }

  /// The line item as it is now; nil when there is none any more.
  private mutating func currentLineItem() throws(DeliveryProblem) -> (WebURL, maximum: Double?)? {
    guard hasScope(AGSScope.lineItem) || hasScope(AGSScope.lineItemReadOnly) else { return (source.lineItem, nil) }
    let (now, send, known) = (environment.now(), environment.send(until: deadline), source.lineItem)
    do {
      let item = try call { (token) throws(ServiceFailure) in
        try AGS.lineItem(known, token: token, now: now, send: send)
      }
      return (known, item.scoreMaximum)
    } catch  where error.code == DeliveryProblem.lineItemMissing.code {
      return try located()
    } catch  where error.isPersistent {
      return (known, nil)
    }
  }

  /// Another line item of the activity among those of the course.
  private mutating func located() throws(DeliveryProblem) -> (WebURL, maximum: Double?)? {
    guard let collection = source.place.lineItems else { throw .lineItemMissing }
    let (now, send, link) = (environment.now(), environment.send(until: deadline), source.place.resourceLink)
    let items: [LineItem]
    do {
      items = try call { (token) throws(ServiceFailure) in
        try AGS.lineItems(of: link, in: collection, token: token, now: now, send: send)
      }
    } catch  where error.code == DeliveryProblem.lineItemMissing.code {
      return nil
    }
    return AGS.own(among: items).map { ($0.id, $0.scoreMaximum) }
  }

  private func hasScope(_ scope: String) -> Bool {
    source.access.scope.split(separator: " ").contains { $0 == scope }
  }

  private mutating func call<Value>(_ call: (String) throws(ServiceFailure) -> Value) throws(DeliveryProblem) -> Value {
    let first: AccessTokenSource.Token
    if let token { first = token } else { first = try tokens.token(for: source.access, until: deadline) }
    token = first
    do { return try call(first.value) } catch {
      guard error == .unauthorized, !hasNewToken else { throw DeliveryProblem(error) }
    }
    let second = try tokens.replacement(of: first, for: source.access, until: deadline)
    token = second
    hasNewToken = true
    do { return try call(second.value) } catch { throw DeliveryProblem(error) }
  }
}
