import ArgumentParser
import LTI
import Passerelle
import Store
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
        let found = try workplace.platform(platform)
        let registrations = try Platforms.registrations(of: found.id, in: workplace.database)
        let addresses = ToolAddresses(of: workplace.environment.settings)
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
        for registration in registrations { print(Self.lines(registration)) }
        for key in found.lti11Keys { print("  LTI 1.1 key   \(key)") }
        if !registrations.isEmpty || found.lti11Keys.isEmpty { print(addresses) }
        for key in found.lti11Keys {
          print(
            LTI11Addresses(
              of: workplace.environment.settings, key: key,
              secretWords: "shown when it was made · montré à sa création"))
        }
      }
    }

    private static func lines(_ registration: Platforms.Known) -> String {
      """
        client        \(registration.clientID)
        deployments   \(registration.deployments.joined(separator: ", "))
        auth URL      \(registration.authURL)
        token URL     \(registration.tokenURL)
        JWKS URL      \(registration.jwksURL)
      """
    }
  }

  struct Enable: ParsableCommand {
    static var configuration: CommandConfiguration {
      CommandConfiguration(abstract: "Let a platform launch again.")
    }

    @Argument(help: "The platform's name, issuer or id.")
    var platform: String

    func run() throws {
      try Console.run {
        let workplace = try Workplace()
        let found = try workplace.platform(platform)
        try Platforms.setEnabled(true, found.id, in: workplace.database)
        print("enabled: \(found.name)")
      }
    }
  }

  struct Disable: ParsableCommand {
    static var configuration: CommandConfiguration {
      CommandConfiguration(
        abstract: "Refuse a platform's launches, end its people's sessions and keep its grades waiting.",
        discussion: """
          Open sessions end at once, and what learners do is refused until they open the activity again. Enabling the \
          platform again does not bring the sessions back.
          """)
    }

    @Argument(help: "The platform's name, issuer or id.")
    var platform: String
    @Flag(help: "Let the sessions that are open go on until they end by themselves.")
    var keepSessions = false

    func run() throws {
      try Console.run {
        let workplace = try Workplace()
        let found = try workplace.platform(platform)
        try Platforms.setEnabled(false, found.id, in: workplace.database)
        print("disabled: \(found.name)")
        guard !keepSessions else { return }
        // After launches are refused, so that none is missed.
        print(try Sessions.revoke(platform: found.id, in: workplace.database).words)
      }
    }
  }
}

extension Workplace {
  /// The one platform of that name, issuer or id; fails in words where there is none, or more than one.
  func platform(_ text: String) throws -> Platforms.Listed {
    let all = try Platforms.list(in: database)
    let matches = all.filter { $0.id == text || $0.issuer == text || $0.name == text }
    guard let found = matches.first else {
      throw CommandFailure("there is no platform “\(text)”; known: \(all.map(\.name).joined(separator: ", "))")
    }
    guard matches.count == 1 else {
      throw CommandFailure("several platforms are named “\(text)”; give the issuer instead")
    }
    return found
  }
}
