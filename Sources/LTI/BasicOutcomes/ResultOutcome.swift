import Wire

/// What became of a result that was set or removed.
package enum ResultOutcome: Equatable, Sendable {
  /// The platform took it.
  case delivered
  /// The platform will not take it, now or when asked again, until something changes on its side or ours.
  case refused(ResultRefusal)
  /// The platform does not take the authorization. Moodle says the same for an unknown key, a wrong secret and a time
  /// more than 300 seconds old; and for a token that is unknown, expired or lacks the scope.
  case unauthorized
  /// 408, 425, 429 or 5xx: try later, not before `afterSeconds` when the platform says so. Moodle answers 200 and a
  /// failure when its gradebook would not store the grade: a locked grade lasts until it is unlocked.
  case retryLater(afterSeconds: Int?, status: Int)
  /// A 2xx answer that is no envelope, or not one for this message: nobody knows whether the result was stored.
  /// Read the result, then decide.
  case uncertain(status: Int)
  /// No answer. `TransportFailure.mayHaveBeenProcessed` says whether the result may have been stored all the same;
  /// sending it again does no harm.
  case transport(TransportFailure)

  /// The stable code of the outcome.
  package var code: String {
    switch self {
    case .delivered: "grade_delivered"
    case .refused(let refusal): refusal.code
    case .unauthorized: "grade_unauthorized"
    case .retryLater(_, status: 429): "grade_rate_limited"
    case .retryLater: "grade_platform_unavailable"
    case .uncertain: "grade_answer_unexpected"
    case .transport(let failure): failure.code
    }
  }

  /// One line for the log: code, status, the platform's words made harmless.
  package var logLine: String {
    switch self {
    case .retryLater(let seconds, let status):
      "\(code) status=\(status)" + (seconds.map { " retry_after=\($0)" } ?? "")
    case .uncertain(let status): "\(code) status=\(status)"
    case .refused(.rejected(let status)), .refused(.redirected(let status)): "\(code) status=\(status)"
    case .refused(.failure(let words)): "\(code) words=\(words)"
    case .transport(let failure): "\(code) \(failure)"
    case .delivered, .refused, .unauthorized: code
    }
  }
}

/// Why a platform refuses a result for good.
package enum ResultRefusal: Equatable, Sendable {
  /// The handle (`lis_result_sourcedid`) names no result: altered, or its activity is gone.
  case sourcedIDUnknown
  /// The activity takes no grades.
  case notAccepted
  /// The platform does not offer this operation.
  case unsupported
  /// Another failure; its words, at most 120 bytes of printable ASCII.
  case failure(String)
  /// 403.
  case forbidden
  /// 404 or 410: there is no such service.
  case serviceMissing
  /// 3xx: the service is answered by a redirect, which is not followed with a signed request in hand.
  case redirected(status: Int)
  /// Any other status.
  case rejected(status: Int)

  /// The stable code of the refusal.
  package var code: String {
    switch self {
    case .sourcedIDUnknown: "grade_sourced_id_unknown"
    case .notAccepted: "grade_not_accepted"
    case .unsupported: "grade_unsupported"
    case .failure: "grade_refused"
    case .forbidden: "grade_forbidden"
    case .serviceMissing: "grade_service_missing"
    case .redirected: "grade_redirected"
    case .rejected: "grade_rejected"
    }
  }
}

extension ResultOutcome {
  /// Reads the platform's answer to a message that sets or removes a result.
  init(_ response: HTTPResponse, to request: POXRequest, now: Instant) {
    switch response.status {
    case 200..<300: self = Self.answered(response, to: request)
    case 300..<400: self = .refused(.redirected(status: response.status))
    case 401: self = .unauthorized
    case 403: self = .refused(.forbidden)
    case 404, 410: self = .refused(.serviceMissing)
    case 408, 425, 429, 500...:
      self = .retryLater(afterSeconds: RetryAfter.seconds(response.fields, now: now), status: response.status)
    default: self = .refused(.rejected(status: response.status))
    }
  }

  private static func answered(_ response: HTTPResponse, to request: POXRequest) -> ResultOutcome {
    guard let answer = POXResponse(response.body) else { return .uncertain(status: response.status) }
    return switch answer.verdict(for: request) {
    case .success: .delivered
    case .unauthorized: .unauthorized
    case .sourcedIDUnknown: .refused(.sourcedIDUnknown)
    case .notAccepted: .refused(.notAccepted)
    case .notStored: .retryLater(afterSeconds: nil, status: response.status)
    case .unsupported: .refused(.unsupported)
    case .failure(let words): .refused(.failure(words))
    case .unclear: .uncertain(status: response.status)
    }
  }
}
