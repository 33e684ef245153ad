import LTI
import Postgres
import Wire

/// What teachers see of an activity.
package enum Rosters {
  /// How learners are written.
  package enum Form: String, Sendable {
    /// JSON objects with the name of each grain.
    case full
    /// JSON objects with two characters a grain, and without what is empty.
    case compact
    /// The compact objects with what our own page shows beside: last progress, groups, the class over the weeks.
    case page
    /// Records of comma-separated values.
    case csv
    /// Fields between unit separators, of which a spreadsheet is made; the head is that of JSON.
    case table
  }

  /// What `passerelle.roster` answers first.
  package struct Head: RowDecodable {
    package let outcome: String
    package let locale: String?
    /// Where to read the course's members first; nil when the rest is answered.
    package let source: String?
    /// Whether that platform may be asked just now.
    package let mayAsk: Bool
    /// What the roster depends on, and what the database had seen when it was read; nil without a roster.
    package let version: RosterVersion?
    /// Whether the version that was asked with still holds; the rest is left out then.
    package let isUnchanged: Bool
    /// The module's slug.
    package let module: String?
    /// A JSON object without its last brace, or the first record.
    package let text: String?
    /// When the members were read, RFC 3339; nil when they never were.
    package let readAt: String?
    /// One learner's grains, JSON, when one learner was asked for.
    package let details: String?

    package init(row: Row) throws(PostgresError) {
      outcome = try row.get("outcome")
      locale = try row.get("locale")
      source = try row.get("source")
      mayAsk = try row.get("may_ask", as: Bool?.self) ?? false
      let key: String? = try row.get("key")
      let snapshot: String? = try row.get("snapshot")
      version = key.flatMap { key in snapshot.flatMap { RosterVersion(key: key, snapshot: $0) } }
      isUnchanged = try row.get("unchanged", as: Bool?.self) ?? false
      module = try row.get("module")
      text = try row.get("head")
      readAt = try row.get("read_at")
      details = try row.get("details")
    }
  }

  /// A learner.
  package struct Line: RowDecodable {
    /// A JSON object without its grade and its last brace, or a record with its line end.
    package let text: String
    /// How many bytes all records together have; nil for JSON.
    package let octets: Int64?
    package let status: String
    package let score: Double
    package let maximum: Double
    /// Why the grade was not delivered, in English and in French.
    package let error: String?
    package let errorInFrench: String?
    /// What the platform was read to have, where that is something else: a JSON object.
    package let moodle: String?

    package init(row: Row) throws(PostgresError) {
      text = try row.get("line")
      octets = try row.get("octets")
      status = try row.get("status")
      score = try row.get("score")
      maximum = try row.get("maximum")
      error = try row.get("error")
      errorInFrench = try row.get("error_fr")
      moodle = try row.get("moodle")
    }
  }

  /// A roster while it is read: the head, then the learners one by one. Until the last was taken the database answers nothing else.
  package final class Reading {
    package let head: Head
    private let rows: RowStream

    fileprivate init(_ rows: RowStream) throws(PostgresError) {
      guard let first = try rows.next() else {
        throw PostgresError(.decoding, "passerelle.roster answered nothing")
      }
      head = try Head(row: first)
      self.rows = rows
    }

    /// The next learner; nil after the last.
    package func next() throws(PostgresError) -> Line? {
      guard let row = try rows.next() else { return nil }
      return try Line(row: row)
    }

    /// Leaves out the rest.
    package func drop() { rows.drop() }
  }

  /// The roster of a session's activity; `token` is a digest, `learner` narrows it to one. Unless the members are taken
  /// as they are known, they have to be fresh, or the answer is their source alone. `known` is a version that was answered
  /// before. `filter` is an object as `passerelle.roster_filter` reads it, and `zone` the time zone of a table's dates.
  package static func read(
    token: [UInt8], learner: String?, withMembersAsKnown isAsKnown: Bool, form: Form, known: RosterVersion?,
    filter: JSONValue? = nil, zone: String = "UTC",
    in database: Database
  ) throws(PostgresError) -> Reading {
    try Reading(
      try database.stream(
        """
        select outcome, locale, source, may_ask, key, snapshot, unchanged, module, head, read_at, details,
               line, octets, status, score, maximum, error, error_fr, moodle
        from passerelle.roster(
          \(token), \(learner)::uuid, \(isAsKnown), \(form.rawValue), \(known?.key), \(known?.snapshot)::pg_snapshot,
          \(filter?.encoded)::json, \(zone))
        """))
  }

  /// Forgets what was marked as changed more than an hour ago; answers how many marks.
  package static func sweep(_ database: Database) throws(PostgresError) -> Int {
    try database.value("select passerelle.forget_roster_marks()")
  }

  /// The learner whom a platform calls `subject`, when they came to this activity as a learner.
  package static func learner(
    _ subject: Subject, platform: String, deployment: String, resourceLink: String, in database: Database
  ) throws(PostgresError) -> String? {
    let learners: [String] = try database.values(
      """
      select e.learner::text
      from passerelle.identities i
      join passerelle.enrolments e on e.learner = i.learner and not e.instructor
      join passerelle.activities a on a.id = e.activity
      where i.platform = \(platform) and i.subject = \(subject.value)
        and a.deployment = \(deployment) and a.resource_link_id = \(resourceLink)
      """)
    return learners.first
  }
}
