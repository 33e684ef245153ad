import Postgres
import Store
import Wire

/// Delivers what waits: one worker of `passerelle grade sync`. Several may run side by side, in one process or on several
/// machines: a lease keeps two from delivering the same grade.
package struct GradeSync {
  private let environment: Environment
  private let database: Database

  /// A worker over one database session.
  package init(environment: Environment, database: Database) {
    self.environment = environment
    self.database = database
  }

  /// The database's time, from which a run counts; its workers share it.
  package func start() throws(PostgresError) -> String { try Outbox.time(in: database) }

  /// Leases and delivers one grade at a time until none is due that was not tried since `start`, or `mayGoOn` says no.
  ///
  /// One at a time, because a lease begins when it is taken: of a batch, the last would expire while the first is sent.
  ///
  /// - Parameters:
  ///   - includingWaiting: also grades whose next attempt lies ahead.
  ///   - mayGoOn: asked before each lease.
  ///   - tried: told after each attempt whether the platform accepted the grade.
  package func run(
    includingWaiting: Bool, since start: String, mayGoOn: () -> Bool, tried: (_ wasDelivered: Bool) -> Void
  ) throws(PostgresError) {
    let courier = GradeCourier(environment: environment, database: database)
    while mayGoOn() {
      let leased = try Outbox.leaseDue(
        includingWaiting: includingWaiting, since: start,
        leaseSeconds: GradeCourier.leaseSeconds(environment.settings), in: database)
      guard let deliveries = Delivery.list(leased) else {
        throw PostgresError(.decoding, "passerelle.lease_due answered a delivery that cannot be read")
      }
      guard let delivery = deliveries.first else { return }
      let outcomes = courier.deliver(
        delivery, takesMore: false, until: Deadline(milliseconds: environment.settings.gradeTimeout))
      tried(outcomes[delivery.grade]?.status == .delivered)
    }
  }
}
