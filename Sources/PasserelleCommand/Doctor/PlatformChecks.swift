import LTI
import Passerelle
import Postgres
import Store
import Wire

/// For each enabled platform: does its key set answer, do the clocks agree, does it give the tool an access token? What only
/// LTI 1.1 needs is in ``ConsumerChecks``.
enum PlatformChecks {
  private static let timeout = 10_000

  static func run(_ report: inout Report, _ environment: Environment, _ database: Database) {
    let platforms: [Platforms.Listed]
    do { platforms = try Platforms.list(in: database) } catch {
      report.wrong(.platforms, error)
      return
    }
    if platforms.isEmpty {
      report.doubtful(
        .platforms, Words(fr: "aucune n’est enregistrée", en: "none is registered"),
        mend: Words(
          fr: "lancez : passerelle platform invite, et collez l’adresse dans Moodle",
          en: "run: passerelle platform invite, and paste the address into Moodle"))
    }
    for platform in platforms {
      guard platform.enabled else {
        report.doubtful(
          .same(platform.name), Words(fr: "est désactivée", en: "is disabled"),
          mend: Words(
            fr: "lancez : passerelle platform enable \(ShellWord.quoted(platform.name))",
            en: "run: passerelle platform enable \(ShellWord.quoted(platform.name))"))
        continue
      }
      let registrations: [Platforms.Known]
      do { registrations = try Platforms.registrations(of: platform.id, in: database) } catch {
        report.wrong(.same(platform.name), error)
        return
      }
      PlatformPlaceChecks.run(&report, environment, platform)
      for registration in registrations { check(&report, environment, database, platform, registration) }
      if !platform.lti11Keys.isEmpty { ConsumerChecks.run(&report, environment, database, platform) }
      if registrations.isEmpty {
        // No key set to ask for: a site of LTI 1.1 alone has none.
        ConsumerChecks.checkSite(&report, environment, platform)
      }
    }
  }

  private static func check(
    _ report: inout Report, _ environment: Environment, _ database: Database, _ platform: Platforms.Listed,
    _ registration: Platforms.Known
  ) {
    let subject = Words.same("\(platform.name) (\(registration.clientID))")
    if registration.deployments.isEmpty {
      report.doubtful(
        subject,
        Words(
          fr: "aucun déploiement n’en est encore accepté : rien ne peut s’ouvrir",
          en: "no deployment of it is accepted yet, so it cannot launch"),
        mend: Words(
          fr: "ouvrez une de ses activités dans Moodle : le journal nomme alors le déploiement et la "
            + "commande qui l’accepte",
          en: "open an activity of it in Moodle: the log then names the deployment and the command that accepts it"))
    }
    guard let url = WebURL(registration.jwksURL) else { return }
    do {
      let response = try environment.send(HTTPRequest(method: "GET", url: url), timeout)
      if response.status == 503 {
        return tellOfMaintenance(
          &report, subject, url, until: RetryAfter.seconds(response.fields, now: environment.now()))
      }
      if PlatformPlaceChecks.isElsewhere(&report, environment, platform, subject, response, from: url) { return }
      if let keys = PlatformPlaceChecks.keySet(in: response) {
        report.fine(
          subject,
          Words(
            fr: "jeu de clefs : \(keys.keys.count) \(keys.keys.count == 1 ? "clef" : "clefs")",
            en: "key set: \(keys.keys.count) \(keys.keys.count == 1 ? "key" : "keys")"))
      } else {
        report.wrong(
          subject,
          Words(
            fr: "\(registration.jwksURL) répond \(response.status), et non un jeu de clefs",
            en: "\(registration.jwksURL) answers \(response.status), not a key set"),
          mend: Words(
            fr: "vérifiez l’adresse de la plateforme : passerelle platform show \(ShellWord.quoted(platform.name))",
            en: "check the platform's address with: passerelle platform show \(ShellWord.quoted(platform.name))"))
      }
      checkClock(&report, environment, subject, response)
    } catch {
      report.wrong(
        subject,
        Words(
          fr: "\(registration.jwksURL) est inaccessible : \(error.words.french)",
          en: "\(registration.jwksURL) cannot be reached: \(error.words.english)"),
        mend: Words(
          fr: "vérifiez le DNS, le pare-feu et le certificat entre ce serveur et la plateforme",
          en: "check DNS, firewall and certificate between this server and the platform"))
      return
    }
    checkToken(&report, environment, database, subject, registration)
    checkUse(&report, database, subject, registration)
  }

  /// What every check says of an answer 503, whoever was asked.
  static func tellOfMaintenance(_ report: inout Report, _ subject: Words, _ url: WebURL, until seconds: Int?) {
    report.wrong(
      subject,
      Words(
        fr: "est en maintenance, ou absente : \(url) répond 503", en: "is in maintenance, or away: \(url) answers 503"),
      mend: Words(
        fr: "attendez le retour de la plateforme ; les notes sont gardées, et envoyées alors"
          + (seconds.map { " (elle annonce : dans \($0) s)" } ?? ""),
        en: "wait until the platform is back; grades are kept and sent then"
          + (seconds.map { " (it says: in \($0) s)" } ?? "")))
  }

  /// Whether teachers have found the tool: Moodle shows one that was registered by invite in no chooser.
  private static func checkUse(
    _ report: inout Report, _ database: Database, _ subject: Words, _ registration: Platforms.Known
  ) {
    guard !registration.deployments.isEmpty else { return }
    let courses: Int
    do throws(PostgresError) { courses = try Platforms.courses(of: registration.id, in: database) } catch {
      return report.wrong(subject, error)
    }
    guard courses == 0 else {
      return report.fine(
        subject,
        Words(
          fr: "ouverte depuis \(courses) cours depuis son premier enregistrement",
          en: "launched from \(courses) \(courses == 1 ? "course" : "courses") since it was first registered"))
    }
    report.doubtful(
      subject, Words(fr: "aucun cours ne l’a encore ouverte", en: "no course has launched it yet"),
      mend: Words(
        fr: "si les enseignants ne la trouvent pas : dans Moodle, Gérer les outils, le crayon sur sa "
          + "fiche, Utilisation de la configuration de l’outil : « Afficher dans le sélecteur d’activité "
          + "et en tant qu’outil préconfiguré » ; ou dans un cours, Plus › Outils externes LTI",
        en: "if teachers do not find it: in Moodle, Manage tools, the pencil on its card, Tool configuration usage: "
          + "“Show in activity chooser and as a preconfigured tool”; or in a course, More › LTI External tools"))
  }

  private static func checkClock(
    _ report: inout Report, _ environment: Environment, _ subject: Words, _ response: HTTPResponse
  ) {
    guard let date = response.fields["Date"].flatMap({ Instant(httpDate: $0) }) else {
      report.doubtful(
        subject,
        Words(
          fr: "elle n’envoie pas de champ Date utilisable : son horloge n’a pas été comparée",
          en: "it sends no usable Date, so its clock was not compared"),
        mend: Words(fr: "comparez les horloges à la main", en: "compare the clocks by hand"))
      return
    }
    let ahead = environment.now().seconds - date.seconds
    let words = Words(
      fr: "cette horloge a \(abs(ahead)) s \(ahead >= 0 ? "d’avance" : "de retard") sur celle de la "
        + "plateforme", en: "this clock is \(abs(ahead)) s \(ahead >= 0 ? "ahead of" : "behind") the platform's")
    if abs(ahead) > environment.settings.clockLeeway {
      report.wrong(
        subject, words,
        mend: Words(
          fr: "synchronisez les deux horloges (timedatectl set-ntp true)",
          en: "synchronise both clocks (timedatectl set-ntp true)"))
    } else if abs(ahead) > AccessTokenRequest.backdating {
      report.doubtful(
        subject, words,
        mend: Words(
          fr: "synchronisez les deux horloges : Moodle n’accepte aucune demande de jeton venue de son "
            + "avenir", en: "synchronise both clocks: Moodle takes no token request from its future"))
    } else {
      report.fine(
        subject, Words(fr: "les horloges s’accordent à \(abs(ahead)) s près", en: "clocks agree within \(abs(ahead)) s")
      )
    }
  }

  private static func checkToken(
    _ report: inout Report, _ environment: Environment, _ database: Database, _ subject: Words,
    _ registration: Platforms.Known
  ) {
    let known: ToolKeys.Signing?
    do throws(PostgresError) { known = try ToolKeys.signing(in: database) } catch {
      return report.wrong(subject, error)
    }
    guard let signing = known,
      let key = signing.privateKey(environment.settings.sealer),
      let tokenURL = WebURL(registration.tokenURL), let clientID = ClientID(registration.clientID)
    else {
      report.wrong(
        subject,
        Words(
          fr: "sans la clef de l’outil, aucun jeton d’accès ne peut être demandé",
          en: "no access token can be asked for without the tool's key"),
        mend: Words(fr: "corrigez d’abord la clef de l’outil", en: "mend the tool's key first"))
      return
    }
    let request = AccessTokenRequest(
      tokenURL: tokenURL, clientID: clientID, keyID: signing.kid, key: key, scopes: [AGSScope.score])
    do {
      _ = try request.fetch(now: environment.now(), randomBytes: environment.randomBytes) {
        (request) throws(TransportFailure) in try environment.send(request, timeout)
      }
      report.fine(
        subject,
        Words(fr: "donne à l’outil un jeton d’accès pour les notes", en: "gives the tool an access token for scores"))
    } catch .unavailable(let seconds, status: 503) {
      tellOfMaintenance(&report, subject, tokenURL, until: seconds)
    } catch {
      report.wrong(
        subject,
        Words(
          fr: "ne donne pas de jeton d’accès : \(error.words.french)",
          en: "gives no access token: \(error.words.english)"), mend: mend(error))
    }
  }

  private static func mend(_ failure: TokenFailure) -> Words {
    switch failure {
    case .refused(let error) where error.contains("invalid_client"):
      Words(
        fr: "l’identifiant client n’est pas celui que Moodle affiche ; voir : passerelle platform show",
        en: "the client id is not the one Moodle shows; see: passerelle platform show")
    case .refused(let error) where error.contains("invalid_scope"):
      Words(
        fr: "dans les réglages de l’outil dans Moodle, rubrique Services, permettez-lui la "
          + "synchronisation des notes", en: "in Moodle's tool settings, Services, let the tool use grade sync")
    case .refused(let error) where error.contains("iat") || error.contains("Expired"):
      Words(
        fr: "synchronisez les deux horloges (timedatectl set-ntp true)",
        en: "synchronise both clocks (timedatectl set-ntp true)")
    case .refused:
      Words(
        fr: "dans les réglages de l’outil dans Moodle, choisissez « URL jeu de clefs » et collez "
          + "l’adresse qu’affiche passerelle platform show",
        en: "in Moodle's tool settings choose “Keyset URL” and paste the address that passerelle platform show prints")
    case .intercepted:
      Words(
        fr: "quelque chose répond à la place de la plateforme : maintenance, pare-feu, ou redirection "
          + "d’une ancienne adresse ; voir : passerelle platform move",
        en:
          "something answers in the platform's place: maintenance, a firewall, or a redirect of an old address; see: passerelle platform move"
      )
    case .unavailable:
      Words(
        fr: "Moodle doit pouvoir lire le jeu de clefs de cet outil : vérifiez qu’il atteint l’URL de "
          + "base (et sa propre liste d’hôtes bloqués pour cURL)",
        en:
          "Moodle must be able to fetch this tool's key set: see that it reaches the base URL (its own cURL blocked hosts too)"
      )
    case .malformed, .signing, .transport:
      Words(
        fr: "vérifiez l’URL des jetons : passerelle platform show",
        en: "check the token URL with: passerelle platform show")
    }
  }
}
