import ArgumentParser
import Passerelle
import Store
import Wire

/// `passerelle learner restart`: a learner begins a module or an activity anew.
struct LearnerRestart: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "restart",
      abstract: Words(
        fr: "Fait recommencer à un apprenant un module, ou une activité.",
        en: "Let a learner begin a module, or one activity, anew."),
      discussion: Words(
        fr: """
          Ce qui a été fait est mis de côté : gardé avec sa date, exporté et effacé avec la personne, et non compté. \
          Rien ne sera envoyé pour cela plus tard.
          """,
        en: """
          What was done is set aside: kept with its date, exported and erased with the person, not counted. Nothing is sent for it \
          later.
          """))
  }

  @Argument(
    help: .init(
      Words(
        fr: "L’identifiant de l’apprenant, tel que l’affichent Directus et learner list.",
        en: "The learner's id, as Directus and learner list show it.")))
  var id: String
  @Option(
    help: .init(
      Words(
        fr: "Le slug d’un module : dans toutes les activités qui le montrent.",
        en: "The slug of a module: in every activity that shows it.")))
  var module: String?
  @Option(
    help: .init(
      Words(
        fr: "L’identifiant d’une activité, tel que l’affiche grade list : ce qui y compte.",
        en: "The id of an activity, as grade list shows it: what counts there.")))
  var activity: String?
  @Option(
    help: .init(
      Words(
        fr: "withdraw : la note de Moodle est alors vide ; keep : elle reste jusqu’à ce que le nouveau "
          + "parcours en doive une.",
        en: "withdraw: Moodle's grade is empty then; keep: it stays until the new run owes one.")))
  var grade: Runs.FormerGrade = .withdraw

  func validate() throws {
    guard (module == nil) != (activity == nil) else {
      throw ValidationError(
        Words(fr: "Donnez --module ou --activity, l’un des deux.", en: "Give --module or --activity, one of them."))
    }
  }

  func run() throws {
    try Console.run {
      let workplace = try Workplace()
      guard let learner = UUIDText(id), try Learners.exists(learner, in: workplace.database) else {
        throw CommandFailure(Words(fr: "il n’y a pas d’apprenant \(id)", en: "there is no learner \(id)"))
      }
      var restarting = Restarting(workplace: workplace, grade: grade)
      if let module {
        try CatalogueChecks.require(module, in: workplace.database)
        try restarting.restart(learner, module: module)
      } else if let activity {
        guard let known = UUIDText(activity) else {
          throw CommandFailure(Words(fr: "il n’y a pas d’activité \(activity)", en: "there is no activity \(activity)"))
        }
        try restarting.restart(learner, activity: known)
      }
      try restarting.finish()
    }
  }
}

/// Learners who begin anew, one after another, and what became of it.
struct Restarting {
  private let workplace: Workplace
  private let grade: Runs.FormerGrade
  private var restarted = 0
  private var withNothing = 0
  private var withdrawn = 0
  private var left = 0
  private var alsoCounted: Set<String> = []
  private var failures: [Words] = []

  /// Nobody yet.
  init(workplace: Workplace, grade: Runs.FormerGrade) {
    self.workplace = workplace
    self.grade = grade
  }

  /// All that counts for the module, wherever.
  mutating func restart(_ learner: UUIDText, module: String) throws {
    let (grade, database) = (grade, workplace.database)
    try record(learner) { try Runs.restart(learner: learner, module: module, grade: grade, in: database) }
  }

  /// What counts in the activity.
  mutating func restart(_ learner: UUIDText, activity: UUIDText) throws {
    let (grade, database) = (grade, workplace.database)
    alsoCounted.formUnion(try Runs.alsoCounted(learner: learner, activity: activity, in: database))
    try record(learner) { try Runs.restart(learner: learner, activity: activity, grade: grade, in: database) }
  }

  /// A grade that is on its way is waited for, as long as a lease lasts.
  private mutating func record(_ learner: UUIDText, _ restart: () throws -> Runs.Done) throws {
    let done = try Patience.wait { () throws -> Runs.Done? in
      let done = try restart()
      return done.outcome == .busy ? nil : done
    }
    guard let done else {
      failures.append(
        Words(
          fr: "\(learner.value) : une note est en cours d’envoi ; réessayez dans une minute",
          en: "\(learner.value): a grade is being delivered just now; try again in a minute"))
      return
    }
    switch done.outcome {
    case .restarted: restarted += 1
    case .nothing, .busy: withNothing += 1
    case .unknown:
      failures.append(Words(fr: "\(learner.value) : n’y est jamais venu", en: "\(learner.value): never came there"))
    case .shared: failures.append(.same("\(learner.value): \(done.outcome.rawValue)"))
    }
    guard grade == .withdraw, !done.grades.isEmpty else { return }
    let former = try FormerGrades(environment: workplace.environment, database: workplace.database)
      .withdraw(done.grades, includingWaiting: true)
    withdrawn += former.done
    left += former.left
  }

  /// Says what was done; throws when something was not.
  func finish() throws {
    Console.say(
      Words(
        fr: "recommencent : \(restarted) ; n’avaient encore rien fait : \(withNothing)",
        en: "began anew: \(restarted), nothing was done yet: \(withNothing)"))
    if grade == .withdraw {
      Console.say(
        Words(
          fr: "notes reprises : \(withdrawn) ; laissées à grade sync : \(left)",
          en: "grades taken back: \(withdrawn), left to grade sync: \(left)"))
    }
    for activity in alsoCounted.sorted() {
      Console.say(
        Words(fr: "la même progression comptait dans : \(activity)", en: "the same progress counted in: \(activity)"))
    }
    if !failures.isEmpty {
      throw CommandFailure(
        Words(
          fr: "non fait : \(failures.map(\.french).joined(separator: " ; "))",
          en: "not done: \(failures.map(\.english).joined(separator: "; "))"))
    }
  }
}
