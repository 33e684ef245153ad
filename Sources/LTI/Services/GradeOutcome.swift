import Wire

/// What became of a grade that was sent to a platform or taken back. `Refusal` says why a service refuses one for good.
package enum GradeOutcome<Refusal: GradeRefusal>: Equatable, Sendable {
  /// The platform took it.
  case delivered
  /// The platform will not take it, now or when asked again, until something changes on its side or ours.
  case refused(Refusal)
  /// The platform does not take the authorization. Moodle answers the same for a token that is unknown, expired or lacks
  /// the scope; and in LTI 1.1 for an unknown key, a wrong secret and a time more than 300 seconds old.
  case unauthorized
  /// 409: the platform has a score that is not earlier than this one (AGS 2.0 §3.4.8). It may be this very score. Basic
  /// Outcomes has no dates and never says so.
  case conflict
  /// 408, 425, 429 or 5xx: try later, not before `afterSeconds` when the platform says so. A locked grade in Moodle is a
  /// 500, or in Basic Outcomes a 200 with a failure, that lasts until it is unlocked.
  case retryLater(afterSeconds: Int?, status: Int)
  /// A failure in the platform's words, at most 120 bytes of printable ASCII, which are no known refusal: try later. Of two grades
  /// of one learner at once Moodle says so of one.
  case failed(words: String)
  /// 3xx, or a 4xx that is not the service's own answer: something stands in front of the platform, which has not judged the
  /// grade. A redirect says nothing for good (RFC 9110 §15.4), and is not followed with a token in hand.
  case intercepted(afterSeconds: Int?, status: Int)
  /// A 2xx answer that is not what the service promises, such as a proxy's HTML page: nobody knows whether the grade was
  /// stored. Read the result, then decide.
  case uncertain(status: Int)
  /// No answer. `TransportFailure.mayHaveBeenProcessed` says whether the grade may have been stored all the same.
  case transport(TransportFailure)
}

/// Why a service refuses a grade for good.
package protocol GradeRefusal: Coded, Equatable, Sendable {
  /// One line for the log: the code, the status, the platform's words made harmless.
  var logLine: String { get }
}

/// The codes of what became of a grade, besides those of the refusals.
package enum GradeOutcomeCode: String, StableCode {
  case delivered = "grade_delivered"
  case unauthorized = "grade_unauthorized"
  case conflict = "grade_conflict"
  case rateLimited = "grade_rate_limited"
  case platformUnavailable = "grade_platform_unavailable"
  case answerUnexpected = "grade_answer_unexpected"
  case redirected = "grade_redirected"
  case intercepted = "grade_intercepted"
}

extension GradeOutcome: Coded {
  package var stableCode: any StableCode {
    switch self {
    case .delivered: GradeOutcomeCode.delivered
    case .refused(let refusal): refusal.stableCode
    case .unauthorized: GradeOutcomeCode.unauthorized
    case .conflict: GradeOutcomeCode.conflict
    case .retryLater(_, status: 429): GradeOutcomeCode.rateLimited
    case .retryLater, .failed: GradeOutcomeCode.platformUnavailable
    case .uncertain: GradeOutcomeCode.answerUnexpected
    case .intercepted(_, status: 300..<400): GradeOutcomeCode.redirected
    case .intercepted: GradeOutcomeCode.intercepted
    case .transport(let failure): failure.stableCode
    }
  }

  /// One line for the log: code and status, no body.
  package var logLine: String {
    switch self {
    case .retryLater(let seconds, let status), .intercepted(let seconds, let status):
      "\(code) status=\(status)" + (seconds.map { " retry_after=\($0)" } ?? "")
    case .failed(let words): "\(code) words=\(words)"
    case .uncertain(let status): "\(code) status=\(status)"
    case .refused(let refusal): refusal.logLine
    case .transport(let failure): "\(code) \(failure)"
    case .delivered, .unauthorized, .conflict: code
    }
  }
}
