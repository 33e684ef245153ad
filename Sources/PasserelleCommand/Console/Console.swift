import Adoption
import ArgumentParser
import Directus
import Glibc
import Passerelle
import Postgres
import Schema
import Wire

/// A command that cannot do what it was asked: one sentence for standard error, then exit status 1.
struct CommandFailure: Explained {
  let words: Words

  init(_ words: Words) { self.words = words }
}

/// Standard output and error of the command, and how failures end it.
enum Console {
  /// Whether a person is watching standard error.
  static var isTerminal: Bool { isatty(2) == 1 }

  /// The language of the person who typed the command.
  static let language = Language(ofProcess: { getenv($0).map { String(cString: $0) } })

  /// A line for standard output.
  static func say(_ words: Words, terminator: String = "\n") { print(words[language], terminator: terminator) }

  /// A line for standard error.
  static func note(_ words: Words) { Log.standardError("passerelle: \(words[language])") }

  /// Asks a person on a terminal; throws with what follows from anything but “yes”, and where there is nobody to ask.
  static func confirm(_ question: Words, or refusal: Words) throws(CommandFailure) {
    guard isatty(STDIN_FILENO) == 1 else {
      throw CommandFailure(
        Words(
          fr: "\(refusal.french) : il n’y a pas de terminal où le demander ; ajoutez --yes si c’est voulu",
          en: "\(refusal.english): there is no terminal to ask on; add --yes if it is meant"))
    }
    Log.raw(Words(fr: "\(question.french) Tapez oui : ", en: "\(question.english) Type yes: ")[language])
    // A habit of the other language is meant as well as the word that was asked for.
    guard let answer = readLine(), ["yes", "oui"].contains(answer) else { throw CommandFailure(refusal) }
  }

  /// The bytes of a file that an option names; fails in words.
  static func contents(of path: String) throws(CommandFailure) -> [UInt8] {
    do { return try FileContents.bytes(path) } catch {
      throw CommandFailure(Words(fr: "le fichier \(path) est illisible", en: "the file \(path) cannot be read"))
    }
  }

  /// Runs a command's work; a failure becomes its sentence and exit status 1.
  static func run(_ work: () throws -> Void) throws {
    do { try work() } catch {
      guard let words = words(of: error) else { throw error }
      note(words)
      throw ExitCode.failure
    }
  }

  /// What a person at the console is told of an error: of the database's all that it said.
  static func words(of error: any Error) -> Words? {
    switch error {
    case let failure as PostgresError, DirectusProblem.database(let failure):
      Words(fr: "la base de données : \(failure.debugDetail)", en: "the database: \(failure.debugDetail)")
    case let failure as any Explained: failure.words
    default: nil
    }
  }
}

extension Words {
  /// An error in words, whatever it is.
  init(of error: any Error) { self = Console.words(of: error) ?? .same("\(error)") }
}

extension ArgumentHelp {
  /// A line of `--help`.
  init(_ words: Words) { self.init(words[Console.language]) }
}

extension CommandConfiguration {
  /// A command, described in both languages.
  init(
    commandName: String? = nil, abstract: Words, discussion: Words = .same(""), version: String = "",
    subcommands: [any ParsableCommand.Type] = []
  ) {
    self.init(
      commandName: commandName, abstract: abstract[Console.language], discussion: discussion[Console.language],
      version: version, subcommands: subcommands)
  }
}

extension ValidationError {
  /// Why the options do not go together.
  init(_ words: Words) { self.init(words[Console.language]) }
}

/// `--json`, which every listing takes.
struct ListingOptions: ParsableArguments {
  @Flag(help: .init(Words(fr: "Affiche du JSON au lieu d’un tableau.", en: "Print JSON instead of a table.")))
  var json = false

  /// Prints rows as a JSON array of objects, or as a table with these columns.
  func print(_ rows: [JSONObject], columns: [String]) {
    if json {
      Swift.print(JSONValue.array(rows.map(JSONValue.object)).encoded)
    } else {
      Swift.print(Table(columns: columns, rows: rows).text, terminator: "")
    }
  }
}

/// Rows in aligned columns, headed by the names that JSON uses too.
struct Table {
  let columns: [String]
  let rows: [JSONObject]

  var text: String {
    let cells = [columns] + rows.map { row in columns.map { Self.cell(row[$0]) } }
    let widths = columns.indices.map { column in cells.map { $0[column].count }.max() ?? 0 }
    return cells.map { line in
      var text = ""
      for (index, cell) in line.enumerated() {
        text += index == line.count - 1 ? cell : cell + String(repeating: " ", count: widths[index] - cell.count + 2)
      }
      return text + "\n"
    }.joined()
  }

  private static func cell(_ value: JSONValue?) -> String {
    switch value {
    case nil, .null: "–"
    case .string(let text): text
    case .array(let values): values.map(cell).joined(separator: ", ")
    case .some(let value): value.encoded
    }
  }
}
