import LTI
import Postgres
import Store
import Wire

extension Refusal {
  /// How each case is answered and logged. A new case finds its place here or does not compile.
  package var notice: RefusalNotice {
    switch self {
    // MARK: Any request
    case .notFound:
      RefusalNotice(Code.notFound, 404, .info, Words(fr: "Cette page n’existe pas.", en: "There is no such page."))
    case .methodNotAllowed(let allowed):
      RefusalNotice(
        Code.methodNotAllowed, 405, .info,
        Words(fr: "Cette adresse ne s’utilise pas ainsi.", en: "This address is not used this way."),
        fields: [("Allow", allowed.joined(separator: ", "))])
    case .unsupportedMediaType(let expected):
      RefusalNotice(
        Code.unsupportedMediaType, 415, .info,
        Words(fr: "Le contenu doit être de type \(expected).", en: "The content must be of type \(expected)."),
        detail: "expected \(expected)")
    case .bodyTooLarge(let limit):
      RefusalNotice(
        Code.bodyTooLarge, 413, .info,
        Words(fr: "Le contenu dépasse \(limit / 1024) Kio.", en: "The content is larger than \(limit / 1024) KiB."),
        detail: "limit \(limit) bytes")
    case .bodyUnusable(let reason):
      RefusalNotice(
        Code.bodyUnusable, 400, .info,
        Words(fr: "Le contenu est arrivé incomplet.", en: "The content did not arrive whole."), detail: reason)
    case .textUnusable(let reason):
      RefusalNotice(
        Code.textUnusable, 400, .info,
        Words(
          fr: "La demande contient un caractère (NUL) qu’aucun texte ne peut contenir.",
          en: "The request holds a character (NUL) that no text can hold."), detail: reason)
    case .databaseUnavailable(let error): Self.notice(of: DatabaseTrouble(error), error)
    case .misconfigured(let problem):
      RefusalNotice(Code.misconfigured, 500, .error, .serviceBroken, detail: problem.description)
    case .metricsForbidden(let tokenIsSet):
      // RFC 9110 §15.5.2: 401 names what to bring.
      RefusalNotice(
        Code.metricsForbidden, tokenIsSet ? 401 : 403, .info,
        Words(
          fr: "Ces chiffres sont réservés à la surveillance du service.",
          en: "These figures are for whoever monitors the service."),
        detail: tokenIsSet
          ? "the token is not PASSERELLE_METRICS_TOKEN"
          : "asked from another machine, and PASSERELLE_METRICS_TOKEN is not set",
        fields: tokenIsSet ? [("WWW-Authenticate", "Bearer")] : [])
    case .internalError(let reason):
      RefusalNotice(Code.internalError, 500, .error, .serviceBroken, detail: reason)

    // MARK: The API
    case .invalidBody(let reason):
      RefusalNotice(
        Code.invalidBody, 400, .info,
        Words(fr: "Ce qui a été envoyé n’est pas utilisable.", en: "What was sent cannot be used."), detail: reason)
    case .invalidCode:
      RefusalNotice(
        Code.invalidCode, 400, .info,
        Words(
          fr: "Ce lien a déjà servi ou a expiré. Retournez dans Moodle et ouvrez de nouveau l’activité.",
          en: "This link was already used or has expired. Go back to Moodle and open the activity again."))
    case .tokenMissing:
      // RFC 6750, section 3.1: no error code when no credentials came. `doctor` reads the difference.
      RefusalNotice(Code.invalidToken, 401, .info, .sessionOver, fields: [("WWW-Authenticate", "Bearer")])
    case .invalidToken:
      RefusalNotice(
        Code.invalidToken, 401, .info, .sessionOver, fields: [("WWW-Authenticate", "Bearer error=\"invalid_token\"")])
    case .sessionExpired:
      RefusalNotice(
        Code.sessionExpired, 401, .info, .sessionOver,
        fields: [("WWW-Authenticate", "Bearer error=\"invalid_token\"")])
    case .forbidden:
      RefusalNotice(
        Code.forbidden, 403, .info,
        Words(fr: "Cette session ne permet pas cela.", en: "This session does not allow that."))
    case .teacherPreview:
      RefusalNotice(
        Code.teacherPreview, 403, .info,
        Words(
          fr:
            "Vous êtes connu ici comme enseignant : rien n’est enregistré, sauf si vous choisissez de suivre l’activité comme "
            + "apprenant.",
          en:
            "You are known here as a teacher: nothing is recorded, unless you choose to take the activity as a learner."
        ))
    case .runEnded:
      RefusalNotice(
        Code.runEnded, 403, .info,
        Words(
          fr: "L’activité a été recommencée. Ouvrez-la de nouveau dans Moodle : ce qui est fait ici ne compte plus.",
          en: "The activity was restarted. Open it again in Moodle: what is done here no longer counts."))
    case .progressShared:
      RefusalNotice(
        Code.progressShared, 409, .info,
        Words(
          fr:
            "Cette progression compte aussi dans une activité que vous n’enseignez pas : rien n’a été changé. "
            + "L’administrateur peut le faire.",
          en:
            "This progress also counts in an activity that you do not teach: nothing was changed. The administrator can do "
            + "this."))
    case .unknownGrain(let slug):
      RefusalNotice(
        Code.unknownGrain, 422, .info,
        Words(fr: "Ce module n’a pas de grain « \(slug) ».", en: "This module has no grain “\(slug)”."),
        detail: "grain \(slug)")
    case .moduleNotFound(let slug):
      RefusalNotice(
        Code.unknownModule, 422, .info,
        Words(fr: "Il n’y a pas de module « \(slug) ».", en: "There is no module “\(slug)”."),
        detail: "module \(slug)")
    case .noState(let slug):
      RefusalNotice(
        Code.noState, 404, .info,
        Words(fr: "Rien n’est gardé pour le grain « \(slug) ».", en: "Nothing is kept for grain “\(slug)”."),
        detail: "grain \(slug)")
    case .stateChanged(_, let tag):
      RefusalNotice(
        Code.stateChanged, 412, .info,
        Words(
          fr: "Ce grain a été continué ailleurs entre-temps.", en: "This grain was continued elsewhere in the meantime."
        ),
        fields: tag.map { [("ETag", StateTags.field($0))] } ?? [])

    // MARK: A launch
    case .platformUnknown:
      RefusalNotice(Code.platformUnknown, 400, .warning, .platformNotRegistered, advice: .addPlatform)
    case .platformMoved(let old, let new):
      Self.platformMoved(from: old, to: new)
    case .platformDisabled:
      RefusalNotice(
        Code.platformDisabled, 403, .info,
        Words(
          fr: "L’accès depuis ce Moodle est suspendu par l’administrateur.",
          en: "Access from this Moodle is suspended by the administrator."))
    case .clientUnknown:
      RefusalNotice(Code.clientUnknown, 400, .warning, .platformNotRegistered, advice: .addPlatform)
    case .clientIDMissing:
      RefusalNotice(Code.clientIDMissing, 400, .info, .platformNotRegistered, advice: .addPlatform)
    case .authenticationRefused(let response):
      RefusalNotice(
        Code.authenticationRefused, 400, .warning,
        Words(
          fr:
            "Moodle n’a pas voulu confirmer qui vous êtes (\(response.error)). Reconnectez-vous à Moodle et ouvrez de "
            + "nouveau l’activité.",
          en: "Moodle would not confirm who you are (\(response.error)). Sign in to Moodle again and open the activity."
        ),
        detail: response.error)
    case .launchFieldMissing(let name):
      RefusalNotice(Code.launchFieldMissing, 400, .info, .requestIncomplete, detail: name)
    case .stateMissing:
      RefusalNotice(Code.stateMissing, 400, .info, .launchNotProven)
    case .stateMissingWithoutTLS:
      RefusalNotice(Code.stateMissing, 400, .info, .launchNotProvenWithoutTLS, detail: "plain http and two host names")
    case .stateForeign:
      RefusalNotice(Code.stateForeign, 400, .info, .launchNotProven)
    case .stateUnknown:
      RefusalNotice(Code.stateUnknown, 400, .info, .launchTookTooLong)
    case .stateExpired:
      RefusalNotice(Code.stateExpired, 400, .info, .launchTookTooLong)
    case .deploymentUnknown(let id, let issuer, let clientID):
      LaunchRefusal.deploymentUnknown(id).notice.adding(
        "; to accept it: passerelle platform add" + ShellWord.option("--issuer", issuer.value)
          + ShellWord.option("--client-id", clientID.value) + ShellWord.option("--deployment-id", id.value))
    case .reviewNotAllowed:
      RefusalNotice(
        Code.forbidden, 403, .info,
        Words(
          fr: "Seuls les enseignants du cours voient le travail des autres.",
          en: "Only the teachers of the course see the work of others."))
    case .platformUnreachable(let reason):
      RefusalNotice(
        Code.platformUnreachable, 503, .warning,
        Words(
          fr: "Moodle ne répond pas et sa clé est nécessaire. Réessayez dans une minute.",
          en: "Moodle does not answer and its key is needed. Please try again in a minute."),
        detail: reason, fields: [("Retry-After", "30")])
    case .unknownModule(let slugs, let isTeacher):
      RefusalNotice(
        Code.unknownModule, 400, .warning, .moduleNotNamed(slugs, isTeacher: isTeacher),
        detail: "active modules: \(slugs.joined(separator: ", "))")
    case .grainNotThere(let slug):
      RefusalNotice(
        Code.unknownGrain, 400, .warning,
        Words(
          fr:
            "Cette activité porte sur un grain qui n’existe plus. Votre enseignant peut choisir de nouveau le contenu dans Moodle.",
          en:
            "This activity is about a grain that is no longer there. Your teacher can choose the content again in Moodle."
        ),
        detail: "grain \(slug) is not an active grain of the activity's module")
    case .noMinisite(let module):
      RefusalNotice(
        Code.minisiteMissing, 500, .error,
        Words(
          fr: "L’adresse du mini-site n’est pas configurée. L’administrateur trouvera les détails dans le journal.",
          en: "The mini-site’s address is not configured. The administrator will find the details in the log."),
        detail: "module \(module) has no URL and PASSERELLE_MINISITE_URL is not set")
    case .minisiteUnusable(let module, let problem):
      Self.notice(of: problem, module)
    case .learnerUnknown(let reason):
      RefusalNotice(
        Code.learnerUnknown, 403, .warning,
        Words(
          fr: "Votre compte Moodle ne correspond à personne ici. Demandez à votre établissement de vous inscrire.",
          en: "Your Moodle account matches nobody here. Please ask your institution to enrol you."),
        detail: "\(reason); make the person there, mend what they are matched by, or adopt with create = yes")

    // MARK: Registration
    case .inviteInvalid:
      RefusalNotice(
        Code.inviteInvalid, 403, .info, title: .registrationNotCompleted,
        Words(
          fr:
            "Cette invitation n’est pas valable : elle a déjà servi, a expiré ou n’est pas entière. Demandez-en une autre.",
          en: "This invite is not valid: it was used, has expired or is not whole. Ask for another."),
        advice: .makeInvite)
    case .inviteForAnother(let issuer):
      RefusalNotice(
        Code.inviteForAnother, 403, .warning, title: .registrationNotCompleted,
        Words(
          fr: "Cette invitation est faite pour une autre plateforme. Demandez-en une pour celle-ci.",
          en: "This invite was made for another platform. Ask for one for this platform."),
        advice: .makeInvite, detail: "issuer=\(issuer)")
    case .registrationKnown(let issuer, let clientID):
      RefusalNotice(
        Code.registrationKnown, 409, .warning, title: .registrationNotCompleted,
        Words(
          fr:
            "Cette plateforme est déjà enregistrée avec d’autres adresses, qu’une invitation ne remplace pas. Si elles ont "
            + "vraiment changé, demandez une invitation faite pour cela.",
          en:
            "This platform is registered already with other addresses, which an invite does not replace. If they have "
            + "really changed, ask for an invite that is made for it."),
        advice: .makeReplacingInvite, detail: "issuer=\(issuer.value) client_id=\(clientID.value)")
    case .registrationFieldMissing(let name):
      RefusalNotice(
        Code.registrationFieldMissing, 400, .info, title: .registrationNotCompleted,
        Words(
          fr:
            "Cette adresse se colle dans Moodle : Administration du site > Plugins > Outil externe > Gérer les outils, "
            + "champ « URL de l’outil ».",
          en: "This address is to be pasted into Moodle: Site administration > Plugins > External tool > Manage tools, "
            + "field “Tool URL”."),
        detail: name)

    // MARK: Deep linking
    case .teachersOnly:
      RefusalNotice(
        Code.forbidden, 403, .info,
        Words(
          fr: "Choisir un contenu est réservé aux enseignants du cours.",
          en: "Choosing content is for the teachers of the course."))
    case .deepLinkingSettingsMissing:
      RefusalNotice(Code.deepLinkingSettingsMissing, 400, .info, .contentNotReturnable)

    case .of(let refusal):
      refusal.notice
    }
  }

  var code: String { notice.code.rawValue }
  var status: Int { notice.status }
  var title: Words { notice.title }
  package var words: Words { notice.words }
  var logLevel: LogLevel { notice.level }
  var detail: String { notice.detail }
}

extension Refusal {
  /// The log has the trouble's own word, which tells a full disk from a server that is away.
  fileprivate static func notice(of trouble: DatabaseTrouble, _ error: PostgresError) -> RefusalNotice {
    RefusalNotice(
      Code.databaseUnavailable, trouble.status, .error, trouble.words,
      detail: "\(trouble.rawValue) \(error.description)",
      fields: trouble.retryAfter.map { [("Retry-After", String($0))] } ?? [])
  }

  fileprivate static func platformMoved(from old: String, to new: String) -> RefusalNotice {
    let command = "passerelle platform move \(ShellWord.quoted(old)) \(ShellWord.quoted(new))"
    return RefusalNotice(
      Code.platformUnknown, 400, .warning,
      Words(
        fr: "Ce Moodle est connu ici sous une autre adresse. Prévenez l’administrateur.",
        en: "This Moodle is known here under another address. Please tell the administrator."),
      advice: Words(fr: command, en: command), detail: "it has the keys of \(old): \(command)")
  }
}

extension Refusal {
  /// A module's address that cannot be used. Its text stays out of the log but for the origin: it may be anything.
  fileprivate static func notice(of problem: MinisiteAddress.Problem, _ module: String) -> RefusalNotice {
    switch problem {
    case .unusable:
      RefusalNotice(
        Code.minisiteUnusable, 500, .error,
        Words(
          fr: "L’adresse du mini-site de ce module n’est pas utilisable. Signalez-le à votre enseignant.",
          en: "The address of this module’s mini-site cannot be used. Please tell your teacher."),
        detail: "module \(module): its url is no http or https URL; correct it in Directus")
    case .forbidden(let origin):
      RefusalNotice(
        Code.minisiteForbidden, 500, .error,
        Words(
          fr: "Ce module mène à un site que cette installation n’autorise pas. Signalez-le à votre enseignant.",
          en: "This module leads to a site that this installation does not allow. Please tell your teacher."),
        detail: "module \(module): its url leads to \(origin), which PASSERELLE_MINISITE_ORIGINS does not name")
    }
  }
}

extension Words {
  fileprivate static let launchNotProven = Words(
    fr: "Le navigateur n’a pas gardé la preuve que cette ouverture vient de lui. Ouvrez l’activité dans une nouvelle "
      + "fenêtre, ou autorisez les cookies pour ce site.",
    en: "The browser did not keep the proof that this launch is its own. Open the activity in a new window, or allow "
      + "cookies for this site.")
  fileprivate static let launchTookTooLong = Words(
    fr: "L’ouverture a pris trop de temps. Retournez dans Moodle et ouvrez de nouveau l’activité.",
    en: "Opening took too long. Go back to Moodle and open the activity again.")

  fileprivate static let launchNotProvenWithoutTLS = Words(
    fr:
      "Sans https, un navigateur ne garde dans un cadre aucune preuve pour un autre site que celui de la page. Ouvrez "
      + "l’activité dans une nouvelle fenêtre ; l’administrateur y remédie en donnant https à cet outil et à Moodle.",
    en:
      "Without https a browser keeps no proof in a frame for another site than the page’s. Open the activity in a new window; "
      + "the administrator mends it by giving https to this tool and to Moodle.")

  /// Who teaches can mend it; who learns can tell them.
  fileprivate static func moduleNotNamed(_ slugs: [String], isTeacher: Bool) -> Words {
    let list = slugs.isEmpty ? "–" : slugs.joined(separator: ", ")
    let way =
      isTeacher
      ? Words(
        fr: "Dans les réglages de l’activité (Modifier › Paramètres), pressez « Sélectionner un contenu ».",
        en: "In the activity’s settings (Edit › Settings) press “Select content”.")
      : Words(fr: "Signalez-le à votre enseignant.", en: "Please tell your teacher.")
    return Words(
      fr: "L’activité ne dit pas quel module ouvrir, ou en nomme un qui n’existe pas. \(way.french) Modules : \(list).",
      en:
        "The activity does not say which module to open, or names one that does not exist. \(way.english) Modules: \(list)."
    )
  }
}
