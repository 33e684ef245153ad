import HTTPClient
import JOSE
import LTI
import Passerelle
import Store
import Wire

/// Is a platform where it says it is, and can it and its people's browsers reach this tool?
enum PlatformPlaceChecks {
  private static let timeout = 5000
  /// Redirects that are followed, as browsers do many times over.
  private static let mostRedirects = 5

  static func run(_ report: inout Report, _ environment: Environment, _ platform: Platforms.Listed) {
    guard let site = WebURL(platform.issuer) else { return }
    let base = environment.settings.baseURL
    if base.scheme == .http, site.scheme == .http, base.host != site.host {
      report.doubtful(
        .same(platform.name),
        Words(
          fr: "en http simple avec deux noms d’hôte, rien ne s’ouvre dans un cadre : les navigateurs n’y "
            + "gardent aucun cookie",
          en: "over plain http with two host names nothing opens in a frame: browsers keep no cookie there"),
        mend: Words(
          fr: "passez les deux en https ; en attendant, ouvrez les activités dans une nouvelle fenêtre",
          en: "give both https; until then let activities open in a new window"))
    }
    guard HTTPClient.isPublic(base.host, timeout: timeout) == false,
      HTTPClient.isPublic(site.host, timeout: timeout) == true
    else { return }
    report.doubtful(
      .same(platform.name),
      Words(
        fr: "est publique, et \(base.host) a une adresse privée : son serveur peut refuser de l’appeler, "
          + "et les navigateurs interrogent la personne avant de l’ouvrir dans un cadre",
        en:
          "is public, and \(base.host) has a private address: its server may refuse to call it, and browsers ask their "
          + "people before they open it in a frame"),
      mend:
        Words(
          fr: "dans Moodle, retirez l’adresse de la « Liste des hôtes bloqués pour cURL » (Administration "
            + "du site › Général › Sécurité), et mettez $CFG->ltiallowlocalnetwork = true dans son "
            + "config.php",
          en:
            "in Moodle take the address out of “cURL blocked hosts list” (Site administration › General › Security), and set "
            + "$CFG->ltiallowlocalnetwork = true in its config.php"))
  }

  /// Compares where a platform's key set is with what the platform is registered as. Answers whether it has moved: where
  /// the last redirect leads is what the platform calls itself by now, if a key set is there and not a page to log in.
  static func isElsewhere(
    _ report: inout Report, _ environment: Environment, _ platform: Platforms.Listed, _ subject: Words,
    _ first: HTTPResponse, from url: WebURL
  ) -> Bool {
    var response = first
    var place = url
    for _ in 0..<mostRedirects where (300...399).contains(response.status) {
      guard let location = response.fields["Location"], let next = WebURL(location) ?? sibling(location, of: place),
        let answer = try? environment.send(HTTPRequest(method: "GET", url: next), timeout)
      else { break }
      (response, place) = (answer, next)
    }
    // Other platforms than Moodle keep their key sets where nothing follows from it.
    let suffix = "/mod/lti/certs.php"
    guard keySet(in: response) != nil, place.description.hasSuffix(suffix) else { return false }
    let there = String(place.description.dropLast(suffix.count))
    guard place != url else {
      if there != platform.issuer { doubt(&report, platform, subject, there) }
      return false
    }
    if there == platform.issuer {
      report.wrong(
        subject,
        Words(
          fr: "\(url) renvoie vers \(place), qui n’est pas suivi",
          en: "\(url) leads on to \(place), which is not followed"),
        mend: Words(
          fr: "enregistrez l’adresse d’arrivée : passerelle platform add --moodle"
            + ShellWord.option("--issuer", there),
          en: "register the address that it leads to: passerelle platform add --moodle"
            + ShellWord.option("--issuer", there)))
    } else {
      report.wrong(
        subject,
        Words(
          fr: "la plateforme se nomme \(there), et elle est enregistrée comme \(platform.issuer)",
          en: "the platform calls itself \(there), and is registered as \(platform.issuer)"),
        mend: .same("passerelle platform move \(ShellWord.quoted(platform.issuer)) \(ShellWord.quoted(there))"))
    }
    return true
  }

  /// The keys of an answer that is a key set; nil for any other.
  static func keySet(in response: HTTPResponse) -> JWKSet? {
    guard response.status == 200, let keys = try? JWKSet(parsing: response.body), !keys.keys.isEmpty else { return nil }
    return keys
  }

  /// A server may well ask for the keys under another name than browsers do, so this alone is no fault.
  private static func doubt(
    _ report: inout Report, _ platform: Platforms.Listed, _ subject: Words, _ there: String
  ) {
    let move = "passerelle platform move \(ShellWord.quoted(platform.issuer)) \(ShellWord.quoted(there))"
    report.doubtful(
      subject,
      Words(
        fr: "son jeu de clefs se trouve sous \(there), et elle est enregistrée comme \(platform.issuer)",
        en: "its key set is under \(there), and it is registered as \(platform.issuer)"),
      mend: Words(
        fr: "si $CFG->wwwroot, dans le config.php de Moodle, est la première de ces adresses : \(move)",
        en: "if $CFG->wwwroot in Moodle's config.php is the first of these addresses: \(move)"))
  }

  /// A `Location` that is a path alone.
  private static func sibling(_ location: String, of url: WebURL) -> WebURL? {
    location.hasPrefix("/") ? WebURL("\(url.scheme.rawValue)://\(url.authority)\(location)") : nil
  }
}
