import Foundation
import JOSE
import LTI
import Testing
import Wire

/// The table “works with” of the guides: each cell is worked out from what a real Moodle of that version was recorded to send.
@Suite("Moodle by version")
struct WorksWithTests {
  /// One recorded Moodle.
  struct Site: Sendable, CustomTestStringConvertible {
    let folder: String
    let deployment: String
    let secret11: String
    let launches: [String]
    let reviews: [String]

    var testDescription: String { folder }

    func json(_ file: String) throws -> JSONValue {
      let url = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Fixtures/\(folder)/\(file).json")
      return try JSONValue(parsing: Array(Data(contentsOf: url)), maxDepth: 64, maxBytes: 1 << 22)
    }
  }

  static let sites = [
    Site(
      folder: "moodle-4.5", deployment: "1", secret11: SigningConsumer.secret,
      launches: ["launch13_student1", "launch13_teacher1", "launch13_teacher2", "launch13_manager1", "launch13_admin"],
      reviews: []),
    Site(
      folder: "moodle-5.1", deployment: "3", secret11: "s3cret-é&+",
      launches: ["launch13_student1", "launch13_teacher1", "launch13_manager1", "launch13_admin"],
      reviews: ["submission_review_teacher1"]),
  ]

  /// How a recorded launch is taken: with the key set that the Moodle published, at the second it was made.
  private func accept(_ file: String, of site: Site) throws -> LaunchMessage {
    let recorded = try site.json(file)
    let launch = try RecordedLaunch(try #require(recorded["id_tokens"]?.arrayValue?.first))
    let token = try IDToken(compact: launch.token)
    let keys = try JWKSet(parsing: Array(try #require(recorded["moodle_jwks"]).encoded.utf8))
    let keyID = try #require(token.keyID)
    return try token.validate(
      Expectation(
        key: try #require(keys.key(id: keyID)),
        issuer: try #require(launch.claims["iss"]?.stringValue.flatMap { Issuer($0) }),
        clientID: try #require(launch.claims["aud"]?.stringValue.flatMap { ClientID($0) }), now: launch.issuedAt,
        leeway: 0,
        nonceMatches: { $0 == launch.nonce }, deploymentIsKnown: { $0.value == site.deployment }))
  }

  /// The forms of LTI 1.1 that this Moodle posted, signature proven where the secret is the one that was recorded.
  private func launches11(of site: Site) throws -> Int {
    for (file, teaches) in [("launch11_student1", false), ("launch11_teacher1", true)] {
      let hop = try #require(try site.json(file)["hops"]?.arrayValue?.last)
      let items = try #require(hop["request_fields"]?.arrayValue).map {
        (try #require($0.arrayValue?.first?.stringValue), try #require($0.arrayValue?.last?.stringValue))
      }
      let request = try Launch11Request(form: Form(items: items))
      let message = try request.verify(
        secret: site.secret11, launchURL: try #require(hop["url"]?.stringValue.flatMap { WebURL($0) }),
        now: request.timestamp)
      #expect(message.isInstructor == teaches)
    }
    return 2
  }

  /// What became of every score that was posted.
  private func scores(of site: Site) throws -> String {
    let score = try #require(
      Score(
        userID: try known(Subject("3")), scoreGiven: 1, scoreMaximum: 1, activityProgress: .completed, comment: "",
        timestamp: Instant(seconds: 0)))
    var (delivered, conflicts, refused, later) = (0, 0, 0, 0)
    for number in 1...4 {
      for recorded in try site.json("ags_tests_\(number)").arrayValue ?? [] {
        guard let exchange = try Exchange(recorded), exchange.method == "POST", exchange.url.path.hasSuffix("/scores")
        else {
          continue
        }
        let outcome = AGS.post(score, to: exchange.url, token: "t", now: Instant(seconds: 0)) {
          (_) throws(TransportFailure) in exchange.response
        }
        switch outcome {
        case .delivered: delivered += 1
        case .conflict: conflicts += 1
        case .refused, .unauthorized: refused += 1
        case .retryLater: later += 1
        default: Issue.record("\(site.folder) \(exchange.label): \(outcome)")
        }
      }
    }
    return "\(delivered) / \(conflicts) / \(refused) / \(later)"
  }

  private func row(_ site: Site) throws -> String {
    let configuration = try site.json("openid_configuration")
    let version = try #require(
      configuration["https://purl.imsglobal.org/spec/lti-platform-configuration"]?["version"]?.stringValue)
    let address = try #require(
      configuration["issuer"]?.stringValue.flatMap { WebURL($0 + "/mod/lti/openid-configuration.php") })
    _ = try PlatformConfiguration(parsing: Array(configuration.encoded.utf8), from: address, allowsInsecureHTTP: true)
    for file in site.launches {
      let message = try accept(file, of: site)
      #expect(
        message.messageType == .resourceLink && message.ags?.lineItem != nil && message.contextMembershipsURL != nil)
      #expect(message.isInstructor == !file.contains("student"))
    }
    for file in site.reviews { #expect(try accept(file, of: site).messageType == .submissionReview) }
    let cookie = try site.json(site.launches[0])["hops"]?.arrayValue?.compactMap { $0["set_cookie"]?.stringValue }.first
    let sameSite = try #require(cookie).split(separator: ";").map { $0.trimmingCharacters(in: .whitespaces) }
      .first { $0.hasPrefix("SameSite=") }
    return "| \(version) | \(sameSite.map { "`\($0)`" } ?? "–") | \(site.launches.count) | \(site.reviews.count) | "
      + "\(try launches11(of: site)) | \(try scores(of: site)) |"
  }

  @Test("The row of each recorded Moodle is what both guides say", arguments: sites)
  func table(_ site: Site) throws {
    let row = try row(site)
    for guide in ["moodle.md", "moodle.fr.md"] {
      let url = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
        .appending(path: "apache-conf/\(guide)")
      #expect(try String(contentsOf: url, encoding: .utf8).contains(row + "\n"), "\(guide) lacks: \(row)")
    }
  }
}
