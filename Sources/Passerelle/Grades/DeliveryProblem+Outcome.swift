import LTI
import Wire

extension DeliveryProblem {
  /// A grade was sent, and the platform did not accept it; nil when it did.
  ///
  /// - Parameter isSigned: Whether it went with an LTI 1.1 consumer's signature, not with an access token.
  init?<Reason: ExplainedRefusal>(_ outcome: GradeOutcome<Reason>, isSigned: Bool = false) {
    let code = outcome.stableCode
    switch outcome {
    case .delivered: return nil
    case .refused(let refusal):
      self.init(code, refusal.words, remedy: .change, logLine: outcome.logLine)
    case .unauthorized:
      self = isSigned ? .signatureNotTaken(code) : .tokenNotTaken(code)
    case .conflict:
      self.init(
        code,
        Words(
          fr: "Moodle a déjà une note plus récente. Nouvel essai prévu avec une date postérieure.",
          en: "Moodle already has a later grade. It will be tried again with a later date."), logLine: outcome.logLine)
    case .failed, .retryLater(_, status: 200..<300):
      // The envelope of Basic Outcomes says that the gradebook would not store the grade.
      self = .notStored(code, logLine: outcome.logLine)
    case .retryLater(let seconds, let status):
      // Behind a 5xx Moodle may go on with the score, and a proxy says 5xx for a Moodle that it has lost sight of.
      self.init(
        unavailable: status, code: code, leavesDoubt: status >= 500, retryAfter: seconds, logLine: outcome.logLine)
    case .intercepted(let seconds, let status):
      self.init(intercepted: status, code: code, retryAfter: seconds, logLine: outcome.logLine)
    case .uncertain(let status):
      self = .answeredUnexpectedly(status, code, logLine: outcome.logLine)
    case .transport(let failure):
      self.init(failure, sentScore: true)
    }
  }
}

/// A refusal of a grade, with what staff can do about it.
protocol ExplainedRefusal: GradeRefusal {
  var words: Words { get }
}

extension ScoreRefusal: ExplainedRefusal {
  var words: Words {
    switch self {
    case .notGradable:
      Words(
        fr: "Moodle ne note pas cette personne ici : elle n’est pas inscrite au cours, ou son rôle n’a pas de note.",
        en: "Moodle does not grade this person here: not enrolled in the course, or a role without grades.")
    case .lineItemMissing:
      Words(
        fr: "L’élément de note n’existe plus dans Moodle. Rouvrez l’activité depuis Moodle.",
        en: "The grade item no longer exists in Moodle. Open the activity again from Moodle.")
    case .forbidden:
      Words(
        fr: "L’élément de note appartient à un autre outil.", en: "The grade item belongs to another tool.")
    case .requestNotUnderstood, .notAccepted, .unprocessable, .refusedInBody, .rejected:
      .gradeRefused(code)
    }
  }
}

extension ResultRefusal: ExplainedRefusal {
  var words: Words {
    switch self {
    case .sourcedIDUnknown, .notAccepted, .scoreUnusable, .unsupported, .forbidden, .serviceMissing, .rejected:
      .gradeRefused(code)
    }
  }
}

extension Words {
  /// A refusal about which only its code says more.
  fileprivate static func gradeRefused(_ code: String) -> Words {
    Words(
      fr: "Moodle a refusé la note (\(code)). Rouvrez l’activité depuis Moodle, ou prévenez l’administrateur.",
      en: "Moodle refused the grade (\(code)). Open the activity again from Moodle, or tell the administrator.")
  }
}
