import LTI
import Store
import Wire

/// Asks a platform whether an activity's former resource link still stands in its list of line items.
struct FormerLinkReader {
  let environment: Environment
  let tokens: AccessTokenSource
  let deadline: Deadline

  /// Reads the list, with one new access token where the first is not taken. What goes wrong is told to the log only.
  func ask(_ question: FormerLink.Question) -> FormerLink.Answer {
    guard let place = environment.waitingPlace(question.host) else {
      environment.log(.info, "line items not read platform=\(question.host): many wait")
      return .unread
    }
    defer { withExtendedLifetime(place) {} }
    do throws(DeliveryProblem) {
      let answer: FormerLink.Answer = try items(question).isEmpty ? .gone : .stands
      environment.log(
        .info, "activity has another resource link platform=\(question.host) former=\(answer.rawValue)")
      return answer
    } catch {
      environment.log(.warning, "line items not read platform=\(question.host) \(error.logLine)")
      return .unread
    }
  }

  private func items(_ question: FormerLink.Question) throws(DeliveryProblem) -> [LineItem] {
    let token = try tokens.token(for: question.access, until: deadline)
    do { return try items(question, token) } catch {
      guard error == .unauthorized else { throw DeliveryProblem(error) }
    }
    let fresh = try tokens.replacement(of: token, for: question.access, until: deadline)
    do { return try items(question, fresh) } catch { throw DeliveryProblem(error) }
  }

  private func items(_ question: FormerLink.Question, _ token: AccessTokenSource.Token) throws(ServiceFailure)
    -> [LineItem]
  {
    try AGS.lineItems(
      of: question.link, in: question.lineItems, token: token.value, now: environment.now(),
      send: environment.send(until: deadline))
  }
}
