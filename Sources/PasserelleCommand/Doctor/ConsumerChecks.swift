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
      let subject = "\(platform.name) (LTI 1.1, \(key))"
      let again =
        "register it again: passerelle platform add" + ShellWord.option("--issuer", platform.issuer)
        + ShellWord.option("--lti11-key", key)
      do {
        guard let consumerKey = ConsumerKey(key), let found = try Consumers.find(consumerKey, in: database) else {
          report.wrong(subject, "the consumer key cannot be used", mend: again)
          continue
        }
        guard found.secret(environment.settings.sealer) != nil else {
          report.wrong(
            subject, "the shared secret does not open with PASSERELLE_SECRET, so its launches and grades fail",
            mend: "put back the PASSERELLE_SECRET with which it was stored, or \(again)")
          continue
        }
        report.fine(subject, "the shared secret opens")
      } catch {
        report.wrong(subject, error)
      }
    }
  }

  /// Any answer will do: a site's first page may lead elsewhere or ask to log in. Its head is enough, it may be large.
  static func checkSite(_ report: inout Report, _ environment: Environment, _ platform: Platforms.Listed) {
    guard !platform.lti11Keys.isEmpty else {
      report.doubtful(
        platform.name, "has neither a client of LTI 1.3 nor a consumer key of LTI 1.1, so it cannot launch",
        mend: "run: passerelle platform add --help")
      return
    }
    let subject = "\(platform.name) (LTI 1.1)"
    guard let url = WebURL(platform.issuer) else {
      report.doubtful(subject, "its issuer is no address, so it was not asked", mend: "open an activity from it")
      return
    }
    do {
      let response = try environment.send(HTTPRequest(method: "HEAD", url: url), timeout)
      // 501 says that it does not answer HEAD (RFC 9110 §15.6.2), which is an answer.
      guard response.status < 500 || response.status == 501 else {
        report.wrong(subject, "\(url) answers \(response.status)", mend: "look at the platform: grades cannot reach it")
        return
      }
      report.fine(subject, "the site answers")
      checkClock(&report, environment, subject, response)
    } catch {
      report.wrong(
        subject, "\(url) cannot be reached: \(error)",
        mend: "check DNS, firewall and certificate between this server and the platform: grades go there")
    }
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
    if abs(ahead) >= tolerance {
      report.wrong(
        subject, "this clock is \(abs(ahead)) s \(ahead >= 0 ? "ahead of" : "behind") the platform's",
        mend: "synchronise both clocks (timedatectl set-ntp true)")
    } else {
      report.fine(subject, "clocks agree within \(abs(ahead)) s")
    }
  }
}
