import ArgumentParser
import Passerelle
import Store
import Wire

/// `passerelle key`: the tool's own signing keys.
struct KeyCommand: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "key", abstract: Words(fr: "Les clefs de signature de l’outil.", en: "The tool's signing keys."),
      subcommands: [List.self, Rotate.self, Retire.self])
  }

  struct List: ParsableCommand {
    static var configuration: CommandConfiguration {
      CommandConfiguration(
        abstract: Words(
          fr: "Liste les clefs ; leurs moitiés privées ne sont jamais montrées.",
          en: "List the keys; private halves are never shown."))
    }

    @OptionGroup var listing: ListingOptions

    func run() throws {
      try Console.run {
        let keys = try ToolKeys.published(retired: true, in: try Workplace().database)
        listing.print(
          keys.map { key in
            [
              "kid": .string(key.kid), "createdAt": .string(key.createdAt),
              "retiredAt": key.retiredAt.map(JSONValue.string) ?? .null,
            ]
          }, columns: ["kid", "createdAt", "retiredAt"])
      }
    }
  }

  struct Rotate: ParsableCommand {
    static var configuration: CommandConfiguration {
      CommandConfiguration(
        abstract: Words(
          fr: "Crée une clef et signe désormais avec elle.", en: "Make a new key and sign with it from now on."),
        discussion:
          Words(
            fr: "La clef précédente reste publiée 24 heures, pour qu’une rotation en pleine activité ne "
              + "perde rien.",
            en:
              "The former key stays published for 24 hours, so that a rotation in the middle of traffic loses nothing.")
      )
    }

    func run() throws {
      try Console.run {
        let workplace = try Workplace()
        let key = try ToolKeys.New(workplace.environment.settings.sealer)
        try ToolKeys.rotate(to: key, in: workplace.database)
        Console.say(Words(fr: "signe avec : \(key.kid)", en: "signing with: \(key.kid)"))
      }
    }
  }

  struct Retire: ParsableCommand {
    static var configuration: CommandConfiguration {
      CommandConfiguration(
        abstract: Words(fr: "Cesse aussitôt de publier une clef.", en: "Stop publishing a key at once."))
    }

    @Argument(
      help: .init(
        Words(fr: "L’identifiant de la clef, tel que l’affiche key list.", en: "The key's id, as key list shows it.")))
    var kid: String

    func run() throws {
      try Console.run {
        let database = try Workplace().database
        guard try ToolKeys.signing(in: database)?.kid != kid else {
          throw CommandFailure(
            Words(
              fr: "\(kid) est la clef qui signe ; créez-en d’abord une autre : passerelle key rotate",
              en: "\(kid) is the key that signs; make another first: passerelle key rotate"))
        }
        guard try ToolKeys.retire(kid, in: database) else {
          throw CommandFailure(Words(fr: "il n’y a pas de clef \(kid) en service", en: "there is no key \(kid) in use"))
        }
        Console.say(Words(fr: "retirée : \(kid)", en: "retired: \(kid)"))
      }
    }
  }
}
