import ArgumentParser
import Passerelle
import Wire

/// `passerelle key`: the tool's own signing keys.
struct KeyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "key", abstract: "The tool's signing keys.", subcommands: [List.self])

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the keys; private halves are never shown.")

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
}
