import Wire

/// How one refusal is answered, and what the log says of it: all of it in one value, so that a case has it in one place.
package struct RefusalNotice {
  /// The stable code, which pages show and API answers carry.
  let code: any StableCode
  /// The HTTP status (RFC 9110, section 15).
  let status: Int
  /// Heading of the refusal page.
  let title: Words
  /// The sentence for the person who sees the refusal.
  let words: Words
  /// How serious it is for whoever reads the log.
  let level: LogLevel
  /// What the log says beside the code; never a token, a secret or a body.
  private(set) var detail: String
  /// What an administrator can do, which nobody else needs to read.
  let advice: Words?
  /// Fields that the status calls for: `Allow`, `Retry-After`, `WWW-Authenticate`.
  let fields: [(String, String)]

  init(
    _ code: any StableCode, _ status: Int, _ level: LogLevel, title: Words = .activityNotOpened, _ words: Words,
    advice: Words? = nil, detail: String = "", fields: [(String, String)] = []
  ) {
    self.code = code
    self.status = status
    self.level = level
    self.title = title
    self.words = words
    self.advice = advice
    self.detail = detail
    self.fields = fields
  }

  /// The same with more to say in the log.
  func adding(_ more: String) -> RefusalNotice {
    var notice = self
    notice.detail += more
    return notice
  }
}

/// A reason to refuse a request, from whichever part of the program it comes.
package protocol Refusable: Error {
  /// How it is answered: one switch over all cases, without a `default`.
  var notice: RefusalNotice { get }
}

/// Sentences that refusals of several sources have in common.
extension Words {
  static let activityNotOpened = Words(fr: "Impossible d’ouvrir l’activité", en: "The activity cannot be opened")
  static let registrationNotCompleted = Words(
    fr: "L’inscription n’a pas abouti", en: "The registration was not completed")
  static let requestIncomplete = Words(
    fr: "Moodle a envoyé une demande incomplète. Signalez-le à votre enseignant.",
    en: "Moodle sent an incomplete request. Please tell your teacher.")
  static let platformNotRegistered = Words(
    fr: "Ce Moodle n’est pas enregistré ici. Signalez-le à l’administrateur de votre Moodle.",
    en: "This Moodle is not registered here. Please tell the administrator of your Moodle.")
  static let addPlatform = Words(
    fr: "Sur le serveur de Passerelle : passerelle platform invite, ou passerelle platform add.",
    en: "On Passerelle’s server: passerelle platform invite, or passerelle platform add.")
  static let makeInvite = Words(
    fr: "Sur le serveur de Passerelle : passerelle platform invite.",
    en: "On Passerelle’s server: passerelle platform invite.")
  static let makeReplacingInvite = Words(
    fr: "Sur le serveur de Passerelle : passerelle platform invite --replace.",
    en: "On Passerelle’s server: passerelle platform invite --replace.")
  static let sessionOver = Words(
    fr: "La session est terminée. Retournez dans Moodle et ouvrez de nouveau l’activité.",
    en: "The session has ended. Go back to Moodle and open the activity again.")
  static let serviceBroken = Words(
    fr: "Le service rencontre un problème. L’administrateur trouvera les détails dans le journal.",
    en: "The service has a problem. The administrator will find the details in the log.")
  static let contentNotReturnable = Words(
    fr: "Moodle n’a pas dit où renvoyer le contenu choisi, ou n’accepte pas d’activités ici. Signalez ce code à "
      + "l’administrateur.",
    en: "Moodle did not say where to return the chosen content, or takes no activities here. Please tell the "
      + "administrator this code.")
}
