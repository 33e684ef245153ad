import HTTPClient
import Passerelle
import Store
import Wire

/// Is there something to open, and does it answer where a launch leads?
enum ModuleChecks {
  private static let timeout = 5000
  /// As many mini-sites as are asked.
  private static let most = 20

  static func run(_ report: inout Report, _ environment: Environment, _ database: Database) {
    let modules: [Modules.Listed]
    do { modules = try Modules.list(in: database).filter { $0.status == CatalogueStatus.active.rawValue } } catch {
      report.wrong(.modules, error)
      return
    }
    guard !modules.isEmpty else {
      report.doubtful(
        .modules,
        Words(
          fr: "il n’y en a pas encore : aucune activité ne peut s’ouvrir",
          en: "there is none yet, so no activity can be opened"),
        mend: Words(
          fr: "passerelle module add SLUG --title TITRE --url URL, ou dans Directus",
          en: "passerelle module add SLUG --title TITLE --url URL, or in Directus"))
      return
    }
    var sites: [WebURL] = []
    for module in modules {
      do {
        guard let url = try MinisiteAddress.of(module.url, environment.settings) else {
          report.doubtful(
            .same("module \(module.slug)"),
            Words(
              fr: "n’a pas d’URL, et PASSERELLE_MINISITE_URL n’est pas défini",
              en: "has no URL, and PASSERELLE_MINISITE_URL is not set"),
            mend: Words(
              fr: "donnez-lui une URL dans Directus, ou définissez PASSERELLE_MINISITE_URL",
              en: "give it one in Directus, or set PASSERELLE_MINISITE_URL"))
          continue
        }
        if !sites.contains(url) { sites.append(url) }
      } catch {
        report.doubtful(
          .same("module \(module.slug)"), error.words,
          mend: Words(fr: "corrigez son URL dans Directus", en: "correct its URL in Directus"))
      }
    }
    // Browsers ask it, by whatever its address says; seen from here it is often on a private one.
    let client = HTTPClient(
      policy: HTTPClient.Policy(
        caDirectory: environment.settings.caDirectory, allowsInsecureHTTP: true, allowsPrivateAddresses: true,
        userAgent: "Passerelle/\(Version.current)"))
    for url in sites.prefix(most) { ask(&report, client, url) }
    report.fine(.modules, Words(fr: "\(modules.count) actifs", en: "\(modules.count) active"))
  }

  /// Only who answers that nothing is there is complained of: a site may ask visitors to log in, or lead elsewhere.
  private static func ask(_ report: inout Report, _ client: HTTPClient, _ url: WebURL) {
    let mend = Words(
      fr: "vérifiez l’adresse, et que son serveur tourne ; c’est là qu’arrivent les apprenants",
      en: "check the address, and that its server is running; learners land there")
    do {
      let answer = try client.send(HTTPRequest(method: "GET", url: url), timeout: timeout)
      guard answer.status == 404 || answer.status == 410 || answer.status >= 500 else { return }
      report.doubtful(
        .minisite, Words(fr: "\(url) répond \(answer.status)", en: "\(url) answers \(answer.status)"), mend: mend)
    } catch .tooLarge {
      // It answers.
    } catch {
      report.doubtful(
        .minisite,
        Words(
          fr: "\(url) est inaccessible d’ici : \(error.words.french)",
          en: "\(url) cannot be reached from here: \(error.words.english)"), mend: mend)
    }
  }
}
