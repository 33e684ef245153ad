import ArgumentParser
import Passerelle
import Store
import Wire

/// `passerelle key`: the tool's own signing keys.
struct KeyCommand: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "key", abstract: "The tool's signing keys.", subcommands: [List.self, Rotate.self, Retire.self])
  }

  struct List: ParsableCommand {
    static var configuration: CommandConfiguration {
      CommandConfiguration(abstract: "List the keys; private halves are never shown.")
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
        abstract: "Make a new key and sign with it from now on.",
        discussion:
          "The former key stays published for 24 hours, so that a rotation in the middle of traffic loses nothing.")
    }

    func run() throws {
      try Console.run {
        let workplace = try Workplace()
        let key = try ToolKeys.New(workplace.environment.settings.sealer)
        try ToolKeys.rotate(to: key, in: workplace.database)
        print("signing with: \(key.kid)")
      }
    }
  }

  struct Retire: ParsableCommand {
    static var configuration: CommandConfiguration {
      CommandConfiguration(abstract: "Stop publishing a key at once.")
    }

    @Argument(help: "The key's id, as key list shows it.")
    var kid: String

    func run() throws {
      try Console.run {
        let database = try Workplace().database
        guard try ToolKeys.signing(in: database)?.kid != kid else {
          throw CommandFailure("\(kid) is the key that signs; make another first: passerelle key rotate")
        }
        guard try ToolKeys.retire(kid, in: database) else { throw CommandFailure("there is no key \(kid) in use") }
        print("retired: \(kid)")
      }
    }
  }
}
