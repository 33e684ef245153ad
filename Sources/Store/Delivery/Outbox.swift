import LTI
import Postgres
import Wire

/// Grades on their way to platforms: leases and outcomes. The rows themselves are `public.grades`.
package enum Outbox {
  /// What `passerelle.grade_delivered` answers.
  package struct Recorded: RowDecodable {
    package let status: String
    /// What the holder is to deliver now, as JSON: the newer version that appeared meanwhile, whose lease goes on, or another
    /// grade of the learner's at this platform.
    package let next: String?

    package init(row: Row) throws(PostgresError) {
      status = try row.get("status")
      next = try row.get("next")
    }
  }

  /// The database's time, as it writes it.
  package static func time(in database: Database) throws(PostgresError) -> String {
    try database.value("select clock_timestamp()::text")
  }

  /// Leases the grade that has been due longest and was not leased since `start`, for `passerelle grade sync`; a JSON array
  /// of one delivery or none.
  package static func leaseDue(includingWaiting: Bool, since start: String, leaseSeconds: Int, in database: Database)
    throws(PostgresError) -> String
  {
    try database.value(
      "select passerelle.lease_due(\(includingWaiting), \(start)::timestamptz, \(leaseSeconds))")
  }

  /// Records that the platform accepted a delivery.
  ///
  /// - Parameters:
  ///   - place: the line item or the sourcedid that took it.
  ///   - took: seconds that the platform took.
  ///   - takesMore: the caller also delivers what others left to the holder of this learner's leases.
  package static func delivered(
    _ delivery: Delivery, to place: String?, took: Double, takesMore: Bool, leaseSeconds: Int, in database: Database
  )
    throws(PostgresError) -> Recorded
  {
    try database.oneAgain(
      """
      select status, next from passerelle.grade_delivered(
        \(delivery.grade), \(delivery.lease), \(delivery.version), \(delivery.score), \(delivery.maximum),
        \(delivery.undatedPlace == nil), \(leaseSeconds), \(took), \(takesMore), \(place))
      """)
  }

  /// Records that it did not, why in words for staff, and when to try again.
  ///
  /// - Parameters:
  ///   - needsChange: trying again cannot help.
  ///   - helpsForADay: trying again may help, but when a day has not, a person must.
  ///   - leavesDoubt: the score may have been stored all the same.
  ///   - platformIsAway: others need not wait for this platform.
  ///   - retryAfter: seconds that the platform asks to wait.
  ///   - took: seconds that the platform took.
  ///   - takesMore: as for `delivered`.
  package static func notDelivered(
    _ delivery: Delivery, code: String, _ words: Words, needsChange: Bool, helpsForADay: Bool, leavesDoubt: Bool,
    platformIsAway: Bool, retryAfter: Int?, took: Double, takesMore: Bool, leaseSeconds: Int, in database: Database
  ) throws(PostgresError) -> Recorded {
    try database.oneAgain(
      """
      select status, next from passerelle.grade_not_delivered(
        \(delivery.grade), \(delivery.lease), \(delivery.version), \(needsChange), \(helpsForADay), \(leavesDoubt),
        \(platformIsAway), \(retryAfter), \(code), \(words.english), \(words.french), \(took), \(leaseSeconds), \(takesMore))
      """)
  }

  /// Records that the platform no longer has the activity, and why that is known, in words for staff.
  package static func activityGone(_ delivery: Delivery, code: String, _ words: Words, in database: Database)
    throws(PostgresError) -> Recorded
  {
    try database.oneAgain(
      """
      select status, next from passerelle.activity_is_gone(
        \(delivery.grade), \(delivery.lease), \(code), \(words.english), \(words.french))
      """)
  }

  /// What `passerelle.read_back` answers.
  package struct Kept: RowDecodable {
    /// The grade's new status, where that changed anything.
    package let status: String?
    /// Whether the platform makes something else of this activity's grades, as a scale does.
    package let isScale: Bool

    package init(row: Row) throws(PostgresError) {
      status = try row.get("status")
      isScale = try row.get("is_scale", as: Bool?.self) ?? false
    }
  }

  /// Remembers what the platform had a moment after it took a grade: nil for nothing, points of the delivery's maximum.
  package static func readBack(
    _ delivery: Delivery, found: Double?, isEqual: Bool, code: String, _ words: Words, in database: Database
  ) throws(PostgresError) -> Kept {
    try database.one(
      """
      select status, is_scale from passerelle.read_back(
        \(delivery.grade), \(delivery.version), \(found), \(isEqual), \(code), \(words.english), \(words.french))
      """)
  }

  /// A later timestamp under the same lease; nil when the lease is no longer ours.
  package static func laterTimestamp(_ delivery: Delivery, atLeast seconds: Int64?, in database: Database)
    throws(PostgresError) -> Int64?
  {
    try database.value("select passerelle.later_timestamp(\(delivery.grade), \(delivery.lease), \(seconds))")
  }

  /// Remembers an activity's line item, or that it has none any more; answers the delivery anew, nil when the lease is no
  /// longer ours.
  package static func lineItemFound(_ delivery: Delivery, _ url: String?, maximum: Double?, in database: Database)
    throws(PostgresError) -> String?
  {
    try database.value(
      "select passerelle.line_item_found(\(delivery.grade), \(delivery.lease), \(url), \(maximum))")
  }

  /// Whether this process is the one to make the activity's line item.
  package static func claimLineItem(_ delivery: Delivery, in database: Database) throws(PostgresError) -> Bool {
    try database.value("select passerelle.claim_line_item(\(delivery.grade), \(delivery.lease))")
  }

  /// Remembers, until the next launch says otherwise, that a grade goes through Basic Outcomes, for there is no line item;
  /// answers the delivery anew, nil when the lease is no longer ours.
  package static func goThroughOutcomes(_ delivery: Delivery, in database: Database) throws(PostgresError) -> String? {
    let changed = try database.execute(
      """
      update passerelle.enrolments set token_scope = \(BasicOutcomes.scope)
      where id = \(delivery.grade) and lease = \(delivery.lease)
      """)
    guard changed > 0 else { return nil }
    return try database.value("select passerelle.delivery(\(delivery.grade))::text")
  }

  /// What `passerelle.withdraw` answers.
  package struct Withdrawal: RowDecodable {
    package enum Outcome: String {
      case leased
      /// A grade of the learner's is on its way to this platform just now.
      case busy
      /// The platform no longer has the activity: nothing is to be done there.
      case gone
      case nothingSent = "nothing_sent"
    }
    package let outcome: Outcome
    /// The leased delivery, as JSON; nil when there is nothing to take back now.
    package let delivery: String?

    package init(row: Row) throws(PostgresError) {
      guard let known = Outcome(rawValue: try row.get("outcome")) else {
        throw PostgresError(.decoding, "column outcome has a word that is not known")
      }
      outcome = known
      delivery = try row.get("delivery")
    }
  }

  /// Leases a grade that was sent, to take it back.
  package static func leaseForWithdrawal(_ grade: String, leaseSeconds: Int, in database: Database)
    throws(PostgresError)
    -> Withdrawal
  {
    try database.one("select outcome, delivery from passerelle.withdraw(\(grade), \(leaseSeconds))")
  }

  /// Ends that lease; `isGone` says that the platform has no grade any more.
  package static func withdrawn(_ delivery: Delivery, isGone: Bool, in database: Database) throws(PostgresError) {
    try database.execute(
      """
      select passerelle.withdrawn(\(delivery.grade), \(delivery.lease), \(delivery.version), \(isGone))
      """)
  }

  /// Lets go of a lease that was not used.
  package static func release(_ delivery: Delivery, in database: Database) throws(PostgresError) {
    try database.execute(
      """
      update passerelle.enrolments set lease = null, leased_until = null
      where id = \(delivery.grade) and lease = \(delivery.lease)
      """)
  }
}
