import ArgumentParser
import Passerelle
import Store
import Wire

/// `passerelle platform merge`: one site that was registered twice.
struct PlatformMerge: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "merge",
      abstract: Words(
        fr: "Donne tout d’une plateforme à une autre : c’est le même Moodle sous deux adresses.",
        en: "Give everything of one platform to another: they are the same Moodle under two addresses."),
      discussion: Words(
        fr: """
          Pour un Moodle qui a déménagé et a été enregistré de nouveau avant que platform move ne soit lancé. Les \
          personnes sont les mêmes par leur identifiant Moodle, les activités par déploiement et lien de ressource ; \
          de chaque note, la meilleure progression compte. C’est irréversible. Un Moodle qui a déménagé garde ses \
          clefs, et elles sont comparées.
          """,
        en: """
          For a Moodle that moved and was registered anew before platform move was run. People are the same by their Moodle id, \
          activities by deployment and resource link; of each grain the better progress counts. It cannot be undone. A Moodle that \
          moved keeps its keys, and they are compared.
          """))
  }

  @Argument(
    help: .init(
      Words(
        fr: "La plateforme qui disparaît : son nom, son émetteur ou son identifiant.",
        en: "The platform that goes: its name, issuer or id.")))
  var platform: String
  @Argument(help: .init(Words(fr: "La plateforme qui reste.", en: "The platform that stays.")))
  var into: String
  @Flag(
    help: .init(
      Words(
        fr: "Même si celle qui reste n’a aucune des clefs de l’autre, ou ne peut être interrogée.",
        en: "Also where the one that stays has none of the other's keys, or cannot be asked.")))
  var differentKeys = false

  func run() throws {
    try Console.run {
      let workplace = try Workplace(as: .owner)
      let from = try workplace.platform(platform)
      let stays = try workplace.platform(into)
      guard from.id != stays.id else {
        throw CommandFailure(Words(fr: "c’est une seule et même plateforme", en: "this is one platform"))
      }
      if !differentKeys { try workplace.requireKeys(of: from, at: stays.issuer) }
      let merged = try Patience.wait {
        try Merging.merge(platform: from.id, into: stays.id, in: workplace.database)
      }
      guard let merged else {
        throw CommandFailure(
          Words(
            fr: "rien n’a été réuni : une note est en cours d’envoi ; réessayez dans une minute",
            en: "nothing was merged: a grade is being delivered just now; try again in a minute"))
      }
      Console.say(
        Words(
          fr: "réunies : \(from.name), \(from.issuer) dans \(stays.name), \(stays.issuer), personnes "
            + "\(merged.people), dont en double \(merged.joined), activités \(merged.activities)",
          en:
            "merged: \(from.name), \(from.issuer) into \(stays.name), \(stays.issuer), people \(merged.people), of whom two records "
            + "\(merged.joined), activities \(merged.activities)"))
    }
  }
}
