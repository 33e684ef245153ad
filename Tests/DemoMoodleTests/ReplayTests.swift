import DemoMoodle
import Testing
import Wire

/// Every exchange of the files named here is replayed; LTI 1.1, registration and deep linking have suites of their own.
@Suite("Recorded exchanges with a real Moodle, sent to the platform again in their order")
struct ReplayTests {
  private typealias Intervention = @Sendable (Platform) -> Void

  /// What was done to the recorded Moodle by hand, by the exchange before which it was done: file, label, occurrence.
  private static let interventions: [String: Intervention] = {
    let forget: Intervention = { $0.resetGrades(lineItem: 2, user: 3) }
    return [
      "ags_tests_2 Started / NotReady, no score 1": forget,
      "ags_tests_2 ts t 1": forget,
      "ags_tests_2 fmt no zone 2026-11-23T01:11:46.000 1": forget,
      "ags_tests_2 fmt +02:00 2026-11-23T01:13:26+02:00 1": forget,
      "ags_tests_4 score 90 after override (later ts) 1": {
        $0.overrideGrade(user: 3, lineItem: 2, grade: 75, comment: "note du prof")
      },
      "ags_tests_4 score 40 2": forget,
      "ags_tests_4 score on locked grade 1": { $0.setLocked(true, lineItem: 2, user: 3) },
      "ags_tests_4 score on locked item 1": {
        $0.setLocked(false, lineItem: 2, user: 3)
        $0.setLocked(true, lineItem: 2)
      },
      "ags_tests_4 score on hidden activity 1": {
        $0.setLocked(false, lineItem: 2)
        $0.changeActivity(cmid: 2) { $0.isHidden = true }
      },
      "ags_tests_4 score for suspended student5 1": {
        $0.changeActivity(cmid: 2) { $0.isHidden = false }
        $0.setEnrolment(.suspended, user: 7)
      },
      "ags_tests_4 score for unenrolled student5 1": { $0.setEnrolment(.none, user: 7) },
      "ags_tests_4 expired access token 1": {
        $0.setEnrolment(.active, user: 7)
        $0.revokeTokens()
      },
      "ags_tests_4 prep score 3 1": { $0.resetGrades(lineItem: 2) },
      "ags_nrps_tests_5 prep 1": forget,
    ]
  }()

  /// Files that follow one another on the same Moodle stand together: their ids go on.
  @Test(
    "are answered with the same status, reason phrase, content type, links and body",
    arguments: [
      ["ags_tests_1"], ["ags_tests_2"], ["ags_tests_3"], ["ags_tests_4", "ags_nrps_tests_5"], ["token_tests"],
    ])
  func replay(_ files: [String]) throws {
    let site = try RecordedSite()
    for file in files { try replay(file, on: site) }
  }

  @Test("are answered the same when somebody is suspended and others were enrolled")
  func replaySuspended() throws {
    let site = try RecordedSite(roster: [6, 5, 11, 3, 4, 8, 10, 7])
    site.platform.setEnrolment(.suspended, user: 7)
    try replay("nrps_suspended", on: site)
  }

  @Test("Basic Outcomes, signed as they were recorded, are answered the same and leave the same grades")
  func replayOutcomes() throws {
    let recorded = try String(decoding: Fixtures.bytes("basic_outcomes_tests.json"), as: UTF8.self)
    var hashes: [String: String] = [:]
    let pattern = /{\\"data\\":(.*?}),\\"hash\\":\\"([0-9a-f]{64})\\"}/
    // The first to come with a hash is genuine; the recorded tampering came later.
    for match in recorded.matches(of: pattern) where !hashes.values.contains(String(match.2)) {
      hashes[String(match.1).replacing("\\\"", with: "\"")] = String(match.2)
    }
    #expect(hashes.count == 4)
    let site = try RecordedSite(hashes: hashes)
    try replay("basic_outcomes_tests", on: site)
    #expect(site.platform.grade(user: 3, activity: 2)?.grade == 10)
    #expect(site.platform.grade(user: 3, activity: 1)?.grade == 60)
    #expect(site.platform.grade(user: 4, activity: 2)?.grade == nil)
    #expect(site.platform.storedGrade(user: 8, lineItem: 3)?.final == 10)
  }

  private func replay(_ file: String, on site: RecordedSite) throws {
    var tokens: [String: String] = [:]
    var occurrences: [String: Int] = [:]
    for exchange in try Exchange.load(file + ".json") {
      occurrences[exchange.label, default: 0] += 1
      let what: Comment = "\(file) \(exchange.label) \(occurrences[exchange.label] ?? 0)"
      site.clock.now = exchange.at
      Self.interventions[what.rawValue]?(site.platform)
      var request = exchange.request
      if let field = request.fields["Authorization"], let recorded = field.split(separator: " ").last.map(String.init),
        let issued = tokens[recorded]
      {
        request.fields.set("Authorization", field.prefix(7) + issued)
      }
      let answer = try site.answer(request)
      #expect(answer.status == exchange.status, what)
      #expect(Self.sameReason(answer.reasonPhrase, exchange.reason), what)
      #expect(answer.fields["Content-Type"] == exchange.contentType, what)
      #expect(answer.fields["Link"] == exchange.link, what)
      if let recorded = Self.accessToken(exchange.body) {
        let issued = try #require(Self.accessToken(answer.text), what)
        tokens[recorded] = issued
        #expect(answer.text.replacing(issued, with: recorded) == exchange.body, what)
      } else if exchange.body.hasPrefix("<!DOCTYPE html>") {
        #expect(answer.text.hasPrefix("<!DOCTYPE html>"), what)
      } else {
        #expect(Self.withoutLaunchIDs(answer.text) == Self.withoutLaunchIDs(exchange.body), what)
      }
    }
  }

  /// The recorded reason phrases stop after 1011 bytes though Moodle sent 20 kB; the platform sends all of it. Parsing
  /// drops a trailing space.
  private static func sameReason(_ sent: String, _ recorded: String) -> Bool {
    recorded.utf8.count == 1011 ? sent.hasPrefix(recorded) : sent.withoutBlanks == recorded.withoutBlanks
  }

  private static func accessToken(_ body: String) -> String? {
    (try? JSONValue(parsing: body))?["access_token"]?.stringValue
  }

  /// Result source ids hold a random launch id and a hash over it; Basic Outcomes have random identifiers.
  private static func withoutLaunchIDs(_ body: String) -> String {
    body.replacing(/launchid\\":\d+/, with: "launchid").replacing(/hash\\":\\"[0-9a-f]{64}/, with: "hash")
      .replacing(/<imsx_messageIdentifier>\d+</, with: "<imsx_messageIdentifier><")
  }
}

extension String {
  fileprivate var withoutBlanks: Substring {
    let start = drop { $0 == " " }
    return start.prefix(upTo: start.lastIndex { $0 != " " }.map { start.index(after: $0) } ?? start.startIndex)
  }
}
