import ArgumentParser
import LTI
import Passerelle
import Wire

/// `passerelle platform`: the Moodle sites that may launch.
struct PlatformCommand: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "platform", abstract: "Register and look after Moodle sites.",
      subcommands: [
        PlatformAdd.self, List.self, Show.self, Enable.self, Disable.self, PlatformInvite.self, PlatformMove.self,
      ])
  }

  struct List: ParsableCommand {
    static var configuration: CommandConfiguration {
      CommandConfiguration(abstract: "List the platforms.")
    }

    @OptionGroup var listing: ListingOptions

    func run() throws {
      try Console.run {
        let rows = try Platforms.list(in: try Workplace().database)
        listing.print(rows.map(\.json), columns: ["name", "issuer", "enabled", "clients", "deployments", "people"])
      }
    }
  }

  struct Show: ParsableCommand {
    static var configuration: CommandConfiguration {
      CommandConfiguration(abstract: "Show one platform, and the addresses to paste into it.")
    }

    @Argument(help: "The platform's name, issuer or id.")
    var platform: String
    @OptionGroup var listing: ListingOptions

    func run() throws {
      try Console.run {
        let workplace = try Workplace()
        let found = try Platforms.find(platform, in: workplace.database)
        let registrations = try Platforms.registrations(of: found.id, in: workplace.database)
        let addresses = Platforms.addresses(of: workplace.environment.settings)
        if listing.json {
          var object = found.json
          object["registrations"] = .array(registrations.map { .object($0.json) })
          object["tool"] = .object(addresses.json)
          print(JSONValue.object(object).encoded)
          return
        }
        print(
          "\(found.name)\(found.enabled ? "" : " (disabled)")\n  issuer        \(found.issuer)\n  id            \(found.id)"
        )
        for registration in registrations { print(registration) }
        for key in found.lti11Keys { print("  LTI 1.1 key   \(key)") }
        if !registrations.isEmpty || found.lti11Keys.isEmpty { print(addresses) }
        for key in found.lti11Keys {
          print(
            Platforms.LTI11Addresses(
              of: workplace.environment.settings, key: key,
              secretWords: "shown when it was made · montré à sa création"))
        }
      }
    }
  }

  struct Enable: ParsableCommand {
    static var configuration: CommandConfiguration {
      CommandConfiguration(abstract: "Let a platform launch again.")
    }

    @Argument(help: "The platform's name, issuer or id.")
    var platform: String

    func run() throws { try setEnabled(true, platform) }
  }

  struct Disable: ParsableCommand {
    static var configuration: CommandConfiguration {
      CommandConfiguration(
        abstract: "Refuse a platform's launches and keep its grades waiting.")
    }

    @Argument(help: "The platform's name, issuer or id.")
    var platform: String

    func run() throws { try setEnabled(false, platform) }
  }

  private static func setEnabled(_ enabled: Bool, _ name: String) throws {
    try Console.run {
      let database = try Workplace().database
      let found = try Platforms.find(name, in: database)
      try Platforms.setEnabled(enabled, found.id, in: database)
      print("\(enabled ? "enabled" : "disabled"): \(found.name)")
    }
  }
}
