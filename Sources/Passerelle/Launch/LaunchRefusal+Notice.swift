import LTI
import Wire

/// LTI 1.3: the platform's message. What the person can do: come back, call the teacher, or call the administrator.
extension LaunchRefusal: Refusable {
  package var notice: RefusalNotice { RefusalNotice(stableCode, 400, .warning, words, detail: logLine) }

  private var words: Words {
    switch self {
    case .tokenExpired, .tokenTooOld, .nonceUsed, .nonceMismatch:
      Words(
        fr: "Cette ouverture a déjà servi ou a expiré. Retournez dans Moodle et ouvrez de nouveau l’activité.",
        en: "This launch was already used or has expired. Go back to Moodle and open the activity again.")
    case .tokenNotYetValid:
      Words(
        fr: "L’horloge de Moodle et celle de ce serveur ne sont pas d’accord. Prévenez l’administrateur.",
        en: "The clocks of Moodle and of this server disagree. Please tell the administrator.")
    case .deploymentUnknown, .deploymentMissing:
      Words(
        fr:
          "Cet outil Moodle n’est pas encore accepté ici. L’administrateur trouvera son numéro de déploiement dans le "
          + "journal.",
        en: "This Moodle tool is not accepted here yet. The administrator will find its deployment id in the log.")
    case .signatureInvalid, .kidUnknown, .kidMissing, .algorithmUnsupported, .issuerMismatch, .audienceMismatch,
      .azpMismatch:
      Words(
        fr: "Le message ne vient pas du Moodle attendu, ou sa signature n’est pas valable.",
        en: "The message does not come from the expected Moodle, or its signature is not valid.")
    case .tokenMalformed, .tokenDuplicateKey, .tokenTooLarge, .expiryMissing, .issuedAtMissing, .nonceMissing,
      .versionUnsupported, .messageTypeMissing, .messageTypeUnknown, .rolesMissing, .rolesInvalid,
      .resourceLinkMissing, .forUserMissing, .targetLinkURIMissing, .subjectMissing, .textInvalid:
      Words(
        fr: "Moodle a envoyé un message que Passerelle ne peut pas accepter. Signalez ce code à l’administrateur.",
        en: "Moodle sent a message that Passerelle cannot accept. Please tell the administrator this code.")
    }
  }
}
