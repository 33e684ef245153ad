import LTI
import Passerelle
import Postgres
import Store
import Wire

/// What LTI 1.1 depends on: does each consumer key's secret open, and, where a site has no registration of LTI 1.3 whose
/// key set was asked for, does the site answer, with a clock that agrees?
enum ConsumerChecks {
  private static let timeout = 10_000
  /// Seconds after which either side refuses what the other signed (LTI 1.1 §4.4; Moodle likewise).
  private static var tolerance: Int64 { Launch11Request.window }

  static func run(
    _ report: inout Report, _ environment: Environment, _ database: Database, _ platform: Platforms.Listed
  ) {
    for key in platform.lti11Keys {
      let subject = Words.same("\(platform.name) (LTI 1.1, \(key))")
      let command =
        "passerelle platform add" + ShellWord.option("--issuer", platform.issuer)
        + ShellWord.option("--lti11-key", key)
      let again = Words(fr: "enregistrez-la de nouveau : \(command)", en: "register it again: \(command)")
      do {
        guard let consumerKey = ConsumerKey(key), let found = try Consumers.find(consumerKey, in: database) else {
          report.wrong(
            subject, Words(fr: "la clef client est inutilisable", en: "the consumer key cannot be used"), mend: again)
          continue
        }
        guard found.secret(environment.settings.sealer) != nil else {
          report.wrong(
            subject,
            Words(
              fr: "le secret partagé ne s’ouvre pas avec PASSERELLE_SECRET : ouvertures et notes échouent",
              en: "the shared secret does not open with PASSERELLE_SECRET, so its launches and grades fail"),
            mend: Words(
              fr: "remettez le PASSERELLE_SECRET avec lequel il a été enregistré, ou \(again.french)",
              en: "put back the PASSERELLE_SECRET with which it was stored, or \(again.english)"))
          continue
        }
        report.fine(subject, Words(fr: "le secret partagé s’ouvre", en: "the shared secret opens"))
      } catch {
        report.wrong(subject, error)
      }
    }
  }

  /// Any answer will do: a site's first page may lead elsewhere or ask to log in. Its head is enough, it may be large.
  static func checkSite(_ report: inout Report, _ environment: Environment, _ platform: Platforms.Listed) {
    guard !platform.lti11Keys.isEmpty else {
      report.doubtful(
        .same(platform.name),
        Words(
          fr: "n’a ni client LTI 1.3 ni clef client LTI 1.1 : rien ne peut s’ouvrir",
          en: "has neither a client of LTI 1.3 nor a consumer key of LTI 1.1, so it cannot launch"),
        mend: Words(fr: "lancez : passerelle platform add --help", en: "run: passerelle platform add --help"))
      return
    }
    let subject = Words.same("\(platform.name) (LTI 1.1)")
    guard let url = WebURL(platform.issuer) else {
      report.doubtful(
        subject,
        Words(
          fr: "son émetteur (issuer) n’est pas une adresse : il n’a pas été interrogé",
          en: "its issuer is no address, so it was not asked"),
        mend: Words(fr: "ouvrez une de ses activités", en: "open an activity from it"))
      return
    }
    do {
      let response = try environment.send(HTTPRequest(method: "HEAD", url: url), timeout)
      if response.status == 503 {
        return PlatformChecks.tellOfMaintenance(
          &report, subject, url, until: RetryAfter.seconds(response.fields, now: environment.now()))
      }
      // 501 says that it does not answer HEAD (RFC 9110 §15.6.2), which is an answer.
      guard response.status < 500 || response.status == 501 else {
        report.wrong(
          subject, Words(fr: "\(url) répond \(response.status)", en: "\(url) answers \(response.status)"),
          mend: Words(
            fr: "examinez la plateforme : les notes ne peuvent pas l’atteindre",
            en: "look at the platform: grades cannot reach it"))
        return
      }
      report.fine(subject, Words(fr: "le site répond", en: "the site answers"))
      checkClock(&report, environment, subject, response)
    } catch {
      report.wrong(
        subject,
        Words(
          fr: "\(url) est inaccessible : \(error.words.french)", en: "\(url) cannot be reached: \(error.words.english)"),
        mend: Words(
          fr: "vérifiez le DNS, le pare-feu et le certificat entre ce serveur et la plateforme : les notes "
            + "passent par là",
          en: "check DNS, firewall and certificate between this server and the platform: grades go there"))
    }
  }

  private static func checkClock(
    _ report: inout Report, _ environment: Environment, _ subject: Words, _ response: HTTPResponse
  ) {
    guard let date = response.fields["Date"].flatMap({ Instant(httpDate: $0) }) else {
      report.doubtful(
        subject,
        Words(
          fr: "il n’envoie pas de champ Date utilisable : son horloge n’a pas été comparée",
          en: "it sends no usable Date, so its clock was not compared"),
        mend: Words(fr: "comparez les horloges à la main", en: "compare the clocks by hand"))
      return
    }
    let ahead = environment.now().seconds - date.seconds
    if abs(ahead) >= tolerance {
      report.wrong(
        subject,
        Words(
          fr: "cette horloge a \(abs(ahead)) s \(ahead >= 0 ? "d’avance" : "de retard") sur celle de la "
            + "plateforme", en: "this clock is \(abs(ahead)) s \(ahead >= 0 ? "ahead of" : "behind") the platform's"),
        mend: Words(
          fr: "synchronisez les deux horloges (timedatectl set-ntp true)",
          en: "synchronise both clocks (timedatectl set-ntp true)"))
    } else {
      report.fine(
        subject, Words(fr: "les horloges s’accordent à \(abs(ahead)) s près", en: "clocks agree within \(abs(ahead)) s")
      )
    }
  }
}
