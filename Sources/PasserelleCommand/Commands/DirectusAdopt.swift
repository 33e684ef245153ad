import Adoption
import ArgumentParser
import Directus
import Passerelle
import Postgres
import Schema
import Wire

/// `passerelle directus adopt`: lives in collections that exist already, or gives them back.
struct DirectusAdopt: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "adopt", abstract: "Live in collections that exist already; propose how; give them back.",
      discussion: """
        A map says which tables hold learners, modules, grains and progress, and which of their columns say what; the README \
        describes it. Nothing of yours is altered or dropped: new columns, triggers and an index are named first, then every \
        statement is printed. All of it happens in one transaction, or none.
        """)
  }

  @Option(help: "The map to put in force.", completion: .file())
  var map: String?

  @Flag(help: "Print a map that fits what the database holds, with comments on what was guessed.")
  var propose = false

  @Flag(help: "Give the collections back: the database's schema is as it was before.")
  var undo = false

  @Flag(help: "With --undo: forget identities, enrolments and grades of people in the adopted tables.")
  var forget = false

  @Flag(name: .customLong("dry-run"), help: "Try everything and roll it back: print what would be done.")
  var isRehearsal = false

  @OptionGroup var access: DirectusAccess

  func validate() throws {
    guard [map != nil, propose, undo].count(where: { $0 }) == 1 else {
      throw ValidationError("Say one of --map FILE, --propose and --undo.")
    }
    if forget && !undo { throw ValidationError("--forget goes with --undo.") }
    if isRehearsal && propose { throw ValidationError("--propose changes nothing in any case.") }
  }

  func run() throws {
    try Console.run {
      let workplace = try Workplace(as: .owner)
      let connection = try workplace.database.connection()
      do throws(AdoptionProblem) {
        if propose {
          print(try Proposal.read(on: connection).text, terminator: "")
        } else if undo {
          let outcome = try Adoption.undo(
            forgets: forget, migrator: Migrator(seams: Adoption.seams), on: connection, witness: CollectionsWitness(),
            isRehearsal: isRehearsal)
          report(outcome, "given back")
        } else if let map {
          try adopt(map, connection)
        }
      } catch {
        throw failure(error)
      }
      if map != nil && !isRehearsal, let kid = try workplace.makeFirstKey() { print("made the tool's key: \(kid)") }
      try refresh(workplace.environment.settings, connection)
    }
  }

  /// What Directus keeps in memory of the tables is not true any more.
  private func refresh(_ settings: Settings, _ connection: Connection) throws {
    guard !propose, !isRehearsal else { return }
    let isThere = try SystemTables.schemas(on: connection).contains(SystemTables.schema)
    if isThere || access.url != nil { try access.refresh(settings) }
  }

  private func adopt(_ path: String, _ connection: Connection) throws(AdoptionProblem) {
    guard let bytes = try? FileContents.bytes(path), let text = FileContents.text(bytes) else {
      throw .refused("the map \(path) cannot be read, or is not UTF-8")
    }
    let outcome = try Adoption.adopt(
      text, migrator: Migrator(seams: Adoption.seams), on: connection, witness: CollectionsWitness(),
      isRehearsal: isRehearsal)
    report(outcome, "adopted")
  }

  private func report(_ outcome: Adoption.Report, _ done: String) {
    for words in outcome.words { print(words) }
    print("")
    for migration in outcome.migrations { print("-- migration \(migration.number) \(migration.name)") }
    for statement in outcome.statements { print(statement + ";\n") }
    for count in outcome.counts { print(count) }
    for warning in outcome.warnings { print("note: \(warning)") }
    print(isRehearsal ? "tried and rolled back: nothing has changed" : done)
  }

  /// A map's problems begin with the file's name, as compilers print them.
  private func failure(_ problem: AdoptionProblem) -> CommandFailure {
    guard case .map(let problems) = problem, let map else { return CommandFailure(problem.description) }
    let lines = problems.problems.map { "\(map), \($0)" }
    return CommandFailure("nothing was adopted:\n" + lines.joined(separator: "\n"))
  }
}
