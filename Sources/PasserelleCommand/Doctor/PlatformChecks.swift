import JOSE
import LTI
import Passerelle
import Store
import Wire

/// For each enabled platform: does its key set answer, do the clocks agree, does it give the tool an access token? What only
/// LTI 1.1 needs is in ``ConsumerChecks``.
enum PlatformChecks {
  private static let timeout = 10_000

  static func run(_ report: inout Report, _ environment: Environment, _ database: Database) {
    let platforms: [Platforms.Listed]
    do { platforms = try Platforms.list(in: database) } catch {
      report.wrong("platforms", error)
      return
    }
    if platforms.isEmpty {
      report.doubtful("platforms", "none is registered", mend: "run: passerelle platform add --help")
    }
    for platform in platforms {
      guard platform.enabled else {
        report.doubtful(platform.name, "is disabled", mend: "run: passerelle platform enable “\(platform.name)”")
        continue
      }
      let registrations: [Platforms.Known]
      do { registrations = try Platforms.registrations(of: platform.id, in: database) } catch {
        report.wrong(platform.name, error)
        return
      }
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
    let subject = "\(platform.name) (\(registration.clientID))"
    if registration.deployments.isEmpty {
      report.doubtful(
        subject, "no deployment of it is accepted yet, so it cannot launch",
        mend: "open an activity of it in Moodle: the log then names the deployment and the command that accepts it")
    }
    guard let url = WebURL(registration.jwksURL) else { return }
    do {
      let response = try environment.send(HTTPRequest(method: "GET", url: url), timeout)
      if response.status == 200, let keys = try? JWKSet(parsing: response.body), !keys.keys.isEmpty {
        report.fine(subject, "key set: \(keys.keys.count) \(keys.keys.count == 1 ? "key" : "keys")")
      } else {
        report.wrong(
          subject, "\(registration.jwksURL) answers \(response.status), not a key set",
          mend: "check the platform's address with: passerelle platform show “\(platform.name)”")
      }
      checkClock(&report, environment, subject, response)
    } catch {
      report.wrong(
        subject, "\(registration.jwksURL) cannot be reached: \(error)",
        mend: "check DNS, firewall and certificate between this server and the platform")
      return
    }
    checkToken(&report, environment, database, subject, registration)
  }

  private static func checkClock(
    _ report: inout Report, _ environment: Environment, _ subject: String, _ response: HTTPResponse
  ) {
    guard let date = response.fields["Date"].flatMap({ Instant(httpDate: $0) }) else {
      report.doubtful(
        subject, "it sends no usable Date, so its clock was not compared", mend: "compare the clocks by hand")
      return
    }
    let ahead = environment.now().seconds - date.seconds
    let words = "this clock is \(abs(ahead)) s \(ahead >= 0 ? "ahead of" : "behind") the platform's"
    if abs(ahead) > environment.settings.clockLeeway {
      report.wrong(subject, words, mend: "synchronise both clocks (timedatectl set-ntp true)")
    } else if abs(ahead) > AccessTokenRequest.backdating {
      report.doubtful(subject, words, mend: "synchronise both clocks: Moodle takes no token request from its future")
    } else {
      report.fine(subject, "clocks agree within \(abs(ahead)) s")
    }
  }

  private static func checkToken(
    _ report: inout Report, _ environment: Environment, _ database: Database, _ subject: String,
    _ registration: Platforms.Known
  ) {
    guard let signing = try? ToolKeys.signing(in: database),
      let key = signing.privateKey(environment.settings.sealer),
      let tokenURL = WebURL(registration.tokenURL), let clientID = ClientID(registration.clientID)
    else {
      report.wrong(
        subject, "no access token can be asked for without the tool's key", mend: "mend the tool's key first")
      return
    }
    let request = AccessTokenRequest(
      tokenURL: tokenURL, clientID: clientID, keyID: signing.kid, key: key, scopes: [AGSScope.score])
    do {
      _ = try request.fetch(now: environment.now(), randomBytes: environment.randomBytes) {
        (request) throws(TransportFailure) in try environment.send(request, timeout)
      }
      report.fine(subject, "gives the tool an access token for scores")
    } catch {
      report.wrong(subject, "gives no access token: \(error)", mend: mend(error))
    }
  }

  private static func mend(_ failure: TokenFailure) -> String {
    switch failure {
    case .refused(let error) where error.contains("invalid_client"):
      "the client id is not the one Moodle shows; see: passerelle platform show"
    case .refused(let error) where error.contains("invalid_scope"):
      "in Moodle's tool settings, Services, let the tool use grade sync"
    case .refused(let error) where error.contains("iat") || error.contains("Expired"):
      "synchronise both clocks (timedatectl set-ntp true)"
    case .refused:
      "in Moodle's tool settings choose “Keyset URL” and paste the address that passerelle platform show prints"
    case .unavailable:
      "Moodle must be able to fetch this tool's key set: see that it reaches the base URL (its own cURL blocked hosts too)"
    case .malformed, .signing, .transport:
      "check the token URL with: passerelle platform show"
    }
  }
}
