import Postgres
import Store
import Wire

/// Takes back the grades of runs that were set aside, after somebody began anew: at once as far as time allows, and what could not be
/// done by the timer.
package struct FormerGrades {
  private let environment: Environment
  private let database: Database

  /// Over one database session.
  package init(environment: Environment, database: Database) {
    self.environment = environment
    self.database = database
  }

  /// Takes back what is due, until the deadline; answers how many were.
  ///
  /// - Parameters:
  ///   - grades: ids of grades; nil means all that are due.
  ///   - includingWaiting: also those that could not be taken back a moment ago.
  package func withdraw(_ grades: [String]? = nil, includingWaiting: Bool = false, until deadline: Deadline? = nil)
    throws(PostgresError) -> (done: Int, left: Int)
  {
    let withdrawal = GradeWithdrawal(environment: environment, database: database)
    let due = try Runs.withdrawals(of: grades, includingWaiting: includingWaiting, in: database)
    var done = 0
    for grade in due {
      if let deadline, deadline.hasPassed { break }
      if case .withdrawn = try withdrawal.withdraw(grade) { done += 1 }
    }
    return (done, due.count - done)
  }
}
