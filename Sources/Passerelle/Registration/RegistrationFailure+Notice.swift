import LTI
import Wire

/// Dynamic registration: what the administrator can do. The invite is still good.
extension RegistrationFailure: Refusable {
  package var notice: RefusalNotice {
    switch self {
    case .insecure:
      notice(400, .platformInsecure)
    case .transport(.insecure):
      notice(502, .platformInsecure)
    case .transport(.addressForbidden):
      notice(
        400,
        Words(
          fr: "L’adresse de la plateforme n’est pas publique ; ce serveur n’appelle pas d’adresses privées.",
          en: "The platform’s address is not public; this server does not call private addresses."))
    case .unavailable(_, status: 503):
      notice(502, .platformInMaintenance)
    case .configurationRefused(status: 503):
      notice(400, .platformInMaintenance)
    case .unavailable, .transport(.requestUnusable), .transport(.nameNotResolved), .transport(.connectFailed),
      .transport(.proxy), .transport(.tls), .transport(.timedOut), .transport(.tooLarge), .transport(.malformed),
      .transport(.closedEarly):
      notice(
        502,
        Words(
          fr: "La plateforme ne répond pas comme il faut. Réessayez depuis Moodle avec la même adresse.",
          en: "The platform does not answer as it should. Try again from Moodle with the same address."))
    case .tokenRefused:
      notice(
        400,
        Words(
          fr: "La plateforme dit que son jeton d’inscription a servi ou expiré. Recommencez depuis Moodle avec la même "
            + "adresse.",
          en: "The platform says that its registration token was used or has expired. Begin again from Moodle with the "
            + "same address."))
    case .refused:
      notice(400, .registrationRefused)
    case .answerMalformed:
      notice(502, .registrationRefused)
    case .originMismatch:
      notice(
        400,
        Words(
          fr: "La configuration de la plateforme nomme des adresses d’un autre site.",
          en: "The platform’s configuration names addresses of another site."))
    case .issuerMismatch:
      notice(
        400,
        Words(
          fr: "La configuration de la plateforme se dit d’un autre site que celui dont elle vient.",
          en: "The platform’s configuration claims another site than the one that it comes from."))
    case .configurationRefused, .configurationMalformed, .configurationIncomplete, .unsupported:
      notice(
        400,
        Words(
          fr:
            "La configuration de la plateforme ne se lit pas, ou n’offre pas LTI 1.3. Les détails sont dans le journal.",
          en: "The platform’s configuration cannot be read, or does not offer LTI 1.3. The log has the details."))
    }
  }

  /// 502 says that what went wrong is on the platform's side of this server.
  private func notice(_ status: Int, _ words: Words) -> RefusalNotice {
    RefusalNotice(stableCode, status, .info, title: .registrationNotCompleted, words, detail: logLine)
  }
}

extension Words {
  fileprivate static let platformInMaintenance = Words(
    fr: "La plateforme est en maintenance, ou absente (HTTP 503). Réessayez plus tard depuis Moodle avec la même "
      + "adresse.",
    en: "The platform is in maintenance, or away (HTTP 503). Try again later from Moodle with the same address.")
  fileprivate static let platformInsecure = Words(
    fr: "La plateforme n’utilise pas https, qui est obligatoire ici.",
    en: "The platform does not use https, which is required here.")
  fileprivate static let registrationRefused = Words(
    fr: "La plateforme a refusé l’inscription. Ses mots sont dans le journal.",
    en: "The platform refused the registration. Its words are in the log.")
}
