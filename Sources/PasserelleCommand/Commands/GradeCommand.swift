import ArgumentParser
import Passerelle
import Store
import Wire

/// `passerelle grade`: the grades on their way to Moodle.
struct GradeCommand: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "grade", abstract: "Look at grades and deliver those that wait.",
      subcommands: [List.self, Sync.self, Retry.self, GradeWithdraw.self, Recompute.self])
  }

  struct List: ParsableCommand {
    static var configuration: CommandConfiguration {
      CommandConfiguration(abstract: "List grades and where they stand.")
    }

    @Option(help: "Only those that are none, pending, delivered or failed.")
    var status: GradeStatus?
    @OptionGroup var selection: GradeSelectionOptions
    @OptionGroup var listing: ListingOptions

    func run() throws {
      try Console.run {
        let database = try Workplace().database
        try selection.check(in: database)
        let rows = try Grades.list(status: status, selection.grades, in: database)
        listing.print(
          rows.map(\.json),
          columns: ["id", "learner", "activity", "module", "status", "score", "maximum", "attempts", "lastErrorCode"])
      }
    }
  }

  struct Sync: ParsableCommand {
    static var configuration: CommandConfiguration {
      CommandConfiguration(
        abstract: "Compute the grades that a big edit left, and deliver those that are due.",
        discussion: "Exit status 0 when no grade is left pending or failed, 1 otherwise. Safe to run twice at once.")
    }

    @Flag(help: "Also those that wait for their next attempt.")
    var now = false
    @Option(help: "At most so many.")
    var limit: Int = 100_000
    @Option(help: "How many are under way at once, 1 to 16.")
    var parallel: Int = 4

    func validate() throws {
      guard limit > 0 else { throw ValidationError("--limit must be above 0.") }
      guard (1...16).contains(parallel) else { throw ValidationError("--parallel must be from 1 to 16.") }
    }

    func run() throws {
      try Console.run {
        let workplace = try Workplace()
        let isComplete = try RecountRun(seconds: 40).run(in: workplace.database)
        let due = try Grades.due(includingWaiting: now, in: workplace.database)
        let summary = try SyncRun(limit: limit, due: min(due, limit)).run(
          workers: min(parallel, max(1, due)), includingWaiting: now, settings: workplace.environment.settings)
        let left = try Grades.counts(in: workplace.database)
        print(
          "delivered \(summary.delivered), still pending \(left.pending), failed \(left.failed) "
            + "(attempted \(summary.attempted))")
        if !isComplete {
          print("\(try Recounts.left(in: workplace.database).waiting) learners' grades are still to be computed again")
        }
        if left.pending + left.failed > 0 || !isComplete { throw ExitCode.failure }
      }
    }
  }

  struct Retry: ParsableCommand {
    static var configuration: CommandConfiguration {
      CommandConfiguration(
        abstract: "Send grades again, also those that Moodle has: somebody may have reset the gradebook.",
        discussion: "They become pending; the next grade sync delivers them.")
    }

    @Argument(help: "The ids of grades, as grade list shows them.")
    var ids: [String]

    func run() throws {
      try Console.run {
        let database = try Workplace().database
        let known = try Grades.known(ids, in: database)
        let unknown = ids.filter { !known.contains($0) }
        guard unknown.isEmpty else { throw CommandFailure("there is no grade \(unknown.joined(separator: ", "))") }
        print("pending again: \(try Grades.sendAgain(ids, in: database))")
      }
    }
  }

  struct Recompute: ParsableCommand {
    static var configuration: CommandConfiguration {
      CommandConfiguration(
        abstract: "Compute again what is owed, for all or for some.",
        discussion: """
          Grades that come out different become pending. With --resend all of them do: after a gradebook was reset, \
          Moodle's values are not what it last accepted.
          """)
    }

    @OptionGroup var selection: GradeSelectionOptions
    @Flag(help: "Send again also those that come out equal.")
    var resend = false

    func run() throws {
      try Console.run {
        let database = try Workplace().database
        try selection.check(in: database)
        let computed = try Grades.recompute(selection.grades, in: database)
        var again = 0
        if resend {
          let ids = try Grades.list(status: nil, selection.grades, in: database).compactMap {
            $0.json["id"]?.stringValue
          }
          again = try Grades.sendAgain(ids, in: database)
        }
        let pending = try Grades.counts(in: database).pending
        print("computed \(computed), sent again \(again), pending now \(pending)")
      }
    }
  }
}

extension GradeStatus: ExpressibleByArgument {}

/// `--module`, `--activity`, `--learner`: which grades are meant.
struct GradeSelectionOptions: ParsableArguments {
  @Option(help: "Only those of a module, by its slug.")
  var module: String?
  @Option(help: "Only those of an activity, by its id.")
  var activity: String?
  @Option(help: "Only those of a learner, by their id.")
  var learner: String?

  /// Those grades.
  var grades: Grades.Selection { Grades.Selection(module: module, activity: activity, learner: learner) }

  /// Fails when a module is named that does not exist.
  func check(in database: Database) throws {
    if let module { try CatalogueChecks.require(module, in: database) }
  }
}
