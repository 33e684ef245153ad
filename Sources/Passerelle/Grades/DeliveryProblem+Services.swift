import LTI
import Wire

/// What the platform's services answered, or did not.
extension DeliveryProblem {
  /// The platform could not be reached, or fell silent.
  init(_ failure: TransportFailure, sentScore: Bool) {
    self.init(
      failure.stableCode,
      Words(
        fr: "Moodle ne répond pas (\(failure.code)). Nouvel essai prévu.",
        en: "Moodle does not answer (\(failure.code)). It will be tried again."),
      leavesDoubt: sentScore && failure.mayHaveBeenProcessed, platformIsAway: true, logLine: failure.description)
  }

  /// The platform answered that it cannot just now.
  init(unavailable status: Int, code: any StableCode, leavesDoubt: Bool = false, retryAfter: Int?, logLine: String) {
    if status == 500 {
      self.init(
        code,
        Words(
          fr: "Moodle répond par une erreur 500. Nouveaux essais pendant un jour.",
          en: "Moodle answers with error 500. It will be tried again for a day."),
        remedy: .timeForADay, leavesDoubt: leavesDoubt, retryAfter: retryAfter, logLine: logLine)
    } else if status == 503, retryAfter != nil {
      self.init(maintenanceUntil: retryAfter, code: code, leavesDoubt: leavesDoubt, logLine: logLine)
    } else {
      self.init(
        code,
        Words(
          fr: "Moodle est momentanément indisponible (HTTP \(status)). Nouvel essai prévu.",
          en: "Moodle is away for a moment (HTTP \(status)). It will be tried again."),
        leavesDoubt: leavesDoubt, platformIsAway: true, retryAfter: retryAfter, logLine: logLine)
    }
  }

  /// Moodle's maintenance mode: 503, with seconds after which to come again.
  private init(maintenanceUntil retryAfter: Int?, code: any StableCode, leavesDoubt: Bool = false, logLine: String) {
    self.init(
      code,
      Words(
        fr: "Moodle est en maintenance (HTTP 503). Nouvel essai prévu.",
        en: "Moodle is in maintenance (HTTP 503). It will be tried again."),
      leavesDoubt: leavesDoubt, platformIsAway: true, retryAfter: retryAfter, logLine: logLine)
  }

  /// Something in front of the platform answered in its place. A redirect, of a maintenance page or an old address, concerns
  /// everybody's grades.
  init(intercepted status: Int, code: any StableCode, retryAfter: Int?, logLine: String) {
    self.init(
      code,
      Words(
        fr: "Quelque chose répond à la place de Moodle (HTTP \(status)) : maintenance, pare-feu ou ancienne adresse. "
          + "Nouveaux essais pendant un jour.",
        en:
          "Something answers in Moodle’s place (HTTP \(status)): maintenance, a firewall or an old address. It will be "
          + "tried again for a day."),
      remedy: .timeForADay, platformIsAway: status < 400, isIntercepted: true, retryAfter: retryAfter, logLine: logLine)
  }

  /// No access token was given.
  init(_ failure: TokenFailure) {
    switch failure {
    case .transport(let failure):
      self.init(failure, sentScore: false)
    case .unavailable(let seconds?, status: 503):
      self.init(maintenanceUntil: seconds, code: failure.stableCode, logLine: failure.logLine)
    case .unavailable(let seconds, let status):
      self.init(
        failure.stableCode,
        Words(
          fr: "Moodle ne délivre pas de jeton d’accès pour l’instant (HTTP \(status)). Nouvel essai prévu.",
          en: "Moodle gives no access token just now (HTTP \(status)). It will be tried again."),
        platformIsAway: true, retryAfter: seconds, logLine: failure.logLine)
    case .intercepted(let seconds, let status):
      self.init(intercepted: status, code: failure.stableCode, retryAfter: seconds, logLine: failure.logLine)
    case .refused, .malformed, .signing:
      self.init(
        failure.stableCode,
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
      self.init(unavailable: status, code: failure.stableCode, retryAfter: seconds, logLine: failure.logLine)
    case .intercepted(let seconds, let status):
      self.init(intercepted: status, code: failure.stableCode, retryAfter: seconds, logLine: failure.logLine)
    case .unauthorized:
      self = .tokenNotTaken(failure.stableCode)
    case .notFound:
      self = .lineItemMissing
    case .forbidden, .rejected, .malformed:
      self.init(
        failure.stableCode,
        Words(
          fr: "Moodle ne laisse pas lire ses éléments de note (\(failure.code)).",
          en: "Moodle does not let its line items be read (\(failure.code))."),
        remedy: .change, logLine: failure.logLine)
    }
  }

  /// 401, with a fresh token too.
  static func tokenNotTaken(_ code: any StableCode) -> DeliveryProblem {
    DeliveryProblem(
      code,
      Words(
        fr: "Moodle n’accepte pas le jeton d’accès de l’outil. Nouvel essai prévu.",
        en: "Moodle does not take the tool’s access token. It will be tried again."))
  }

  /// LTI 1.1: the signature of Basic Outcomes is refused. Moodle says the same for a key, a secret and a clock.
  static func signatureNotTaken(_ code: any StableCode) -> DeliveryProblem {
    DeliveryProblem(
      code,
      Words(
        fr: "Moodle n’accepte pas la signature LTI 1.1 de l’outil : clé, secret ou horloge. Lancez "
          + "« passerelle doctor ». Nouvel essai prévu.",
        en: "Moodle does not take the tool’s LTI 1.1 signature: key, secret or clock. Run “passerelle doctor”. It will "
          + "be tried again."))
  }

  /// A 2xx answer that says nothing: the grade may be stored or not.
  static func answeredUnexpectedly(_ status: Int, _ code: any StableCode, logLine: String) -> DeliveryProblem {
    DeliveryProblem(
      code,
      Words(
        fr: "Moodle a répondu autrement que prévu (HTTP \(status)). Nouvel essai prévu.",
        en: "Moodle answered unexpectedly (HTTP \(status)). It will be tried again."),
      leavesDoubt: true, logLine: logLine)
  }

  /// The Basic Outcomes service did not store the result, without a reason that is known: two grades of
  /// one learner at once, a busy database, or, when it lasts, a locked grade.
  static func notStored(_ code: any StableCode, logLine: String) -> DeliveryProblem {
    DeliveryProblem(
      code,
      Words(
        fr:
          "Moodle n’a pas enregistré la note. Nouveaux essais pendant un jour.",
        en:
          "Moodle did not store the grade. It will be tried again for a day."),
      remedy: .timeForADay, logLine: logLine)
  }
}
