import Wire

/// What became of a result that was set or removed.
package typealias ResultOutcome = GradeOutcome<ResultRefusal>

/// Why a platform refuses a result for good.
package enum ResultRefusal: GradeRefusal {
  /// The handle (`lis_result_sourcedid`) names no result: altered, or its activity is gone.
  case sourcedIDUnknown
  /// The activity takes no grades.
  case notAccepted
  /// The score is none that the platform takes.
  case scoreUnusable
  /// The platform does not offer this operation.
  case unsupported
  /// 403.
  case forbidden
  /// 404 or 410: there is no such service.
  case serviceMissing
  /// Any other status.
  case rejected(status: Int)

  package enum Code: String, StableCode {
    case sourcedIDUnknown = "grade_sourced_id_unknown"
    case notAccepted = "grade_not_accepted"
    case scoreUnusable = "grade_refused"
    case unsupported = "grade_unsupported"
    case forbidden = "grade_forbidden"
    case serviceMissing = "grade_service_missing"
    case rejected = "grade_rejected"
  }

  package var stableCode: any StableCode {
    switch self {
    case .sourcedIDUnknown: Code.sourcedIDUnknown
    case .notAccepted: Code.notAccepted
    case .scoreUnusable: Code.scoreUnusable
    case .unsupported: Code.unsupported
    case .forbidden: Code.forbidden
    case .serviceMissing: Code.serviceMissing
    case .rejected: Code.rejected
    }
  }

  /// The code, and the status or the platform's words where they say more.
  package var logLine: String {
    switch self {
    case .rejected(let status): "\(code) status=\(status)"
    case .sourcedIDUnknown, .notAccepted, .scoreUnusable, .unsupported, .forbidden, .serviceMissing: code
    }
  }
}

extension ResultOutcome {
  /// Reads the platform's answer to a message that sets or removes a result.
  init(_ response: HTTPResponse, to request: POXRequest, now: Instant) {
    switch response.status {
    case 200..<300: self = Self.answered(response, to: request)
    case 401: self = .unauthorized
    case 408, 425, 429, 500...:
      self = .retryLater(afterSeconds: RetryAfter.seconds(response.fields, now: now), status: response.status)
    // Moodle's service says everything in an envelope; a page comes from something in front.
    case 300..<500 where response.status < 400 || POXResponse(response.body) == nil:
      self = .intercepted(afterSeconds: RetryAfter.seconds(response.fields, now: now), status: response.status)
    case 403: self = .refused(.forbidden)
    case 404, 410: self = .refused(.serviceMissing)
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
    case .scoreUnusable: .refused(.scoreUnusable)
    case .notStored: .retryLater(afterSeconds: nil, status: response.status)
    case .failure(let words): .failed(words: words)
    case .unsupported: .refused(.unsupported)
    case .unclear: .uncertain(status: response.status)
    }
  }
}
