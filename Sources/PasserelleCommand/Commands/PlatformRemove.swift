import ArgumentParser
import Passerelle
import Store
import Wire

/// `passerelle platform remove`: forgets a site.
struct PlatformRemove: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "remove",
      abstract: Words(
        fr: "Oublie une plateforme qui n’a personne ou, avec --forget, une plateforme avec ses personnes.",
        en: "Forget a platform that has nobody, or, with --forget, one with its people."),
      discussion: Words(
        fr: """
          Enregistrements, activités, inscriptions et notes disparaissent ; les apprenants et leur progression \
          restent. Un Moodle qui a maintenant une autre adresse ne se retire pas, il se déplace : platform move.
          """,
        en: """
          Registrations, activities, enrolments and grades go; learners and their progress stay. A Moodle that has another address \
          now is not removed but moved: platform move.
          """))
  }

  @Argument(
    help: .init(
      Words(fr: "Le nom, l’émetteur ou l’identifiant de la plateforme.", en: "The platform's name, issuer or id.")))
  var platform: String
  @Flag(
    help: .init(
      Words(
        fr: "Aussi qui sont ici ses personnes, ses activités et leurs notes.",
        en: "Also who its people are here, its activities and their grades.")))
  var forget = false

  func run() throws {
    try Console.run {
      let workplace = try Workplace(as: .owner)
      let found = try workplace.platform(platform)
      guard found.people == 0 || forget else {
        throw CommandFailure(
          Words(
            fr: "\(found.name) a \(found.people) personnes ; avec --forget, leurs activités et leurs notes "
              + "sont oubliées ici aussi",
            en:
              "\(found.name) has \(found.people) people; with --forget their activities and grades here are forgotten, too"
          ))
      }
      try Platforms.remove(found.id, in: workplace.database)
      Console.say(
        Words(
          fr: "retirée : \(found.name), \(found.issuer), personnes \(found.people)",
          en: "removed: \(found.name), \(found.issuer), people \(found.people)"))
    }
  }
}
