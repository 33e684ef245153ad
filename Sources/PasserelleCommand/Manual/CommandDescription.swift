import ArgumentParser
import Foundation

/// A command as `--help` describes it: what the argument parser writes of itself as JSON (`--experimental-dump-help`).
struct CommandDescription: Decodable {
  /// An option, a flag or an argument.
  struct Argument: Decodable {
    struct Name: Decodable {
      let kind: String
      let name: String

      /// As it is typed.
      var text: String { kind == "long" ? "--\(name)" : "-\(name)" }
    }

    let kind: String
    let shouldDisplay: Bool
    let isOptional: Bool
    let isRepeating: Bool
    let names: [Name]?
    let preferredName: Name?
    let valueName: String?
    let defaultValue: String?
    let abstract: String?
    let discussion: String?
  }

  let commandName: String
  let abstract: String?
  let discussion: String?
  let subcommands: [CommandDescription]?
  let arguments: [Argument]?

  private struct Document: Decodable {
    let command: CommandDescription
  }

  /// The whole command with all that is below it.
  static func whole() throws -> CommandDescription {
    try JSONDecoder().decode(Document.self, from: Data(PasserelleCommand._dumpHelp().utf8)).command
  }
}
