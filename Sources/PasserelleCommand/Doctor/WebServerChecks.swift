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
    do {
      let response = try environment.send(HTTPRequest(method: "GET", url: base.insertingPath("/lti/jwks")), timeout)
      guard response.status == 200, let keys = try? JWKSet(parsing: response.body) else {
        report.wrong(
          "base URL", "\(base)/lti/jwks answers \(response.status), not the tool's key set",
          mend:
            "check PASSERELLE_BASE_URL and that Apache has the site: a2enconf passerelle && systemctl reload apache2")
        return
      }
      guard let kid = (try? ToolKeys.signing(in: database))?.kid, keys.key(id: kid) != nil else {
        report.wrong(
          "base URL", "\(base) publishes other keys than this database holds",
          mend: "let Apache and this command read the same settings file")
        return
      }
      report.fine("base URL", "\(base) answers and publishes the tool's key")
      checkAuthorization(&report, environment)
    } catch {
      report.wrong(
        "base URL", "\(base) cannot be reached from here: \(error)",
        mend: "check DNS, the certificate and Apache; Moodle must reach the same address")
    }
  }

  /// The script answers a wrong token with `error="invalid_token"` and a missing one without (RFC 6750, section 3.1).
  private static func checkAuthorization(_ report: inout Report, _ environment: Environment) {
    var request = HTTPRequest(
      method: "GET", url: environment.settings.baseURL.insertingPath("/api/progress"))
    request.fields.set("Authorization", "Bearer \(Base64URL.encode(environment.randomBytes(32)))")
    guard let response = try? environment.send(request, timeout), response.status == 401 else {
      report.wrong(
        "Authorization", "the script did not judge a test token", mend: "look for its line in Apache's error log")
      return
    }
    if response.fields["WWW-Authenticate"]?.contains("invalid_token") ?? false {
      report.fine("Authorization", "Apache passes it to the script")
    } else {
      report.wrong(
        "Authorization", "Apache drops it before the script, so no session can work",
        mend: "add “CGIPassAuth On” to the script's <Directory>, as apache-conf/passerelle.conf does")
    }
  }
}
