import LTI
import Wire

/// Why a grade was not delivered, for the row that staff see in Directus and for `grade list`.
package struct DeliveryProblem: Error {
  /// What can help.
  enum Remedy {
    /// Trying again later.
    case time
    /// Trying again, but when a day has not helped, a person must: a locked grade looks like any other error of Moodle's.
    case timeForADay
    /// A change: opening the activity again, new progress, an administrator.
    case change
  }

  /// Stable code.
  package let code: String
  /// What staff read.
  package let words: Words
  let remedy: Remedy
  /// Whether the score may have been stored all the same.
  let leavesDoubt: Bool
  /// Whether the platform as a whole seems away, so that others need not wait for it.
  let platformIsAway: Bool
  /// Seconds the platform asks to wait.
  let retryAfter: Int?
  /// For the log: codes and statuses.
  let logLine: String

  init(
    _ code: String, _ words: Words, remedy: Remedy = .time, leavesDoubt: Bool = false, platformIsAway: Bool = false,
    retryAfter: Int? = nil, logLine: String? = nil
  ) {
    self.code = code
    self.words = words
    self.remedy = remedy
    self.leavesDoubt = leavesDoubt
    self.platformIsAway = platformIsAway
    self.retryAfter = retryAfter
    self.logLine = logLine ?? code
  }

  /// The platform could not be reached, or fell silent.
  init(_ failure: TransportFailure, sentScore: Bool) {
    self.init(
      failure.code,
      Words(
        fr: "Moodle ne répond pas (\(failure.code)). Nouvel essai prévu.",
        en: "Moodle does not answer (\(failure.code)). It will be tried again."),
      leavesDoubt: sentScore && failure.mayHaveBeenProcessed, platformIsAway: true, logLine: failure.description)
  }

  /// The platform answered that it cannot just now.
  init(unavailable status: Int, code: String, leavesDoubt: Bool = false, retryAfter: Int?, logLine: String) {
    if status == 500 {
      self.init(
        code,
        Words(
          fr: "Moodle répond par une erreur 500. La note est peut-être verrouillée dans le carnet de notes : "
            + "déverrouillez-la. Nouveaux essais pendant un jour.",
          en:
            "Moodle answers with error 500. The grade may be locked in the gradebook: unlock it. It will be tried again "
            + "for a day."),
        remedy: .timeForADay, leavesDoubt: leavesDoubt, retryAfter: retryAfter, logLine: logLine)
    } else {
      self.init(
        code,
        Words(
          fr: "Moodle est momentanément indisponible (HTTP \(status)). Nouvel essai prévu.",
          en: "Moodle is away for a moment (HTTP \(status)). It will be tried again."),
        leavesDoubt: leavesDoubt, platformIsAway: true, retryAfter: retryAfter, logLine: logLine)
    }
  }

  /// No access token was given.
  init(_ failure: TokenFailure) {
    switch failure {
    case .transport(let failure):
      self.init(failure, sentScore: false)
    case .unavailable(let seconds, let status):
      self.init(
        failure.code,
        Words(
          fr: "Moodle ne délivre pas de jeton d’accès pour l’instant (HTTP \(status)). Nouvel essai prévu.",
          en: "Moodle gives no access token just now (HTTP \(status)). It will be tried again."),
        platformIsAway: true, retryAfter: seconds, logLine: failure.logLine)
    case .refused, .malformed, .signing:
      self.init(
        failure.code,
        Words(
          fr: "Moodle refuse un jeton d’accès à l’outil. Lancez « passerelle doctor ». Nouvel essai prévu.",
          en: "Moodle refuses the tool an access token. Run “passerelle doctor”. It will be tried again."),
        platformIsAway: true, logLine: failure.logLine)
    }
  }

  /// A line item or a result could not be read.
  init(_ failure: ServiceFailure) {
    switch failure {
    case .transport(let failure):
      self.init(failure, sentScore: false)
    case .unavailable(let seconds, let status):
      self.init(unavailable: status, code: failure.code, retryAfter: seconds, logLine: failure.logLine)
    case .unauthorized:
      self = .tokenNotTaken(failure.code)
    case .notFound:
      self = .lineItemMissing
    case .forbidden, .rejected, .malformed:
      self.init(
        failure.code,
        Words(
          fr: "Moodle ne laisse pas lire ses éléments de note (\(failure.code)).",
          en: "Moodle does not let its line items be read (\(failure.code))."),
        remedy: .change, logLine: failure.logLine)
    }
  }

  /// Whether the platform understood the question and will answer the same again: not a failure on the way, nor a token that
  /// it does not give.
  var isPersistent: Bool { remedy == .change || code == ServiceFailure.unauthorized.code }

  /// 401, with a fresh token too.
  static func tokenNotTaken(_ code: String) -> DeliveryProblem {
    DeliveryProblem(
      code,
      Words(
        fr: "Moodle n’accepte pas le jeton d’accès de l’outil. Nouvel essai prévu.",
        en: "Moodle does not take the tool’s access token. It will be tried again."))
  }

  /// LTI 1.1: the signature of Basic Outcomes is refused. Moodle says the same for a key, a secret and a clock.
  static func signatureNotTaken(_ code: String) -> DeliveryProblem {
    DeliveryProblem(
      code,
      Words(
        fr: "Moodle n’accepte pas la signature LTI 1.1 de l’outil : clé, secret ou horloge. Lancez "
          + "« passerelle doctor ». Nouvel essai prévu.",
        en: "Moodle does not take the tool’s LTI 1.1 signature: key, secret or clock. Run “passerelle doctor”. It will "
          + "be tried again."))
  }

  /// A 2xx answer that says nothing: the grade may be stored or not.
  static func answeredUnexpectedly(_ status: Int, _ code: String, logLine: String) -> DeliveryProblem {
    DeliveryProblem(
      code,
      Words(
        fr: "Moodle a répondu autrement que prévu (HTTP \(status)). Nouvel essai prévu.",
        en: "Moodle answered unexpectedly (HTTP \(status)). It will be tried again."),
      leavesDoubt: true, logLine: logLine)
  }

  /// The Basic Outcomes service did not store the result, without saying why; a locked grade looks like that, too.
  static func notStored(_ code: String, logLine: String) -> DeliveryProblem {
    DeliveryProblem(
      code,
      Words(
        fr:
          "Moodle n’enregistre pas la note. Elle est peut-être verrouillée dans le carnet de notes : déverrouillez-la. "
          + "Nouveaux essais pendant un jour.",
        en:
          "Moodle does not store the grade. It may be locked in the gradebook: unlock it. It will be tried again for a "
          + "day."),
      remedy: .timeForADay, logLine: logLine)
  }

  /// A day of errors 500, or of results not stored: whatever else it may be, a locked grade is the likeliest, and only a
  /// person can unlock it.
  static func erredForADay(leavesDoubt: Bool, logLine: String) -> DeliveryProblem {
    DeliveryProblem(
      "grade_locked",
      Words(
        fr: "Moodle n’enregistre pas la note depuis un jour : elle est sans doute verrouillée dans le carnet de notes. "
          + "Déverrouillez-la, puis rouvrez l’activité ou lancez « passerelle grade retry ».",
        en:
          "Moodle has not stored the grade for a day: it is probably locked in the gradebook. Please unlock it, then "
          + "open the activity again or run “passerelle grade retry”."),
      remedy: .change, leavesDoubt: leavesDoubt, logLine: "grade_locked \(logLine)")
  }

  /// Another process is making the activity's line item.
  static var lineItemUnderWay: DeliveryProblem {
    DeliveryProblem(
      "grade_line_item_under_way",
      Words(
        fr: "L’élément de note est en cours de création dans Moodle. Nouvel essai prévu.",
        en: "The line item is being made in Moodle. It will be tried again."))
  }

  /// There is no line item, and none may be made.
  static var lineItemMissing: DeliveryProblem {
    DeliveryProblem(ScoreRefusal.lineItemMissing.code, ScoreRefusal.lineItemMissing.words, remedy: .change)
  }

  /// The platform has no registration by which it would give access tokens.
  static var registrationMissing: DeliveryProblem {
    DeliveryProblem(
      "registration_missing",
      Words(
        fr: "Ce Moodle n’a plus d’enregistrement LTI 1.3. Rouvrez l’activité depuis Moodle.",
        en: "This Moodle has no LTI 1.3 registration any more. Open the activity again from Moodle."),
      remedy: .change)
  }

  /// A number that no platform stores.
  static var unusableGrade: DeliveryProblem {
    DeliveryProblem(
      "grade_unusable",
      Words(fr: "La note calculée ne peut pas être envoyée.", en: "The computed grade cannot be sent."),
      remedy: .change)
  }

  /// Somebody else holds the lease by now, and will deliver.
  static var leaseLost: DeliveryProblem {
    DeliveryProblem(
      "lease_lost",
      Words(
        fr: "La remise a pris trop de temps et a été reprise.",
        en: "The delivery took too long and was taken over."))
  }
}

extension DeliveryProblem {
  /// A score was posted, and the platform did not accept it; nil when it did.
  init?(_ outcome: ScoreOutcome) {
    switch outcome {
    case .delivered: return nil
    case .refused(let refusal):
      self.init(outcome.code, refusal.words, remedy: .change, logLine: outcome.logLine)
    case .unauthorized:
      self = .tokenNotTaken(outcome.code)
    case .conflict:
      self.init(
        outcome.code,
        Words(
          fr: "Moodle a déjà une note plus récente. Nouvel essai prévu avec une date postérieure.",
          en: "Moodle already has a later grade. It will be tried again with a later date."), logLine: outcome.logLine)
    case .retryLater(let seconds, let status):
      // Behind a 5xx Moodle may go on with the score, and a proxy says 5xx for a Moodle that it has lost sight of.
      self.init(
        unavailable: status, code: outcome.code, leavesDoubt: status >= 500, retryAfter: seconds,
        logLine: outcome.logLine)
    case .uncertain(let status):
      self = .answeredUnexpectedly(status, outcome.code, logLine: outcome.logLine)
    case .transport(let failure):
      self.init(failure, sentScore: true)
    }
  }
}

extension ScoreRefusal {
  /// What staff can do about it.
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
    case .requestNotUnderstood, .notAccepted, .unprocessable, .refusedInBody, .redirected, .rejected:
      .gradeRefused(code)
    }
  }
}

extension Words {
  /// A refusal about which only its code says more.
  static func gradeRefused(_ code: String) -> Words {
    Words(
      fr: "Moodle a refusé la note (\(code)). Rouvrez l’activité depuis Moodle, ou prévenez l’administrateur.",
      en: "Moodle refused the grade (\(code)). Open the activity again from Moodle, or tell the administrator.")
  }
}
