import Passerelle
import Postgres
import Store
import Synchronization
import Wire

/// Several workers of `grade sync` in one process, each with a database session of its own.
///
/// Platforms and learners are served in parallel; a learner's grade for an activity never twice at once, by its lease.
final class SyncRun: Sendable {
  /// What a run did.
  struct Summary {
    var attempted = 0
    var delivered = 0
  }

  private struct State {
    var summary = Summary()
    var begun = 0
    var bar = ProgressBar(Words(fr: "notes", en: "grades"))
    var failure: PostgresError?
  }

  private let state = Mutex(State())
  private let limit: Int
  private let due: Int

  /// `due` is how many are expected, for the progress bar.
  init(limit: Int, due: Int) {
    self.limit = limit
    self.due = due
  }

  /// Runs the workers to their end; throws the first database failure.
  func run(workers: Int, includingWaiting: Bool, settings: Settings) throws -> Summary {
    let start = try sync(settings).start()
    Workers.run(workers) { self.work(includingWaiting, since: start, settings) }
    return try state.withLock { state in
      state.bar.finish()
      if let failure = state.failure { throw failure }
      return state.summary
    }
  }

  private func work(_ includingWaiting: Bool, since start: String, _ settings: Settings) {
    do throws(PostgresError) {
      try sync(settings).run(
        includingWaiting: includingWaiting, since: start,
        mayGoOn: {
          self.state.withLock { state in
            guard state.begun < self.limit else { return false }
            state.begun += 1
            return true
          }
        },
        tried: { wasDelivered in
          self.state.withLock { state in
            state.summary.attempted += 1
            if wasDelivered { state.summary.delivered += 1 }
            state.bar.advance(of: self.due)
          }
        })
    } catch {
      state.withLock { if $0.failure == nil { $0.failure = error } }
    }
  }

  private func sync(_ settings: Settings) -> GradeSync {
    let environment = Environment.live(settings)
    return GradeSync(environment: environment, database: Database(open: environment.connect))
  }
}
