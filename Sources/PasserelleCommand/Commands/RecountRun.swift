import Glibc
import Postgres
import Store
import Wire

/// The first thing that a run of `grade sync` does: it computes what a big edit of a catalogue left, in batches so short that
/// nobody who reports progress waits for one longer than a moment.
struct RecountRun {
  /// A batch that took longer is followed by a smaller one.
  static let longest = 60
  /// A batch that was quicker is followed by a bigger one.
  static let shortest = 25

  private let deadline: Deadline

  /// For so many seconds at most; what is left then the next run does.
  init(seconds: Int) { deadline = Deadline(milliseconds: seconds * 1000) }

  /// Whether nothing is left to compute.
  func run(in database: Database) throws(PostgresError) -> Bool {
    let left = try Recounts.left(in: database)
    guard left.modules > 0 else { return true }
    var bar = ProgressBar(Words(fr: "apprenants", en: "learners"))
    defer { bar.finish() }
    var limit = 50
    var inTheWay = 0
    while !deadline.hasPassed {
      let began = Deadline(milliseconds: 60_000)
      do throws(PostgresError) {
        guard let computed = try Recounts.step(limit: limit, in: database) else { return true }
        inTheWay = 0
        bar.advance(by: computed, of: left.waiting)
        let milliseconds = 60_000 - began.remainingMilliseconds
        if milliseconds > Self.longest {
          limit = max(10, limit / 2)
        } else if milliseconds < Self.shortest {
          limit = min(1000, limit * 2)
        }
      } catch {
        // Whoever works on one of these learners goes first.
        guard error.sqlState == "55P03" || error.sqlState == "40P01", inTheWay < 100 else { throw error }
        inTheWay += 1
        limit = max(10, limit / 2)
        usleep(50_000)
      }
      // Those who waited for the batch get their turn before the next.
      usleep(10_000)
    }
    return try Recounts.left(in: database).modules == 0
  }
}
