import HTTPClient
import JOSE
import Passerelle
import Store
import Wire

/// Does the script answer at its base URL, is it this installation, and does the web server hand it `Authorization`?
enum WebServerChecks {
  private static let timeout = 10_000

  static func run(_ report: inout Report, _ environment: Environment, _ database: Database) {
    var environment = environment
    let settings = environment.settings
    let base = settings.baseURL
    // Seen from here, this server's own name often leads to a private address.
    let client = HTTPClient(
      policy: HTTPClient.Policy(
        caDirectory: settings.caDirectory, allowsInsecureHTTP: settings.allowsInsecureHTTP,
        allowsPrivateAddresses: true,
        userAgent: "Passerelle/\(Version.current)"))
    environment.send = { (request, milliseconds) throws(TransportFailure) in
      try client.send(request, timeout: milliseconds)
    }
    ApacheChecks.run(&report)
    checkCertificate(&report, environment, client)
    do {
      let response = try environment.send(HTTPRequest(method: "GET", url: base.insertingPath("/lti/jwks")), timeout)
      guard response.status == 200, let keys = try? JWKSet(parsing: response.body) else {
        report.wrong(
          .baseURL,
          Words(
            fr: "\(base)/lti/jwks répond \(response.status), et non le jeu de clefs de l’outil",
            en: "\(base)/lti/jwks answers \(response.status), not the tool's key set"),
          mend:
            Words(
              fr: "vérifiez PASSERELLE_BASE_URL, et qu’Apache a le site : a2enconf passerelle && systemctl "
                + "reload apache2",
              en:
                "check PASSERELLE_BASE_URL and that Apache has the site: a2enconf passerelle && systemctl reload apache2"
            ))
        return
      }
      guard let kid = (try? ToolKeys.signing(in: database))?.kid, keys.key(id: kid) != nil else {
        report.wrong(
          .baseURL,
          Words(
            fr: "\(base) publie d’autres clefs que celles de cette base",
            en: "\(base) publishes other keys than this database holds"),
          mend: Words(
            fr: "faites lire le même fichier de réglages à Apache et à cette commande",
            en: "let Apache and this command read the same settings file"))
        return
      }
      report.fine(
        .baseURL,
        Words(fr: "\(base) répond et publie la clef de l’outil", en: "\(base) answers and publishes the tool's key"))
      checkSecondDoor(&report, environment)
      checkAuthorization(&report, environment)
    } catch {
      report.wrong(
        .baseURL,
        Words(
          fr: "\(base) est inaccessible d’ici : \(error.words.french)",
          en: "\(base) cannot be reached from here: \(error.words.english)"),
        mend: Words(
          fr: "vérifiez le DNS, le certificat et Apache ; Moodle doit atteindre la même adresse",
          en: "check DNS, the certificate and Apache; Moodle must reach the same address"))
    }
  }

  /// The certificate that browsers and Moodle see. One that has ended is told of by whoever cannot connect.
  private static func checkCertificate(_ report: inout Report, _ environment: Environment, _ client: HTTPClient) {
    let base = environment.settings.baseURL
    guard base.scheme == .https, let end = try? client.certificateEnd(of: base, timeout: timeout) else { return }
    let days = (end - environment.now().seconds) / 86_400
    let date = Instant(seconds: end).rfc3339
    guard days < CertificateChecks.warningDays else {
      report.fine(
        .certificate,
        Words(fr: "celui de \(base.host) est valable jusqu’au \(date)", en: "of \(base.host) lasts until \(date)"))
      return
    }
    report.doubtful(
      .certificate,
      Words(
        fr: "celui de \(base.host) prend fin le \(date), dans \(days) \(days == 1 ? "jour" : "jours")",
        en: "of \(base.host) ends on \(date), in \(days) \(days == 1 ? "day" : "days")"),
      mend: Words(
        fr: "renouvelez-le (certbot renew --dry-run montre si cela marche), puis : systemctl reload "
          + "apache2", en: "renew it (certbot renew --dry-run shows whether that works), then: systemctl reload apache2"
      ))
  }

  /// Debian's own serve-cgi-bin.conf answers for every program in /usr/lib/cgi-bin, without the limits of the shipped site.
  private static func checkSecondDoor(_ report: inout Report, _ environment: Environment) {
    let base = environment.settings.baseURL
    guard let door = WebURL("\(base.scheme.rawValue)://\(base.authority)/cgi-bin/passerelle.cgi/health"),
      let answer = try? environment.send(HTTPRequest(method: "GET", url: door), timeout),
      (try? JSONValue(parsing: answer.body))?["database"] != nil
    else { return }
    report.doubtful(
      .secondDoor,
      Words(
        fr: "\(door) répond aussi, hors des limites de passerelle.conf",
        en: "\(door) answers, too, past the limits of passerelle.conf"),
      mend:
        Words(
          fr: "a2disconf serve-cgi-bin && systemctl reload apache2, ou interdisez-la dans le site : "
            + "<Location /cgi-bin/passerelle.cgi>",
          en:
            "a2disconf serve-cgi-bin && systemctl reload apache2, or deny it in the site: <Location /cgi-bin/passerelle.cgi>"
        )
    )
  }

  /// The script answers a wrong token with `error="invalid_token"` and a missing one without (RFC 6750, section 3.1).
  private static func checkAuthorization(_ report: inout Report, _ environment: Environment) {
    var request = HTTPRequest(
      method: "GET", url: environment.settings.baseURL.insertingPath("/api/progress"))
    request.fields.set("Authorization", "Bearer \(Base64URL.encode(environment.randomBytes(32)))")
    guard let response = try? environment.send(request, timeout), response.status == 401 else {
      report.wrong(
        .authorization,
        Words(fr: "le script n’a pas jugé un jeton d’essai", en: "the script did not judge a test token"),
        mend: Words(
          fr: "cherchez sa ligne dans le journal (PASSERELLE_LOG_FILE, ou le journal d’erreurs d’Apache)",
          en: "look for its line in the log (PASSERELLE_LOG_FILE, or Apache's error log)"))
      return
    }
    if response.fields["WWW-Authenticate"]?.contains("invalid_token") ?? false {
      report.fine(.authorization, Words(fr: "Apache le transmet au script", en: "Apache passes it to the script"))
    } else {
      report.wrong(
        .authorization,
        Words(
          fr: "Apache le retire avant le script : aucune session ne peut fonctionner",
          en: "Apache drops it before the script, so no session can work"),
        mend: Words(
          fr: "ajoutez « CGIPassAuth On » au <Location> du script, comme dans "
            + "\(Installation.share)/passerelle.conf",
          en: "add “CGIPassAuth On” to the script's <Location>, as \(Installation.share)/passerelle.conf does"))
    }
  }
}
