import ArgumentParser
import Passerelle
import Store
import Wire

/// `passerelle learner`: what is known about people, and how it is forgotten.
struct LearnerCommand: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "learner", abstract: "Look at learners; export or erase what is held about one.",
      subcommands: [List.self, Show.self, Export.self, Erase.self])
  }

  struct List: ParsableCommand {
    static var configuration: CommandConfiguration {
      CommandConfiguration(abstract: "List learners, or find one.")
    }

    @Option(help: "A part of the name or address, or Moodle's id of the person.")
    var search: String?
    @OptionGroup var listing: ListingOptions

    func run() throws {
      try Console.run {
        let rows = try Learners.list(matching: search, in: try Workplace().database)
        listing.print(rows.map(\.json), columns: ["id", "name", "email", "activities", "lastSeenAt"])
      }
    }
  }

  struct Show: ParsableCommand {
    static var configuration: CommandConfiguration {
      CommandConfiguration(
        abstract: "Show a learner: profile, identities, progress and grades.")
    }

    @Argument(help: "The learner's id, as Directus and `grade list` show it.")
    var id: String
    @OptionGroup var listing: ListingOptions

    func run() throws {
      try Console.run {
        guard let learner = try LearnerDocument(of: id, in: try Workplace().database)?.summary else {
          throw CommandFailure("there is no learner \(id)")
        }
        if listing.json {
          print(JSONValue.object(learner).encoded)
        } else {
          for line in LearnerText.lines(learner) { print(line) }
        }
      }
    }
  }
}

/// A learner's JSON as indented lines for a person.
enum LearnerText {
  static func lines(_ object: JSONObject) -> [String] {
    object.members.flatMap { key, value -> [String] in
      switch value {
      case .array(let items):
        items.isEmpty ? ["\(key): –"] : ["\(key):"] + items.map { "  " + summary($0) }
      default: ["\(key): \(summary(value))"]
      }
    }
  }

  private static func summary(_ value: JSONValue) -> String {
    switch value {
    case .null: "–"
    case .string(let text): text
    case .object(let object):
      object.members.filter { $0.value != .null }.map { "\($0.key) \(summary($0.value))" }.joined(separator: ", ")
    default: value.encoded
    }
  }
}
