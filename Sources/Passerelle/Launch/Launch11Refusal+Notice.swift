import LTI
import Wire

/// LTI 1.1: the platform's form. A proven one goes back to the platform, which shows the words.
extension Launch11Refusal: Refusable {
  package var notice: RefusalNotice { RefusalNotice(stableCode, 400, .warning, words, detail: logLine) }

  private var words: Words {
    switch self {
    case .timestampRefused:
      Words(
        fr:
          "Cette ouverture a expiré, ou les horloges de Moodle et de ce serveur ne sont pas d’accord. Ouvrez de nouveau "
          + "l’activité.",
        en: "This launch has expired, or the clocks of Moodle and of this server disagree. Open the activity again.")
    case .nonceUsed:
      Words(
        fr: "Cette ouverture a déjà servi. Ouvrez de nouveau l’activité.",
        en: "This launch was already used. Open the activity again.")
    case .consumerKeyUnknown, .signatureInvalid, .signatureMethodUnsupported, .oauthVersionUnsupported:
      Words(
        fr:
          "Le message ne vient pas d’un Moodle enregistré ici, ou sa signature n’est pas valable. L’administrateur doit "
          + "vérifier la clé et le secret.",
        en:
          "The message does not come from a Moodle registered here, or its signature is not valid. The administrator has "
          + "to check key and secret.")
    case .parameterMissing, .parameterDuplicate, .parameterInvalid, .messageParameterDuplicate, .messageTypeMissing,
      .messageTypeUnknown, .versionUnsupported, .resourceLinkMissing, .userMissing:
      Words(
        fr: "Moodle a envoyé un message que Passerelle ne peut pas accepter (\(code)). Signalez-le à l’administrateur.",
        en: "Moodle sent a message that Passerelle cannot accept (\(code)). Please tell the administrator.")
    }
  }
}
