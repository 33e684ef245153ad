import LTI
import Postgres
import Wire

/// What is needed to compare what a platform has with what it was given.
package enum Verification {
  /// An activity that is to be compared.
  package struct Candidate: RowDecodable {
    package let activity: String
    /// Whether its results are those of a line item; otherwise of Basic Outcomes, one by one.
    package let hasLineItem: Bool

    package init(row: Row) throws(PostgresError) {
      activity = try row.get("activity")
      hasLineItem = try row.get("has_line_item")
    }
  }

  /// The activities of a choice that have grades in Moodle, or, with `due`, those whose turn it is; longest ago first.
  package static func candidates(activity: String?, platform: String?, due: Bool, in database: Database)
    throws(PostgresError) -> [Candidate]
  {
    try database.all(
      """
      select activity::text, has_line_item
      from passerelle.verify_list(\(activity)::uuid, \(platform)::uuid, \(due))
      """)
  }

  /// A comparison that has begun.
  package struct Begun: RowDecodable {
    /// Whether this process is the one to make it.
    package let isClaimed: Bool
    /// The database's time before anything is read.
    package let began: String
    /// Where the results are; nil where no line item is known, or its results may not be read.
    package let source: ResultsSource?

    package init(row: Row) throws(PostgresError) {
      isClaimed = try row.get("claimed")
      began = try row.get("began")
      source = try row.get("source", as: String?.self).flatMap { try? JSONValue(parsing: $0) }
        .flatMap(ResultsSource.init)
    }
  }

  /// Where an activity's results are read, and with what.
  package struct ResultsSource {
    package let lineItem: WebURL
    package let place: GradePlace
    package let access: TokenAccess
    package let host: String
    /// What is to be asked of the id that the activity had before, where no launch could ask it.
    package let formerLink: FormerLink.Question?

    init?(_ json: JSONValue) {
      formerLink = FormerLink.Question(json)
      guard let place = GradePlace(json), let lineItem = place.lineItem, let access = TokenAccess(json) else {
        return nil
      }
      self.lineItem = lineItem
      self.place = place
      self.access = access
      host = json[.host]?.stringValue ?? ""
    }
  }

  /// Begins to compare an activity.
  package static func begin(_ activity: String, in database: Database) throws(PostgresError) -> Begun {
    try database.one("select claimed, began, source from passerelle.verify_begin(\(activity)::uuid)")
  }

  /// Lets another process compare the activity: nothing could be read.
  package static func release(_ activity: String, in database: Database) throws(PostgresError) {
    try database.execute("update passerelle.activities set verify_claimed_at = null where id = \(activity)::uuid")
  }

  /// What a comparison found.
  package struct Found: RowDecodable, Equatable, Sendable {
    /// Grades that Moodle has as they were given.
    package var equal = 0
    /// Grades of which Moodle has nothing any more.
    package var emptied = 0
    /// Grades of which Moodle has something else.
    package var different = 0
    /// Grades that Moodle had no more, and has again.
    package var restored = 0
    /// Grades that were being sent meanwhile.
    package var passedOver = 0

    /// Nothing yet.
    package init() {}

    package init(row: Row) throws(PostgresError) {
      equal = try row.get("equal")
      emptied = try row.get("emptied")
      different = try row.get("different")
      restored = try row.get("restored")
      passedOver = try row.get("passed_over")
    }

    /// Both together.
    package static func + (a: Found, b: Found) -> Found {
      var sum = a
      sum.equal += b.equal
      sum.emptied += b.emptied
      sum.different += b.different
      sum.restored += b.restored
      sum.passedOver += b.passedOver
      return sum
    }
  }

  /// Compares everybody's results of an activity, or one person's, with what was delivered before `began`; keeps what differs.
  ///
  /// - Parameters:
  ///   - results: subject, score and what it is out of; everybody whom the platform has a grade of.
  ///   - maximum: the line item's, where it was read.
  ///   - grade: the one grade that the results are of; nil for all.
  package static func record(
    _ results: [(subject: String, score: Double, maximum: Double)], of activity: String, since began: String,
    maximum: Double?, only grade: String?, in database: Database
  ) throws(PostgresError) -> Found {
    let rows = JSONValue.array(
      results.map { ["subject": .string($0.subject), "score": .number($0.score), "maximum": .number($0.maximum)] })
    return try database.one(
      """
      select equal, emptied, different, restored, passed_over
      from passerelle.verified(
        \(activity)::uuid, \(began)::timestamptz, \(rows.encoded)::json, \(maximum), \(grade)::uuid)
      """)
  }

  /// Remembers that the activity has another line item now: what the former one had is gone. Answers how many grades that were.
  package static func lineItemFound(_ url: String, maximum: Double?, of activity: String, in database: Database)
    throws(PostgresError) -> Int
  {
    try database.value("select passerelle.line_item_replaced(\(activity)::uuid, \(url), \(maximum))")
  }

  /// Remembers that the platform no longer has the activity.
  package static func activityGone(_ activity: String, code: String, _ words: Words, in database: Database)
    throws(PostgresError)
  {
    try database.execute(
      "select passerelle.mark_gone(\(activity)::uuid, null, \(code), \(words.english), \(words.french))")
  }

  /// The grades of an activity that Basic Outcomes took, `limit` at most, longest ago read first.
  package static func undated(of activity: String, limit: Int, in database: Database) throws(PostgresError) -> [String]
  {
    try database.values(
      """
      select g.id::text from public.grades g join passerelle.enrolments e on e.id = g.id
      where e.activity = \(activity)::uuid and g.status in ('delivered', 'emptied')
      order by g.moodle_read_at nulls first, g.id limit \(limit)
      """)
  }

  /// Leases one of these for reading; a delivery as JSON, nil where its learner is served just now.
  package static func lease(_ grade: String, leaseSeconds: Int, in database: Database) throws(PostgresError) -> String?
  {
    try database.value("select passerelle.lease_for_reading(\(grade)::uuid, \(leaseSeconds))")
  }
}
