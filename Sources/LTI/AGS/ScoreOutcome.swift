import Wire

/// What became of a posted score.
package typealias ScoreOutcome = GradeOutcome<ScoreRefusal>

/// Why a platform refuses a score for good.
package enum ScoreRefusal: GradeRefusal {
  /// 400: the platform does not grade this person here. In Moodle: unknown, not enrolled, or a role without grades.
  case notGradable
  /// 400 from Moodle's service router, before it read the score: wrong path, media type or type_id.
  case requestNotUnderstood
  /// 403: the line item is not this tool's.
  case forbidden
  /// 404 or 410: the line item or its course is gone.
  case lineItemMissing
  /// 405: that URL takes no scores.
  case notAccepted
  /// 422: the platform understood the score and will not have it.
  case unprocessable
  /// 200 with the body `[]`: how Moodle answers a refusal whose 400 was lost.
  case refusedInBody
  /// Any other status.
  case rejected(status: Int)

  package enum Code: String, StableCode {
    case notGradable = "grade_not_gradable"
    case requestNotUnderstood = "grade_request_not_understood"
    case forbidden = "grade_forbidden"
    case lineItemMissing = "grade_line_item_missing"
    case notAccepted = "grade_not_accepted"
    case unprocessable = "grade_unprocessable"
    case refusedInBody = "grade_refused"
    case rejected = "grade_rejected"
  }

  package var stableCode: any StableCode {
    switch self {
    case .notGradable: Code.notGradable
    case .requestNotUnderstood: Code.requestNotUnderstood
    case .forbidden: Code.forbidden
    case .lineItemMissing: Code.lineItemMissing
    case .notAccepted: Code.notAccepted
    case .unprocessable: Code.unprocessable
    case .refusedInBody: Code.refusedInBody
    case .rejected: Code.rejected
    }
  }

  /// The code, and the status where it says more.
  package var logLine: String {
    switch self {
    case .rejected(let status): "\(code) status=\(status)"
    case .notGradable, .requestNotUnderstood, .forbidden, .lineItemMissing, .notAccepted, .unprocessable,
      .refusedInBody:
      code
    }
  }
}

extension ScoreOutcome {
  /// Reads the platform's answer to a posted score.
  init(_ response: HTTPResponse, now: Instant) {
    switch response.status {
    case 200..<300: self = Self.accepted(response)
    case 401: self = .unauthorized
    case 409: self = .conflict
    case 408, 425, 429, 500...:
      self = .retryLater(afterSeconds: RetryAfter.seconds(response.fields, now: now), status: response.status)
    case 300..<500 where !response.isOfService || response.status < 400:
      self = .intercepted(afterSeconds: RetryAfter.seconds(response.fields, now: now), status: response.status)
    case 400: self = .refused(Self.isRoutingError(response.body) ? .requestNotUnderstood : .notGradable)
    case 403: self = .refused(.forbidden)
    case 404, 410: self = .refused(.lineItemMissing)
    case 405: self = .refused(.notAccepted)
    case 422: self = .refused(.unprocessable)
    default: self = .refused(.rejected(status: response.status))
    }
  }

  private static func accepted(_ response: HTTPResponse) -> ScoreOutcome {
    guard response.body.contains(where: { !isWhitespace($0) }) else { return .delivered }
    switch try? JSONValue(parsing: response.body) {
    case .object: return .delivered
    case .array(let values) where values.isEmpty: return .refused(.refusedInBody)
    default: return .uncertain(status: response.status)
    }
  }

  /// Moodle's `services.php` describes a request that it could not route in an object; a refused score is `[]`.
  private static func isRoutingError(_ body: [UInt8]) -> Bool {
    guard let answer = try? JSONValue(parsing: body) else { return false }
    return answer["status"]?.intValue == 400 && answer["request"]?.objectValue != nil
  }
}
