import ArgumentParser
import Glibc
import Passerelle
import Postgres
import Store
import Wire

/// `passerelle activity`: Moodle's activities.
struct ActivityCommand: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "activity",
      abstract: Words(
        fr: "Affiche les activités de Moodle, en fait recommencer une, et en oublie une qui n’existe "
          + "plus.", en: "Look at Moodle's activities, let one begin anew, and forget one that is no more."),
      subcommands: [List.self, ActivityRestart.self, Forget.self])
  }

  struct List: ParsableCommand {
    static var configuration: CommandConfiguration {
      CommandConfiguration(
        abstract: Words(
          fr: "Liste les activités, avec leurs personnes et leurs notes.",
          en: "List the activities, with their people and grades."))
    }

    @OptionGroup var listing: ListingOptions

    func run() throws {
      try Console.run {
        let rows = try Activities.list(in: try Workplace().database)
        listing.print(
          rows.map { listing.json ? $0.json : $0.line },
          columns: ["id", "platform", "course", "title", "module", "people", "grades"])
      }
    }
  }

  struct Forget: ParsableCommand {
    static var configuration: CommandConfiguration {
      CommandConfiguration(
        abstract:
          Words(
            fr: "Oublie ici une activité avec ses inscriptions et ses notes ; la progression reste, et le "
              + "carnet de notes de Moodle n’est pas touché.",
            en:
              "Forget an activity with its enrolments and grades here; progress stays, and Moodle's gradebook is not touched."
          ),
        discussion: Words(
          fr: "Pour une activité supprimée dans Moodle. L’ouvrir la recréerait.",
          en: "For one that was deleted in Moodle. A launch of it would make it anew."))
    }

    @Argument(
      help: .init(
        Words(
          fr: "L’identifiant de l’activité, tel que l’affiche activity list.",
          en: "The activity's id, as activity list shows it.")))
    var id: String
    @Flag(help: .init(Words(fr: "Ne pose pas de question.", en: "Do not ask.")))
    var yes = false

    func run() throws {
      try Console.run {
        if !yes {
          try Console.confirm(
            Words(
              fr: "Oublier cette activité et ses notes pour toujours ?",
              en: "Forget this activity and its grades for good?"),
            or: Words(fr: "rien n’a été oublié", en: "nothing was forgotten"))
        }
        guard let people = try Activities.forget(id, in: try Workplace(as: .owner).database) else {
          throw CommandFailure(
            Words(
              fr: "il n’y a pas d’activité \(id) ; voir : passerelle activity list",
              en: "there is no activity \(id); see: passerelle activity list"))
        }
        Console.say(
          Words(
            fr: "oubliée : activité \(id.lowercased()), personnes \(people)",
            en: "forgotten: activity \(id.lowercased()), people \(people)"))
      }
    }
  }
}
