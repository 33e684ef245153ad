import ArgumentParser
import Passerelle
import Wire

/// `passerelle grade`: the grades on their way to Moodle.
struct GradeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "grade", abstract: "Look at grades and deliver those that wait.", subcommands: [List.self, Sync.self])

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List grades and where they stand.")

    @Option(help: "Only those that are none, pending, delivered or failed.")
    var status: GradeStatusOption?
    @OptionGroup var listing: ListingOptions

    func run() throws {
      try Console.run {
        let rows = try Grades.list(status: status?.rawValue, in: try Workplace().database)
        listing.print(
          rows.map(\.json),
          columns: ["id", "learner", "activity", "module", "status", "score", "maximum", "attempts", "lastErrorCode"])
      }
    }
  }

  struct Sync: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Deliver the grades that are due.",
      discussion: "Exit status 0 when no grade is left pending or failed, 1 otherwise. Safe to run twice at once.")

    @Flag(help: "Also those that wait for their next attempt.")
    var now = false
    @Option(help: "At most so many.")
    var limit: Int = 10_000

    func validate() throws {
      guard limit > 0 else { throw ValidationError("--limit must be above 0.") }
    }

    func run() throws {
      try Console.run {
        let workplace = try Workplace()
        let total = try Grades.due(includingWaiting: now, in: workplace.database)
        var bar = ProgressBar("grades")
        let summary = try GradeSync(environment: workplace.environment, database: workplace.database)
          .run(limit: limit, includingWaiting: now) { bar.advance(of: min(total, limit)) }
        bar.finish()
        let left = try Grades.counts(in: workplace.database)
        print(
          "delivered \(summary.delivered), still pending \(left.pending), failed \(left.failed) "
            + "(attempted \(summary.attempted))")
        if left.pending + left.failed > 0 { throw ExitCode.failure }
      }
    }
  }
}

/// `--status`.
enum GradeStatusOption: String, ExpressibleByArgument, CaseIterable {
  case none
  case pending
  case delivered
  case failed
}
