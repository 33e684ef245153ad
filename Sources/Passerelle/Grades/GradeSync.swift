import Learning
import Postgres

/// Delivers what waits: the work of `passerelle grade sync`.
public struct GradeSync {
  private let environment: Environment
  private let database: Database

  /// What one run did.
  public struct Summary: Sendable {
    /// Grades that were leased and tried.
    public var attempted = 0
    /// Of those, accepted by their platform.
    public var delivered = 0
  }

  /// A run over one database session.
  public init(environment: Environment, database: Database) {
    self.environment = environment
    self.database = database
  }

  /// Leases and delivers one grade at a time, until none is due or `limit` were tried; `progress` is called after each.
  ///
  /// One at a time, because a lease begins when it is taken: of a batch, the last would expire while the first is sent.
  public func run(limit: Int, includingWaiting: Bool, progress: () -> Void) throws(PostgresError) -> Summary {
    let courier = GradeCourier(environment: environment, database: database)
    var summary = Summary()
    var tried: Set<String> = []
    while summary.attempted < limit {
      let leased = try Outbox.leaseDue(
        limit: 1, includingWaiting: includingWaiting, leaseSeconds: GradeCourier.leaseSeconds(environment.settings),
        in: database)
      guard let deliveries = Delivery.list(leased) else {
        throw PostgresError(.decoding, "passerelle.lease_due answered a delivery that cannot be read")
      }
      guard let delivery = deliveries.first else { break }
      // With `--now` a grade that was tried and waits again is due at once: seeing it again means that all were seen.
      guard tried.insert(delivery.grade).inserted else {
        try Outbox.release(delivery, in: database)
        break
      }
      let outcome = courier.deliver(delivery, within: Budget(milliseconds: environment.settings.gradeTimeout))
      summary.attempted += 1
      if outcome.status == .delivered { summary.delivered += 1 }
      progress()
    }
    return summary
  }
}
