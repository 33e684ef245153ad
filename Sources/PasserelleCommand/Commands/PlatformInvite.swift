import ArgumentParser
import Passerelle
import Store
import Wire

/// `passerelle platform invite`: a one-time address with which a Moodle registers itself.
struct PlatformInvite: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "invite",
      abstract: "Make a one-time address with which a Moodle registers itself.",
      discussion: """
        Paste the address into Moodle: Site administration > Plugins > Activity modules > External tool > Manage tools, \
        field “Tool URL…”, button “Add LTI Advantage”. Then activate the new tool there.
        """)
  }

  @Option(help: "How long it can be used: 30m, 24h, 7d; at most 90d.")
  var expires = Lifetime(seconds: 86400)
  @Option(help: "Let in this platform alone (its name, issuer or id), and replace the addresses that are known of it.")
  var replace: String?
  @OptionGroup var listing: ListingOptions

  func run() throws {
    try Console.run {
      let workplace = try Workplace()
      let replaced = try replace.map { try workplace.platform($0) }
      let made = try Invites.make(seconds: expires.seconds, replacing: replaced?.id, in: workplace.database)
      let url = workplace.environment.settings.baseURL.insertingPath("/lti/register")
        .addingQueryItems([("invite", made.invite)])
      if listing.json {
        let answer: JSONValue = [
          "invite": .string(made.invite), "url": .string(url.description), "expiresAt": .string(made.expiresAt),
        ]
        print(answer.encoded)
      } else {
        print("\(url)\n\nPaste it into Moodle's “Tool URL…” field. It works once, until \(made.expiresAt).")
        if let replaced { print("It is for \(replaced.name) alone, and replaces the addresses that are known of it.") }
      }
    }
  }
}

/// A span of time as people write it: a number and `s`, `m`, `h` or `d`.
struct Lifetime: ExpressibleByArgument, CustomStringConvertible {
  /// How long, in seconds; from 1 to 90 days.
  let seconds: Int

  init(seconds: Int) { self.seconds = seconds }

  init?(argument: String) {
    let units: [Character: Int] = ["s": 1, "m": 60, "h": 3600, "d": 86400]
    guard let last = argument.last, let unit = units[last], let count = Int(argument.dropLast()) else { return nil }
    let (product, overflow) = count.multipliedReportingOverflow(by: unit)
    guard !overflow, (1...(90 * 86400)).contains(product) else { return nil }
    seconds = product
  }

  /// In the largest unit that divides it.
  var description: String {
    if seconds % 86400 == 0, seconds > 86400 { return "\(seconds / 86400)d" }
    if seconds % 3600 == 0 { return "\(seconds / 3600)h" }
    return seconds % 60 == 0 ? "\(seconds / 60)m" : "\(seconds)s"
  }

  var defaultValueDescription: String { description }
}
