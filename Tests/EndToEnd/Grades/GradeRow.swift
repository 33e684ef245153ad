import DemoMoodle
import Testing
import Wire

/// One row of the outbox, `public.grades`, as a test looks at it.
struct GradeRow {
  let id: String
  let status: String
  let score: Double?
  let maximum: Double?
  let version: Int64
  let attempts: Int64
  /// Seconds until the next attempt; nil when none is planned.
  let wait: Double?
  let errorCode: String?
  /// What staff read, in English and in French.
  let words: String?
  let wordsFrench: String?

  fileprivate init(_ json: JSONValue) throws {
    id = try #require(json["id"]?.stringValue)
    status = try #require(json["status"]?.stringValue)
    score = json["score"]?.doubleValue
    maximum = json["maximum"]?.doubleValue
    version = try #require(json["version"]?.intValue)
    attempts = try #require(json["attempts"]?.intValue)
    wait = json["wait"]?.doubleValue
    errorCode = json["code"]?.stringValue
    words = json["words"]?.stringValue
    wordsFrench = json["wordsFrench"]?.stringValue
  }
}

extension World {
  /// Makes a world in the test's process, hands it to `body`, and checks at the end what must hold whatever was tried:
  /// every score that was sent is fully graded, has a comment and a later second than the one before it, and none was
  /// sent while another for the same learner was under way.
  static func deliveries(
    settings: [(String, String)] = [], activities: [Activity] = [Activity()], _ body: (World) throws -> Void
  ) throws {
    try run(.inProcess, settings: settings, activities: activities) { world in
      try body(world)
      try world.checkScores()
    }
  }

  private func checkScores() throws {
    var latest: [String: Int64] = [:]
    for score in moodle.scores {
      #expect(score["gradingProgress"] == "FullyGraded")
      #expect(score["comment"]?.stringValue?.isEmpty == false)
      #expect(score["scoreGiven"]?.doubleValue != nil)
    }
    for request in moodle.requests where request.path.hasSuffix("/scores") {
      let score = try JSONValue(parsing: request.body)
      let place = request.path + (score["userId"]?.stringValue ?? "")
      let second = try #require(score["timestamp"]?.stringValue.flatMap { Instant(rfc3339: $0) }).seconds
      // The same score may be posted once more with a new token; any other is later.
      #expect(second >= latest[place] ?? 0)
      latest[place] = second
    }
    #expect(moodle.platform.audit().overlaps.isEmpty)
    #expect(moodle.platform.audit().crossings.isEmpty)
  }

  /// The grade owed to somebody in an activity.
  func gradeRow(user: Int = 3, activity: Int = 1) throws -> GradeRow {
    let text: String = try database.value(
      """
      select json_build_object(
        'id', g.id, 'status', g.status, 'score', g.score::float8, 'maximum', g.maximum::float8, 'version', g.version,
        'attempts', g.attempts, 'wait', extract(epoch from g.next_attempt_at - now())::float8,
        'code', g.last_error_code, 'words', g.last_error, 'wordsFrench', g.last_error_fr)::text
      from public.grades g
      join passerelle.enrolments e on e.id = g.id
      join passerelle.activities a on a.id = e.activity
      where e.subject = \(String(user)) and a.resource_link_id = \(String(activity))
      """)
    return try GradeRow(JSONValue(parsing: text))
  }

  /// `passerelle grade sync`.
  @discardableResult
  func sync(now: Bool = true) throws -> ProgramRun {
    try now ? command("grade", "sync", "--now") : command("grade", "sync")
  }

  /// How many scores were posted, whatever became of them.
  var posts: Int { moodle.count("/scores") }

  /// A fault for every request to a service from now on; none when nil.
  func strike(_ fault: Fault?, at endpoint: Endpoint = .score) {
    moodle.platform.withFaults { $0.setChances(fault.map { [.init($0, probability: 1)] } ?? [], for: endpoint) }
  }

  /// Ends every lease, as if its time had run out.
  func endLeases() throws {
    try database.execute("update passerelle.enrolments set leased_until = now() where leased_until is not null")
  }

  /// Closes every breaker, as the minute after a failure does.
  func closeBreakers() throws {
    try database.execute("update passerelle.platforms set breaker_until = now() where breaker_until is not null")
  }

  /// What the gradebook says.
  func gradebook(user: Int = 3, activity: Int = 1) -> Double? {
    moodle.platform.grade(user: user, activity: activity)?.grade
  }
}
