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

  /// Leases what is due, for `passerelle grade sync`; a JSON array of deliveries.
  static func leaseDue(limit: Int, includingWaiting: Bool, leaseSeconds: Int, in database: Database)
    throws(PostgresError) -> String
  {
    struct Leased: RowDecodable {
      let deliveries: String
      init(row: Row) throws(PostgresError) { deliveries = try row.get("deliveries") }
    }
    return try database.one(
      "select passerelle.lease_due(\(limit), \(includingWaiting), \(leaseSeconds)) as deliveries", as: Leased.self
    ).deliveries
  }

  /// Records that the platform accepted a delivery.
  static func delivered(_ delivery: Delivery, leaseSeconds: Int, in database: Database) throws(PostgresError)
    -> Recorded
  {
    try database.one(
      """
      select status, next from passerelle.grade_delivered(
        \(delivery.grade), \(delivery.lease), \(delivery.version), \(delivery.score), \(delivery.maximum),
        \(leaseSeconds))
      """)
  }

  /// Records that it did not, and when to try again.
  static func notDelivered(_ delivery: Delivery, _ problem: DeliveryProblem, in database: Database)
    throws(PostgresError) -> Recorded
  {
    try database.one(
      """
      select status, null as next from passerelle.grade_not_delivered(
        \(delivery.grade), \(delivery.lease), \(delivery.version), \(problem.isPermanent), \(problem.retryAfter),
        \(problem.code), \(problem.words.english), \(problem.words.french))
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

  /// How many grades are pending and failed.
  struct Counts: RowDecodable {
    let pending: Int
    let failed: Int

    init(row: Row) throws(PostgresError) {
      pending = try row.get("pending")
      failed = try row.get("failed")
    }
  }

  /// Counts what waits and what is parked.
  static func counts(in database: Database) throws(PostgresError) -> Counts {
    try database.one(
      """
      select (select count(*) from public.grades where status = 'pending') as pending,
             (select count(*) from public.grades where status = 'failed') as failed
      """)
  }
}
