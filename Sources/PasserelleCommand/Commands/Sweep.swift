import ArgumentParser
import Passerelle
import Store

/// `passerelle sweep`: deletes what has expired. Nothing depends on it but the size of the tables.
struct Sweep: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      abstract: "Delete expired states, codes, sessions, tokens, invites and lists of members.")
  }

  func run() throws {
    try Console.run {
      let swept = try Housekeeping.sweep(try Workplace().database)
      print(
        "deleted: \(swept.states) states, \(swept.codes) codes, \(swept.sessions) sessions, \(swept.tokens) tokens, "
          + "\(swept.memberships) lists of members, \(swept.invites) invites")
    }
  }
}
