import ArgumentParser
import Passerelle
import Store
import Wire

/// `passerelle grade`: the grades on their way to Moodle.
struct GradeCommand: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "grade",
      abstract: Words(
        fr: "Affiche les notes et envoie celles qui attendent.", en: "Look at grades and deliver those that wait."),
      subcommands: [List.self, Sync.self, GradeRetry.self, GradeVerify.self, GradeWithdraw.self, Recompute.self])
  }

  struct List: ParsableCommand {
    static var configuration: CommandConfiguration {
      CommandConfiguration(
        abstract: Words(fr: "Liste les notes et où elles en sont.", en: "List grades and where they stand."))
    }

    @Option(
      help: .init(
        Words(
          fr: "Seulement celles qui sont none, pending, delivered, failed, emptied ou gone.",
          en: "Only those that are none, pending, delivered, failed, emptied or gone.")))
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
          columns: [
            "id", "platform", "course", "title", "module", "name", "status", "score", "maximum", "attempts",
            "lastErrorCode", "activity", "learner",
          ])
      }
    }
  }

  struct Sync: ParsableCommand {
    static var configuration: CommandConfiguration {
      CommandConfiguration(
        abstract: Words(
          fr: "Calcule les notes laissées par une grosse modification, et envoie celles dont c’est l’heure.",
          en: "Compute the grades that a big edit left, and deliver those that are due."),
        discussion: Words(
          fr: "Code de sortie 0 quand aucune note ne reste en attente ou en échec, 1 sinon. Peut être "
            + "lancée deux fois en même temps.",
          en: "Exit status 0 when no grade is left pending or failed, 1 otherwise. Safe to run twice at once."))
    }

    @Flag(
      help: .init(
        Words(fr: "Aussi celles qui attendent leur prochain essai.", en: "Also those that wait for their next attempt.")
      ))
    var now = false
    @Option(help: .init(Words(fr: "Au plus tant.", en: "At most so many.")))
    var limit: Int = 100_000
    @Option(
      help: .init(
        Words(fr: "Combien sont en cours à la fois, de 1 à 16.", en: "How many are under way at once, 1 to 16.")))
    var parallel: Int = 4

    func validate() throws {
      guard limit > 0 else {
        throw ValidationError(Words(fr: "--limit doit être supérieur à 0.", en: "--limit must be above 0."))
      }
      guard (1...16).contains(parallel) else {
        throw ValidationError(Words(fr: "--parallel doit aller de 1 à 16.", en: "--parallel must be from 1 to 16."))
      }
    }

    func run() throws {
      try Console.run {
        let workplace = try Workplace()
        let isComplete = try RecountRun(seconds: 40).run(in: workplace.database)
        let former = try FormerGrades(environment: workplace.environment, database: workplace.database)
          .withdraw(includingWaiting: now)
        if former.done + former.left > 0 {
          Console.say(
            Words(
              fr: "reprises après un recommencement \(former.done), encore à reprendre \(former.left)",
              en: "taken back after a new beginning \(former.done), still to be taken back \(former.left)"))
        }
        let due = try Grades.due(includingWaiting: now, in: workplace.database)
        let summary = try SyncRun(limit: limit, due: min(due, limit)).run(
          workers: min(parallel, max(1, due)), includingWaiting: now, settings: workplace.environment.settings)
        let left = try Grades.counts(in: workplace.database)
        Console.say(
          Words(
            fr: "transmises \(summary.delivered), encore en attente \(left.pending), en échec \(left.failed) "
              + "(essayées \(summary.attempted))",
            en: "delivered \(summary.delivered), still pending \(left.pending), failed \(left.failed) "
              + "(attempted \(summary.attempted))"))
        if left.emptied > 0 {
          Console.say(
            Words(
              fr: "vidées dans Moodle \(left.emptied) : passerelle grade list --status emptied",
              en: "emptied in Moodle \(left.emptied): passerelle grade list --status emptied"))
        }
        if !isComplete {
          let waiting = try Recounts.left(in: workplace.database).waiting
          Console.say(
            Words(
              fr: "les notes de \(waiting) apprenants sont encore à recalculer",
              en: "\(waiting) learners' grades are still to be computed again"))
        }
        if left.pending + left.failed > 0 || !isComplete { throw ExitCode.failure }
      }
    }
  }

  struct Recompute: ParsableCommand {
    static var configuration: CommandConfiguration {
      CommandConfiguration(
        abstract: Words(
          fr: "Recalcule ce qui est dû, pour tous ou pour certains.",
          en: "Compute again what is owed, for all or for some."),
        discussion: Words(
          fr: """
            Les notes qui changent passent en attente. Avec --resend, toutes : après la réinitialisation d’un carnet de \
            notes, les valeurs de Moodle ne sont plus celles qu’il a acceptées en dernier.
            """,
          en: """
            Grades that come out different become pending. With --resend all of them do: after a gradebook was reset, \
            Moodle's values are not what it last accepted.
            """))
    }

    @OptionGroup var selection: GradeSelectionOptions
    @Flag(
      help: .init(
        Words(fr: "Renvoie aussi celles qui ne changent pas.", en: "Send again also those that come out equal.")))
    var resend = false

    func run() throws {
      try Console.run {
        let database = try Workplace().database
        try selection.check(in: database)
        let computed = try Grades.recompute(selection.grades, in: database)
        var again = 0
        if resend {
          again = try Grades.sendAgain(status: nil, selection.grades, in: database)
        }
        let pending = try Grades.counts(in: database).pending
        Console.say(
          Words(
            fr: "calculées \(computed), renvoyées \(again), en attente maintenant \(pending)",
            en: "computed \(computed), sent again \(again), pending now \(pending)"))
      }
    }
  }
}

extension GradeStatus: ExpressibleByArgument {}

/// `--module`, `--activity`, `--learner`: which grades are meant.
struct GradeSelectionOptions: ParsableArguments {
  @Option(
    help: .init(Words(fr: "Seulement celles d’un module, par son slug.", en: "Only those of a module, by its slug.")))
  var module: String?
  @Option(
    help: .init(
      Words(fr: "Seulement celles d’une activité, par son identifiant.", en: "Only those of an activity, by its id.")))
  var activity: String?
  @Option(
    help: .init(
      Words(fr: "Seulement celles d’un apprenant, par son identifiant.", en: "Only those of a learner, by their id.")))
  var learner: String?

  /// Those grades.
  var grades: Grades.Selection { Grades.Selection(module: module, activity: activity, learner: learner) }

  /// Fails when a module is named that does not exist.
  func check(in database: Database) throws {
    if let module { try CatalogueChecks.require(module, in: database) }
  }
}
