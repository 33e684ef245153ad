import Glibc
import Postgres
import Wire

/// Waits for whoever works with the same people just now: a learner who reports, or a grade on its way to Moodle.
enum Patience {
  /// Longer than a lease lasts.
  private static var milliseconds: Int { 30_000 }
  /// What PostgreSQL answers where somebody holds a row, or where two wait for each other.
  private static var held: Set<String> { ["55P03", "40P01"] }

  /// Does something as soon as nobody else is at it; nil when they were all the time.
  ///
  /// - Parameter attempt: does it, or answers nil because somebody is; what it had begun must be undone then, and where it throws.
  static func wait<Value>(for attempt: () throws -> Value?) throws -> Value? {
    let deadline = Deadline(milliseconds: milliseconds)
    while true {
      do {
        if let value = try attempt() { return value }
      } catch let error as PostgresError {
        guard let state = error.sqlState, held.contains(state) else { throw error }
      }
      guard !deadline.hasPassed else { return nil }
      // Of a random length, so that two do not meet again.
      usleep(UInt32.random(in: 50_000...250_000))
    }
  }
}
