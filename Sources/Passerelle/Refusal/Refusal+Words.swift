import LTI
import Store
import Wire

extension Refusal {
  /// What came to nothing, above the sentence that says why.
  package var title: Words {
    switch self {
    case .inviteInvalid, .registrationFieldMissing, .registration:
      Words(fr: "L’inscription n’a pas abouti", en: "The registration was not completed")
    default:
      Words(fr: "Impossible d’ouvrir l’activité", en: "The activity cannot be opened")
    }
  }

  /// The sentence for the person who sees the refusal.
  package var words: Words {
    switch self {
    case .notFound:
      Words(fr: "Cette page n’existe pas.", en: "There is no such page.")
    case .methodNotAllowed:
      Words(fr: "Cette adresse ne s’utilise pas ainsi.", en: "This address is not used this way.")
    case .unsupportedMediaType(let expected):
      Words(fr: "Le contenu doit être de type \(expected).", en: "The content must be of type \(expected).")
    case .bodyTooLarge(let limit):
      Words(fr: "Le contenu dépasse \(limit / 1024) Kio.", en: "The content is larger than \(limit / 1024) KiB.")
    case .bodyUnusable:
      Words(fr: "Le contenu est arrivé incomplet.", en: "The content did not arrive whole.")
    case .databaseUnavailable:
      Words(
        fr: "Le service est momentanément indisponible. Réessayez dans un instant.",
        en: "The service is away for a moment. Please try again shortly.")
    case .misconfigured, .internalError:
      Words(
        fr: "Le service rencontre un problème. L’administrateur trouvera les détails dans le journal.",
        en: "The service has a problem. The administrator will find the details in the log.")
    case .invalidBody(let reason):
      Words(fr: "Le contenu n’est pas utilisable : \(reason).", en: "The content cannot be used: \(reason).")
    case .invalidCode:
      Words(
        fr: "Ce lien a déjà servi ou a expiré. Retournez dans Moodle et ouvrez de nouveau l’activité.",
        en: "This link was already used or has expired. Go back to Moodle and open the activity again.")
    case .tokenMissing, .invalidToken, .sessionExpired:
      Words(
        fr: "La session est terminée. Retournez dans Moodle et ouvrez de nouveau l’activité.",
        en: "The session has ended. Go back to Moodle and open the activity again.")
    case .unknownGrain(let slug):
      Words(fr: "Ce module n’a pas de grain « \(slug) ».", en: "This module has no grain “\(slug)”.")
    case .moduleNotFound(let slug):
      Words(fr: "Il n’y a pas de module « \(slug) ».", en: "There is no module “\(slug)”.")
    case .forbidden:
      Words(fr: "Cette session ne permet pas cela.", en: "This session does not allow that.")
    case .teachersOnly:
      Words(
        fr: "Choisir un contenu est réservé aux enseignants du cours.",
        en: "Choosing content is for the teachers of the course.")
    case .deepLinkingSettingsMissing, .deepLinking(.typeNotAccepted):
      Words(
        fr: "Moodle n’a pas dit où renvoyer le contenu choisi, ou n’accepte pas d’activités ici. Signalez ce code à "
          + "l’administrateur.",
        en: "Moodle did not say where to return the chosen content, or takes no activities here. Please tell the "
          + "administrator this code.")
    case .deepLinking(.tooManyItems):
      Words(fr: "Moodle n’accepte qu’un contenu à la fois.", en: "Moodle takes one item at a time.")
    case .inviteInvalid:
      Words(
        fr:
          "Cette invitation n’est pas valable : elle a déjà servi, a expiré ou n’est pas entière. Demandez-en une autre "
          + "(passerelle platform invite).",
        en: "This invite is not valid: it was used, has expired or is not whole. Ask for another "
          + "(passerelle platform invite).")
    case .registrationFieldMissing:
      Words(
        fr: "Cette adresse se colle dans Moodle : Administration du site > Plugins > Outil externe > Gérer les outils, "
          + "champ « URL de l’outil ».",
        en: "This address is to be pasted into Moodle: Site administration > Plugins > External tool > Manage tools, "
          + "field “Tool URL”.")
    case .registration(let failure):
      failure.words
    case .form, .login, .launchFieldMissing:
      Words(
        fr: "Moodle a envoyé une demande incomplète. Signalez-le à votre enseignant.",
        en: "Moodle sent an incomplete request. Please tell your teacher.")
    case .platformUnknown, .clientUnknown, .clientIDMissing:
      Words(
        fr: "Ce Moodle n’est pas enregistré ici. Un administrateur doit l’ajouter (passerelle platform add).",
        en: "This Moodle is not registered here. An administrator has to add it (passerelle platform add).")
    case .platformDisabled:
      Words(
        fr: "L’accès depuis ce Moodle est suspendu par l’administrateur.",
        en: "Access from this Moodle is suspended by the administrator.")
    case .authenticationRefused(let response):
      Words(
        fr: "Moodle n’a pas voulu confirmer qui vous êtes (\(response.error)). Reconnectez-vous à Moodle et ouvrez de "
          + "nouveau l’activité.",
        en: "Moodle would not confirm who you are (\(response.error)). Sign in to Moodle again and open the activity.")
    case .stateMissing, .stateForeign:
      Words(
        fr:
          "Le navigateur n’a pas gardé la preuve que cette ouverture vient de lui. Ouvrez l’activité dans une nouvelle "
          + "fenêtre, ou autorisez les cookies pour ce site.",
        en:
          "The browser did not keep the proof that this launch is its own. Open the activity in a new window, or allow "
          + "cookies for this site.")
    case .stateUnknown, .stateExpired:
      Words(
        fr: "L’ouverture a pris trop de temps. Retournez dans Moodle et ouvrez de nouveau l’activité.",
        en: "Opening took too long. Go back to Moodle and open the activity again.")
    case .launch(let refusal):
      refusal.words
    case .deploymentUnknown(let id, _, _):
      LaunchRefusal.deploymentUnknown(id).words
    case .launch11(let refusal):
      refusal.words
    case .reviewNotAllowed:
      Words(
        fr: "Seuls les enseignants du cours voient le travail des autres.",
        en: "Only the teachers of the course see the work of others.")
    case .platformUnreachable:
      Words(
        fr: "Moodle ne répond pas et sa clé est nécessaire. Réessayez dans une minute.",
        en: "Moodle does not answer and its key is needed. Please try again in a minute.")
    case .unknownModule(let slugs):
      Words(
        fr: "L’activité ne dit pas quel module ouvrir, ou en nomme un qui n’existe pas. Modules : \(list(slugs)).",
        en: "The activity does not say which module to open, or names one that does not exist. Modules: \(list(slugs))."
      )
    case .noMinisite:
      Words(
        fr: "L’adresse du mini-site n’est pas configurée. L’administrateur trouvera les détails dans le journal.",
        en: "The mini-site’s address is not configured. The administrator will find the details in the log.")
    case .learnerUnknown:
      Words(
        fr: "Votre compte Moodle ne correspond à personne ici. Demandez à votre établissement de vous inscrire.",
        en: "Your Moodle account matches nobody here. Please ask your institution to enrol you.")
    }
  }

  private func list(_ slugs: [String]) -> String { slugs.isEmpty ? "–" : slugs.joined(separator: ", ") }
}

extension LaunchRefusal {
  /// What the person can do about it: come back, call the teacher, or call the administrator.
  var words: Words {
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
    default:
      Words(
        fr: "Moodle a envoyé un message que Passerelle ne peut pas accepter. Signalez ce code à l’administrateur.",
        en: "Moodle sent a message that Passerelle cannot accept. Please tell the administrator this code.")
    }
  }
}

extension Launch11Refusal {
  /// What the person can do about it.
  var words: Words {
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
    default:
      Words(
        fr: "Moodle a envoyé un message que Passerelle ne peut pas accepter (\(code)). Signalez-le à l’administrateur.",
        en: "Moodle sent a message that Passerelle cannot accept (\(code)). Please tell the administrator.")
    }
  }
}

extension RegistrationFailure {
  /// What the administrator can do about it. The invite is still good.
  var words: Words {
    switch self {
    case .insecure, .transport(.insecure):
      Words(
        fr: "La plateforme n’utilise pas https, qui est obligatoire ici.",
        en: "The platform does not use https, which is required here.")
    case .transport(.addressForbidden):
      Words(
        fr: "L’adresse de la plateforme n’est pas publique ; ce serveur n’appelle pas d’adresses privées.",
        en: "The platform’s address is not public; this server does not call private addresses.")
    case .transport, .unavailable:
      Words(
        fr: "La plateforme ne répond pas comme il faut. Réessayez depuis Moodle avec la même adresse.",
        en: "The platform does not answer as it should. Try again from Moodle with the same address.")
    case .tokenRefused:
      Words(
        fr: "La plateforme dit que son jeton d’inscription a servi ou expiré. Recommencez depuis Moodle avec la même "
          + "adresse.",
        en: "The platform says that its registration token was used or has expired. Begin again from Moodle with the "
          + "same address.")
    case .refused, .answerMalformed:
      Words(
        fr: "La plateforme a refusé l’inscription. Ses mots sont dans le journal.",
        en: "The platform refused the registration. Its words are in the log.")
    case .originMismatch:
      Words(
        fr: "La configuration de la plateforme nomme des adresses d’un autre site.",
        en: "The platform’s configuration names addresses of another site.")
    case .configurationRefused, .configurationMalformed, .configurationIncomplete, .unsupported:
      Words(
        fr:
          "La configuration de la plateforme ne se lit pas, ou n’offre pas LTI 1.3. Les détails sont dans le journal.",
        en: "The platform’s configuration cannot be read, or does not offer LTI 1.3. The log has the details.")
    }
  }
}
