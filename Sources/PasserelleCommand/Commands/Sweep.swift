import ArgumentParser
import Passerelle

/// `passerelle sweep`: deletes what has expired. Nothing depends on it but the size of the tables.
struct Sweep: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Delete expired states, codes, sessions, tokens and invites.")

  func run() throws {
    try Console.run {
      let swept = try Housekeeping.sweep(try Workplace().database)
      print(
        "deleted: \(swept.states) states, \(swept.codes) codes, \(swept.sessions) sessions, \(swept.tokens) tokens, "
          + "\(swept.invites) invites")
    }
  }
}
