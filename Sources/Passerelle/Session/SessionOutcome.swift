/// What the database says of a session token that came with a request.
enum SessionOutcome: String {
  case accepted
  case unknown = "invalid_token"
  case expired = "session_expired"
  /// The session is for something else, or for somebody who may not do this.
  case forbidden
  /// The session is a teacher's who looks at the activity as a learner does.
  case teacherPreview = "teacher_preview"
  /// The page is of a run that somebody has ended.
  case runEnded = "run_ended"
}

extension Exchange {
  /// Lets a session go on, as the database judged it, and refuses in its person's language otherwise.
  func admit(_ outcome: String, locale: String?) throws(Refusal) {
    self.locale = locale
    switch try answered(outcome, as: SessionOutcome.self) {
    case .accepted: return
    case .unknown: throw .invalidToken
    case .expired: throw .sessionExpired
    case .forbidden: throw .forbidden
    case .teacherPreview: throw .teacherPreview
    case .runEnded: throw .runEnded
    }
  }
}
