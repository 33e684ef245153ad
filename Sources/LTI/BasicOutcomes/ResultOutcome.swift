import Wire

/// What became of a result that was set or removed.
package typealias ResultOutcome = GradeOutcome<ResultRefusal>

/// Why a platform refuses a result for good.
package enum ResultRefusal: GradeRefusal {
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

  package enum Code: String, StableCode {
    case sourcedIDUnknown = "grade_sourced_id_unknown"
    case notAccepted = "grade_not_accepted"
    case unsupported = "grade_unsupported"
    case failure = "grade_refused"
    case forbidden = "grade_forbidden"
    case serviceMissing = "grade_service_missing"
    case redirected = "grade_redirected"
    case rejected = "grade_rejected"
  }

  package var stableCode: any StableCode {
    switch self {
    case .sourcedIDUnknown: Code.sourcedIDUnknown
    case .notAccepted: Code.notAccepted
    case .unsupported: Code.unsupported
    case .failure: Code.failure
    case .forbidden: Code.forbidden
    case .serviceMissing: Code.serviceMissing
    case .redirected: Code.redirected
    case .rejected: Code.rejected
    }
  }

  /// The code, and the status or the platform's words where they say more.
  package var logLine: String {
    switch self {
    case .rejected(let status), .redirected(let status): "\(code) status=\(status)"
    case .failure(let words): "\(code) words=\(words)"
    case .sourcedIDUnknown, .notAccepted, .unsupported, .forbidden, .serviceMissing: code
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
