import ArgumentParser
import Passerelle
import Store
import Wire

/// `passerelle learner`: what is known about people, and how it is forgotten.
struct LearnerCommand: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "learner",
      abstract:
        Words(
          fr: "Affiche les apprenants ; exporte ou efface ce qui est gardé sur l’un d’eux ; fait "
            + "recommencer ; réunit deux fiches ; oublie ceux qui sont partis depuis longtemps.",
          en:
            "Look at learners; export or erase what is held about one; begin anew; join two records; forget who is long gone."
        ),
      subcommands: [
        List.self, Show.self, Export.self, Erase.self, LearnerRestart.self, LearnerMerge.self, LearnerExpire.self,
      ])
  }

  struct List: ParsableCommand {
    static var configuration: CommandConfiguration {
      CommandConfiguration(
        abstract: Words(fr: "Liste les apprenants, ou en cherche un.", en: "List learners, or find one."))
    }

    @Option(
      help: .init(
        Words(
          fr: "Une partie du nom ou de l’adresse, ou l’identifiant de la personne dans Moodle.",
          en: "A part of the name or address, or Moodle's id of the person.")))
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
        abstract: Words(
          fr: "Affiche un apprenant : profil, identités, progression et notes.",
          en: "Show a learner: profile, identities, progress and grades."))
    }

    @Argument(
      help: .init(
        Words(
          fr: "L’identifiant de l’apprenant, tel que l’affichent Directus et grade list.",
          en: "The learner's id, as Directus and `grade list` show it.")))
    var id: String
    @OptionGroup var listing: ListingOptions

    func run() throws {
      try Console.run {
        guard let learner = try LearnerDocument(of: id, in: try Workplace().database)?.summary else {
          throw CommandFailure(Words(fr: "il n’y a pas d’apprenant \(id)", en: "there is no learner \(id)"))
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
