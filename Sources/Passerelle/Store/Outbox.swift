import LTI
import Postgres

/// Grades on their way to platforms: leases and outcomes. The rows themselves are `public.grades`.
enum Outbox {
  /// What `passerelle.grade_delivered` answers.
  struct Recorded: RowDecodable {
    let status: String
    /// The delivery of the newer version that appeared meanwhile, as JSON; the lease goes on.
    let next: String?

    init(row: Row) throws(PostgresError) {
      status = try row.get("status")
      next = try row.get("next")
    }
  }

  private struct Text: RowDecodable {
    let text: String
    init(row: Row) throws(PostgresError) { text = try row.get("text") }
  }

  /// The database's time, as it writes it.
  static func time(in database: Database) throws(PostgresError) -> String {
    try database.one("select clock_timestamp()::text as text", as: Text.self).text
  }

  /// Leases the grade that has been due longest and was not leased since `start`, for `passerelle grade sync`; a JSON array
  /// of one delivery or none.
  static func leaseDue(includingWaiting: Bool, since start: String, leaseSeconds: Int, in database: Database)
    throws(PostgresError) -> String
  {
    try database.one(
      "select passerelle.lease_due(\(includingWaiting), \(start)::timestamptz, \(leaseSeconds)) as text",
      as: Text.self
    ).text
  }

  /// Records that the platform accepted a delivery.
  static func delivered(_ delivery: Delivery, leaseSeconds: Int, in database: Database) throws(PostgresError)
    -> Recorded
  {
    try database.one(
      """
      select status, next from passerelle.grade_delivered(
        \(delivery.grade), \(delivery.lease), \(delivery.version), \(delivery.score), \(delivery.maximum),
        \(delivery.undatedPlace == nil), \(leaseSeconds))
      """)
  }

  /// Records that it did not, and when to try again.
  static func notDelivered(_ delivery: Delivery, _ problem: DeliveryProblem, in database: Database)
    throws(PostgresError) -> Recorded
  {
    try database.one(
      """
      select status, null as next from passerelle.grade_not_delivered(
        \(delivery.grade), \(delivery.lease), \(delivery.version), \(problem.remedy == .change),
        \(problem.remedy == .timeForADay), \(problem.leavesDoubt), \(problem.platformIsAway), \(problem.retryAfter),
        \(problem.code), \(problem.words.english), \(problem.words.french))
      """)
  }

  /// A later timestamp under the same lease; nil when the lease is no longer ours.
  static func laterTimestamp(_ delivery: Delivery, atLeast seconds: Int64?, in database: Database)
    throws(PostgresError) -> Int64?
  {
    struct Later: RowDecodable {
      let timestamp: Int64?
      init(row: Row) throws(PostgresError) { timestamp = try row.get("timestamp") }
    }
    return try database.one(
      "select passerelle.later_timestamp(\(delivery.grade), \(delivery.lease), \(seconds)) as timestamp",
      as: Later.self
    ).timestamp
  }

  /// Remembers an activity's line item, or that it has none any more; answers the delivery anew, nil when the lease is no
  /// longer ours.
  static func lineItemFound(_ delivery: Delivery, _ url: String?, maximum: Double?, in database: Database)
    throws(PostgresError) -> String?
  {
    struct Anew: RowDecodable {
      let delivery: String?
      init(row: Row) throws(PostgresError) { delivery = try row.get("delivery") }
    }
    return try database.one(
      """
      select passerelle.line_item_found(\(delivery.grade), \(delivery.lease), \(url), \(maximum)) as delivery
      """, as: Anew.self
    ).delivery
  }

  /// Whether this process is the one to make the activity's line item.
  static func claimLineItem(_ delivery: Delivery, in database: Database) throws(PostgresError) -> Bool {
    struct Claim: RowDecodable {
      let isOurs: Bool
      init(row: Row) throws(PostgresError) { isOurs = try row.get("is_ours") }
    }
    return try database.one(
      "select passerelle.claim_line_item(\(delivery.grade), \(delivery.lease)) as is_ours", as: Claim.self
    ).isOurs
  }

  /// Remembers, until the next launch says otherwise, that a grade goes through Basic Outcomes, for there is no line item;
  /// answers the delivery anew, nil when the lease is no longer ours.
  static func goThroughOutcomes(_ delivery: Delivery, in database: Database) throws(PostgresError) -> String? {
    let changed = try database.execute(
      """
      update passerelle.enrolments set token_scope = \(BasicOutcomes.scope)
      where id = \(delivery.grade) and lease = \(delivery.lease)
      """)
    guard changed > 0 else { return nil }
    return try database.one("select passerelle.delivery(\(delivery.grade))::text as text", as: Text.self).text
  }

  /// What `passerelle.withdraw` answers.
  struct Withdrawal: RowDecodable {
    let outcome: String
    /// The leased delivery, as JSON; nil when there is nothing to take back now.
    let delivery: String?

    init(row: Row) throws(PostgresError) {
      outcome = try row.get("outcome")
      delivery = try row.get("delivery")
    }
  }

  /// Leases a grade that was sent, to take it back.
  static func leaseForWithdrawal(_ grade: String, leaseSeconds: Int, in database: Database) throws(PostgresError)
    -> Withdrawal
  {
    try database.one("select outcome, delivery from passerelle.withdraw(\(grade), \(leaseSeconds))")
  }

  /// Ends that lease; `isGone` says that the platform has no grade any more.
  static func withdrawn(_ delivery: Delivery, isGone: Bool, in database: Database) throws(PostgresError) {
    try database.execute(
      """
      select passerelle.withdrawn(\(delivery.grade), \(delivery.lease), \(delivery.version), \(isGone))
      """)
  }

  /// Lets go of a lease that was not used.
  static func release(_ delivery: Delivery, in database: Database) throws(PostgresError) {
    try database.execute(
      """
      update passerelle.enrolments set lease = null, leased_until = null
      where id = \(delivery.grade) and lease = \(delivery.lease)
      """)
  }

  /// How many grades are pending and failed, and how long the oldest has waited.
  struct Counts: RowDecodable {
    let pending: Int
    let failed: Int
    /// Seconds since the oldest pending grade was last owed anew; nil when none is pending.
    let oldestPending: Int?

    init(row: Row) throws(PostgresError) {
      pending = try row.get("pending")
      failed = try row.get("failed")
      oldestPending = try row.get("oldest_pending")
    }
  }

  /// Counts what waits and what is parked.
  static func counts(in database: Database) throws(PostgresError) -> Counts {
    try database.one(
      """
      select count(*) filter (where g.status = 'pending') as pending,
             count(*) filter (where g.status = 'failed') as failed,
             extract(epoch from now() - min(coalesce(e.failing_since, g.next_attempt_at))
               filter (where g.status = 'pending'))::bigint as oldest_pending
      from public.grades g left join passerelle.enrolments e on e.id = g.id
      where g.status in ('pending', 'failed')
      """)
  }
}
