import ArgumentParser
import Passerelle
import Store
import Wire

/// `passerelle grade retry`: sends grades again.
struct GradeRetry: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "retry",
      abstract: Words(
        fr: "Renvoie des notes, même celles que Moodle a déjà : le carnet de notes a pu être "
          + "réinitialisé.", en: "Send grades again, also those that Moodle has: somebody may have reset the gradebook."
      ),
      discussion: Words(
        fr: """
          Elles passent en attente ; le prochain grade sync les envoie. Nommez-les par leurs identifiants, ou par un \
          seul choix : --status, --activity, --platform (avec --course, seulement celles d’un de ses cours), ou --all.
          """,
        en: """
          They become pending; the next grade sync delivers them. Name them by their ids, or by one choice: --status, --activity, \
          --platform (with --course only those of one course of it), or --all.
          """))
  }

  @Argument(
    help: .init(
      Words(
        fr: "Les identifiants des notes, tels que les affiche grade list.",
        en: "The ids of grades, as grade list shows them.")))
  var ids: [String] = []
  @Option(
    help: .init(
      Words(
        fr: "Celles qui sont pending, delivered, failed, emptied ou gone.",
        en: "Those that are pending, delivered, failed, emptied or gone.")))
  var status: GradeStatus?
  @Option(help: .init(Words(fr: "Celles d’une activité, par son identifiant.", en: "Those of an activity, by its id.")))
  var activity: String?
  @Option(
    help: .init(
      Words(
        fr: "Celles d’un cours, par l’identifiant que Moodle lui donne ; avec --platform.",
        en: "Those of a course, by Moodle's id for it; with --platform.")))
  var course: String?
  @Option(
    help: .init(
      Words(
        fr: "Celles d’une plateforme, par son émetteur, son nom ou son identifiant.",
        en: "Those of a platform, by its issuer, name or id.")))
  var platform: String?
  @Flag(help: "All.")
  var all = false

  func validate() throws {
    let choices = [!ids.isEmpty, status != nil, activity != nil, platform != nil, all].count { $0 }
    guard choices == 1 else {
      throw ValidationError(
        Words(
          fr: "Nommez des notes par leurs identifiants, ou par l’un de --status, --activity, --platform et "
            + "--all.", en: "Name grades by ids, or by one of --status, --activity, --platform and --all."))
    }
    guard course == nil || platform != nil else {
      throw ValidationError(Words(fr: "--course demande --platform.", en: "--course needs --platform."))
    }
  }

  func run() throws {
    try Console.run {
      let workplace = try Workplace()
      let database = workplace.database
      guard ids.isEmpty else {
        let known = try Grades.known(ids, in: database)
        let unknown = ids.filter { !known.contains($0) }
        guard unknown.isEmpty else {
          throw CommandFailure(
            Words(
              fr: "il n’y a pas de note \(unknown.joined(separator: ", "))",
              en: "there is no grade \(unknown.joined(separator: ", "))"))
        }
        let again = try Grades.sendAgain(ids, in: database)
        Console.say(Words(fr: "de nouveau en attente : \(again)", en: "pending again: \(again)"))
        return
      }
      if let activity, try !Grades.hasActivity(activity, in: database) {
        throw CommandFailure(
          Words(
            fr: "il n’y a pas d’activité \(activity) ; voir : passerelle activity list",
            en: "there is no activity \(activity); see: passerelle activity list"))
      }
      let issuer = try platform.map { try workplace.platform($0).issuer }
      let selection = Grades.Selection(activity: activity, platform: issuer, course: course)
      let again = try Grades.sendAgain(status: status, selection, in: database)
      Console.say(Words(fr: "de nouveau en attente : \(again)", en: "pending again: \(again)"))
    }
  }
}
