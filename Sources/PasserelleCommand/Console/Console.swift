import ArgumentParser
import Directus
import Glibc
import Passerelle
import Postgres
import Wire

/// A command that cannot do what it was asked: one sentence for standard error, then exit status 1.
struct CommandFailure: Error {
  let reason: String

  init(_ reason: String) { self.reason = reason }
}

/// Standard output and error of the command, and how failures end it.
enum Console {
  /// Whether a person is watching standard error.
  static var isTerminal: Bool { isatty(2) == 1 }

  /// A line for standard error.
  static func note(_ line: String) { Log.standardError(line) }

  /// The bytes of a file that an option names; fails in words.
  static func contents(of path: String) throws(CommandFailure) -> [UInt8] {
    do { return try FileContents.bytes(path) } catch { throw CommandFailure("the file \(path) cannot be read") }
  }

  /// Runs a command's work; a failure becomes its sentence and exit status 1.
  static func run(_ work: () throws -> Void) throws {
    do { try work() } catch {
      switch error {
      case let failure as CommandFailure: note("passerelle: \(failure.reason)")
      case let failure as PostgresError: note("passerelle: the database: \(failure.debugDetail)")
      case let failure as SettingsProblem: note("passerelle: \(failure)")
      case let failure as MigrationError: note("passerelle: \(failure)")
      case DirectusProblem.database(let failure): note("passerelle: the database: \(failure.debugDetail)")
      case let failure as DirectusProblem: note("passerelle: \(failure)")
      case let failure as ServerProblem: note("passerelle: \(failure)")
      case let failure as AdoptionProblem: note("passerelle: \(failure)")
      default: throw error
      }
      throw ExitCode.failure
    }
  }
}

/// `--json`, which every listing takes.
struct ListingOptions: ParsableArguments {
  @Flag(help: "Print JSON instead of a table.")
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
