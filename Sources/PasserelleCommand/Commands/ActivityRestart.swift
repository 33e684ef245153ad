import ArgumentParser
import Passerelle
import Postgres
import Store
import Wire

/// `passerelle activity restart`: everybody in an activity begins anew.
struct ActivityRestart: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "restart",
      abstract: Words(
        fr: "Fait recommencer tout le monde dans une activité.", en: "Let everybody in an activity begin anew."),
      discussion: Words(
        fr: """
          Ce qui a été fait est mis de côté : gardé avec sa date, exporté et effacé avec la personne, et non compté. \
          Si la progression du module est celle de la personne, elle compte aussi dans ses autres activités de ce \
          module, qui sont nommées.
          """,
        en: """
          What was done is set aside: kept with its date, exported and erased with the person, not counted. Of a module whose \
          progress is the person's it counts in their other activities of that module, too, which are named.
          """))
  }

  @Argument(
    help: .init(
      Words(
        fr: "L’identifiant de l’activité, tel que l’affiche grade list.",
        en: "The activity's id, as grade list shows it.")))
  var id: String
  @Option(
    help: .init(
      Words(
        fr: "withdraw : les notes de Moodle sont alors vides ; keep : elles restent jusqu’à ce que le "
          + "nouveau parcours en doive une.",
        en: "withdraw: Moodle's grades are empty then; keep: they stay until the new run owes one.")))
  var grade: Runs.FormerGrade = .withdraw

  func run() throws {
    try Console.run {
      let workplace = try Workplace()
      guard let activity = UUIDText(id), let learners = try Runs.learners(of: activity, in: workplace.database) else {
        throw CommandFailure(Words(fr: "il n’y a pas d’activité \(id)", en: "there is no activity \(id)"))
      }
      var restarting = Restarting(workplace: workplace, grade: grade)
      for learner in learners.compactMap({ UUIDText($0) }) {
        try restarting.restart(learner, activity: activity)
      }
      try restarting.finish()
    }
  }
}

extension Runs.FormerGrade: ExpressibleByArgument {}
