import Wire

/// What became of a posted score.
package enum ScoreOutcome: Equatable, Sendable {
  /// The platform took it.
  case delivered
  /// The platform will not take it, now or when asked again, until something changes on its side or ours.
  case refused(ScoreRefusal)
  /// 401: the access token is unknown, expired or lacks the scope. Moodle answers the same for all three.
  case unauthorized
  /// 409: the platform has a score that is not earlier than this one (AGS 2.0 §3.4.8). It may be this very score.
  case conflict
  /// 408, 425, 429 or 5xx: try later, not before `afterSeconds` when the platform says so.
  /// A locked grade in Moodle is a 500 that lasts until it is unlocked.
  case retryLater(afterSeconds: Int?, status: Int)
  /// A 2xx answer whose body is neither empty nor a JSON object, such as a proxy's HTML page: nobody knows whether the
  /// score was stored. Read the result, then decide.
  case uncertain(status: Int)
  /// No answer. `TransportFailure.mayHaveBeenProcessed` says whether the score may have been stored all the same.
  case transport(TransportFailure)

  /// The stable code of the outcome.
  package var code: String {
    switch self {
    case .delivered: "grade_delivered"
    case .refused(let refusal): refusal.code
    case .unauthorized: "grade_unauthorized"
    case .conflict: "grade_conflict"
    case .retryLater(_, status: 429): "grade_rate_limited"
    case .retryLater: "grade_platform_unavailable"
    case .uncertain: "grade_answer_unexpected"
    case .transport(let failure): failure.code
    }
  }

  /// One line for the log: code and status, no body.
  package var logLine: String {
    switch self {
    case .retryLater(let seconds, let status):
      "\(code) status=\(status)" + (seconds.map { " retry_after=\($0)" } ?? "")
    case .uncertain(let status): "\(code) status=\(status)"
    case .refused(.rejected(let status)), .refused(.redirected(let status)): "\(code) status=\(status)"
    case .transport(let failure): "\(code) \(failure)"
    case .delivered, .refused, .unauthorized, .conflict: code
    }
  }
}

/// Why a platform refuses a score for good.
package enum ScoreRefusal: Equatable, Sendable {
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
  /// 3xx: the line item's URL is answered by a redirect, which is not followed with a token in hand.
  case redirected(status: Int)
  /// Any other status.
  case rejected(status: Int)

  /// The stable code of the refusal.
  package var code: String {
    switch self {
    case .notGradable: "grade_not_gradable"
    case .requestNotUnderstood: "grade_request_not_understood"
    case .forbidden: "grade_forbidden"
    case .lineItemMissing: "grade_line_item_missing"
    case .notAccepted: "grade_not_accepted"
    case .unprocessable: "grade_unprocessable"
    case .refusedInBody: "grade_refused"
    case .redirected: "grade_redirected"
    case .rejected: "grade_rejected"
    }
  }
}

extension ScoreOutcome {
  /// Reads the platform's answer to a posted score.
  init(_ response: HTTPResponse, now: Instant) {
    switch response.status {
    case 200..<300: self = Self.accepted(response)
    case 300..<400: self = .refused(.redirected(status: response.status))
    case 400: self = .refused(Self.isRoutingError(response.body) ? .requestNotUnderstood : .notGradable)
    case 401: self = .unauthorized
    case 403: self = .refused(.forbidden)
    case 404, 410: self = .refused(.lineItemMissing)
    case 405: self = .refused(.notAccepted)
    case 409: self = .conflict
    case 422: self = .refused(.unprocessable)
    case 408, 425, 429, 500...:
      self = .retryLater(afterSeconds: RetryAfter.seconds(response.fields, now: now), status: response.status)
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
