import LTI
import Learning
import Wire

/// Why a grade was not delivered, for the row that staff see in Directus and for `grade list`.
public struct DeliveryProblem: Error {
  /// Stable code.
  public let code: String
  /// What staff read.
  public let words: Words
  /// Whether asking again cannot help.
  public let isPermanent: Bool
  /// Seconds the platform asks to wait.
  public let retryAfter: Int?
  /// For the log: codes and statuses.
  let logLine: String

  /// A score was posted, and the platform did not accept it; nil when it did.
  init?(_ outcome: ScoreOutcome) {
    switch outcome {
    case .delivered: return nil
    case .refused(let refusal):
      self.init(outcome.code, refusal.words, isPermanent: true, logLine: outcome.logLine)
    case .unauthorized:
      self.init(
        outcome.code,
        Words(
          fr: "Moodle n’accepte pas le jeton d’accès de l’outil. Nouvel essai prévu.",
          en: "Moodle does not take the tool’s access token. It will be tried again."), logLine: outcome.logLine)
    case .conflict:
      self.init(
        outcome.code,
        Words(
          fr: "Moodle a déjà une note plus récente. Nouvel essai prévu avec une date postérieure.",
          en: "Moodle already has a later grade. It will be tried again with a later date."), logLine: outcome.logLine)
    case .retryLater(let seconds, let status):
      self.init(
        outcome.code,
        Words(
          fr: "Moodle est momentanément indisponible (HTTP \(status)). Nouvel essai prévu.",
          en: "Moodle is away for a moment (HTTP \(status)). It will be tried again."), retryAfter: seconds,
        logLine: outcome.logLine)
    case .uncertain(let status):
      self.init(
        outcome.code,
        Words(
          fr: "Moodle a répondu autrement que prévu (HTTP \(status)). Nouvel essai prévu.",
          en: "Moodle answered unexpectedly (HTTP \(status)). It will be tried again."), logLine: outcome.logLine)
    case .transport(let failure):
      self.init(failure)
    }
  }

  /// No access token was given.
  init(_ failure: TokenFailure) {
    switch failure {
    case .transport(let failure):
      self.init(failure)
    case .unavailable(let seconds, let status):
      self.init(
        failure.code,
        Words(
          fr: "Moodle ne délivre pas de jeton d’accès pour l’instant (HTTP \(status)). Nouvel essai prévu.",
          en: "Moodle gives no access token just now (HTTP \(status)). It will be tried again."), retryAfter: seconds,
        logLine: failure.logLine)
    case .refused, .malformed, .signing:
      self.init(
        failure.code,
        Words(
          fr: "Moodle refuse un jeton d’accès à l’outil. Lancez « passerelle doctor ». Nouvel essai prévu.",
          en: "Moodle refuses the tool an access token. Run “passerelle doctor”. It will be tried again."),
        logLine: failure.logLine)
    }
  }

  /// Moodle could not be reached, or fell silent.
  init(_ failure: TransportFailure) {
    self.init(
      failure.code,
      Words(
        fr: "Moodle ne répond pas (\(failure.code)). Nouvel essai prévu.",
        en: "Moodle does not answer (\(failure.code)). It will be tried again."), logLine: failure.description)
  }

  /// Something here keeps the grade from being sent.
  init(local code: String, _ words: Words) {
    self.init(code, words, logLine: code)
  }

  private init(
    _ code: String, _ words: Words, isPermanent: Bool = false, retryAfter: Int? = nil, logLine: String
  ) {
    self.code = code
    self.words = words
    self.isPermanent = isPermanent
    self.retryAfter = retryAfter
    self.logLine = logLine
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
      Words(
        fr: "Moodle a refusé la note (\(code)). Rouvrez l’activité depuis Moodle, ou prévenez l’administrateur.",
        en: "Moodle refused the grade (\(code)). Open the activity again from Moodle, or tell the administrator.")
    }
  }
}
