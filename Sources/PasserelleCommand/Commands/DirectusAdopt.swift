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
      commandName: "adopt",
      abstract: Words(
        fr: "Vit dans des collections qui existent déjà ; propose comment ; les rend.",
        en: "Live in collections that exist already; propose how; give them back."),
      discussion: Words(
        fr: """
          Une carte dit quelles tables contiennent les apprenants, les modules, les grains et la progression, et \
          lesquelles de leurs colonnes disent quoi ; Sources/Adoption/README.fr.md la décrit. Rien de ce qui est à vous n’est modifié ni \
          supprimé : les nouvelles colonnes, déclencheurs et un index sont nommés d’abord, puis chaque instruction est \
          affichée. Tout se fait en une transaction, ou rien.
          """,
        en: """
          A map says which tables hold learners, modules, grains and progress, and which of their columns say what; \
          Sources/Adoption/README.md describes it. Nothing of yours is altered or dropped: new columns, triggers and an index are named first, then every \
          statement is printed. All of it happens in one transaction, or none.
          """))
  }

  @Option(help: .init(Words(fr: "La carte à mettre en vigueur.", en: "The map to put in force.")), completion: .file())
  var map: String?

  @Flag(
    help: .init(
      Words(
        fr: "Affiche une carte qui convient au contenu de la base, avec des commentaires sur ce qui a "
          + "été deviné.", en: "Print a map that fits what the database holds, with comments on what was guessed.")))
  var propose = false

  @Flag(
    help: .init(
      Words(
        fr: "Rend les collections : le schéma de la base est tel qu’avant.",
        en: "Give the collections back: the database's schema is as it was before.")))
  var undo = false

  @Flag(
    help: .init(
      Words(
        fr: "Avec --undo : oublie les identités, inscriptions et notes des personnes des tables adoptées.",
        en: "With --undo: forget identities, enrolments and grades of people in the adopted tables.")))
  var forget = false

  @Flag(
    name: .customLong("dry-run"),
    help: .init(
      Words(
        fr: "Essaie tout et l’annule : affiche ce qui serait fait.",
        en: "Try everything and roll it back: print what would be done.")))
  var isRehearsal = false

  @Flag(
    name: .customLong("sql"),
    help:
      .init(
        Words(
          fr: "Affiche ce que seul le propriétaire des tables peut faire, comme script pour psql ; avec "
            + "--undo, ce que ce propriétaire retire.",
          en:
            "Print what only the owner of the tables may do, as a script for psql; with --undo, what that owner takes away."
        )))
  var asScript = false

  @Option(
    help: .init(
      Words(
        fr: "Un fichier qui contient l’URL de connexion du propriétaire des tables, qui fait alors cette "
          + "partie du même coup.",
        en: "A file that holds the connection URL of the tables' owner, who then does that part in the same go.")),
    completion: .file())
  var ownerURLFile: String?

  @OptionGroup var access: DirectusAccess

  func validate() throws {
    guard [map != nil, propose, undo].count(where: { $0 }) == 1 else {
      throw ValidationError(
        Words(
          fr: "Dites l’un de --map FICHIER, --propose et --undo.", en: "Say one of --map FILE, --propose and --undo."))
    }
    if forget && !undo {
      throw ValidationError(Words(fr: "--forget va avec --undo.", en: "--forget goes with --undo."))
    }
    if asScript && (propose || isRehearsal || ownerURLFile != nil) {
      throw ValidationError(
        Words(
          fr: "--sql affiche un script et ne fait rien d’autre : il va avec --map FICHIER ou --undo.",
          en: "--sql prints a script and does nothing else: it goes with --map FILE or --undo."))
    }
    if ownerURLFile != nil && (propose || isRehearsal) {
      throw ValidationError(
        Words(
          fr: "--owner-url-file va avec --map FICHIER ou --undo.",
          en: "--owner-url-file goes with --map FILE or --undo."))
    }
    if isRehearsal && propose {
      throw ValidationError(
        Words(fr: "--propose ne change rien dans tous les cas.", en: "--propose changes nothing in any case."))
    }
  }

  func run() throws {
    try Console.run {
      let workplace = try Workplace(as: .owner)
      let connection = try workplace.database.connection()
      do throws(AdoptionProblem) {
        if asScript {
          try printScript(connection)
        } else if propose {
          let proposal = try Proposal.read(on: connection, in: Console.language)
          guard proposal.lacking.isEmpty else {
            throw .refused(
              Words(
                fr:
                  "ce rôle de base de données ne peut pas regarder dans les tables ; leur propriétaire doit lancer :\n"
                  + proposal.lacking.joined(separator: "\n"),
                en: "this database role may not look into the tables; as their owner run:\n"
                  + proposal.lacking.joined(separator: "\n")))
          }
          print(proposal.text, terminator: "")
        } else if undo {
          let outcome = try Adoption.undo(
            forgets: forget, migrator: Migrator(seams: Adoption.seams), on: connection, witness: CollectionsWitness(),
            isRehearsal: isRehearsal)
          report(outcome, Words(fr: "rendu", en: "given back"))
          try takeFromOwner(outcome)
        } else if let map {
          try adopt(map, connection)
        }
      } catch {
        throw failure(error)
      }
      if asScript { return }
      if map != nil && !isRehearsal { tellDirectus(connection) }
      if map != nil && !isRehearsal, let kid = try workplace.makeFirstKey() {
        Console.say(Words(fr: "clef de l’outil créée : \(kid)", en: "made the tool's key: \(kid)"))
      }
      try refresh(workplace.environment.settings, connection)
    }
  }

  /// What Directus keeps in memory of the tables is not true any more.
  private func refresh(_ settings: Settings, _ connection: Connection) throws {
    guard !propose, !isRehearsal else { return }
    let isThere = try SystemTables.schemas(on: connection).contains(SystemTables.schema)
    if isThere || access.url != nil { try access.refresh(settings) }
  }

  /// Directus is told of what is Passerelle's own beside the adopted collections: *Grades*, in any case.
  private func tellDirectus(_ connection: Connection) {
    do {
      guard let tables = try SystemTables.find(on: connection) else { return }
      _ = try DirectusWork.install(tables, on: connection)
    } catch {
      Console.note(
        Words(
          fr: "adopté, mais Directus n’a pas été informé des notes : \(Words(of: error).french)\npuis "
            + "lancez : passerelle migrate",
          en:
            "adopted, but Directus was not told of the grades: \(Words(of: error).english)\nthen run: passerelle migrate"
        ))
    }
  }

  private func read(_ path: String) throws(AdoptionProblem) -> String {
    guard let bytes = try? FileContents.bytes(path), let text = FileContents.text(bytes) else {
      throw .refused(
        Words(
          fr: "la carte \(path) est illisible, ou n’est pas en UTF-8",
          en: "the map \(path) cannot be read, or is not UTF-8"))
    }
    return text
  }

  private func printScript(_ connection: Connection) throws(AdoptionProblem) {
    guard let map else {
      let undoing = try Adoption.ownersUndoing(on: connection)
      return print(undoing.isEmpty ? "-- Nothing is the owner's alone." : undoing.script, terminator: "")
    }
    print(try Adoption.ownersPart(try read(map), on: connection).script(for: map), terminator: "")
  }

  private func adopt(_ path: String, _ connection: Connection) throws(AdoptionProblem) {
    let text = try read(path)
    let owner = try ownersConnection()
    if let owner {
      let part = try Adoption.ownersPart(text, on: connection)
      try run(part.steps.map(\.sql), on: owner)
      for step in part.steps {
        Console.say(
          Words(
            fr: "en tant que propriétaire des tables : \(step.words.french)",
            en: "as the owner of the tables: \(step.words.english)"))
      }
      do throws(AdoptionProblem) { try adopt(text, on: connection) } catch {
        try run(part.steps.reversed().compactMap(\.undo), on: owner)
        throw error
      }
    } else {
      try adopt(text, on: connection)
    }
  }

  private func adopt(_ text: String, on connection: Connection) throws(AdoptionProblem) {
    let outcome = try Adoption.adopt(
      text, migrator: Migrator(seams: Adoption.seams), on: connection, witness: CollectionsWitness(),
      isRehearsal: isRehearsal)
    report(outcome, Words(fr: "adopté", en: "adopted"))
  }

  /// The connection of whoever owns the tables; nil where none was named. The address, with its password, comes from a file.
  private func ownersConnection() throws(AdoptionProblem) -> Connection? {
    guard let ownerURLFile else { return nil }
    guard let bytes = try? FileContents.bytes(ownerURLFile), let text = FileContents.text(bytes) else {
      throw .refused(
        Words(
          fr: "le fichier \(ownerURLFile) est illisible, ou n’est pas en UTF-8",
          en: "the file \(ownerURLFile) cannot be read, or is not UTF-8"))
    }
    let lines = text.split(whereSeparator: \.isNewline)
    guard lines.count == 1, let url = lines.first else {
      throw .refused(
        Words(
          fr: "le fichier \(ownerURLFile) ne contient pas une URL de connexion : une ligne",
          en: "the file \(ownerURLFile) does not hold a connection URL: one line"))
    }
    do throws(PostgresError) {
      return try Connection(
        conninfo: String(url), applicationName: "passerelle-admin", connectTimeout: 10_000, queryTimeout: 300_000)
    } catch { throw .database(error) }
  }

  private func run(_ statements: [String], on owner: Connection) throws(AdoptionProblem) {
    do throws(PostgresError) {
      try owner.transaction { () throws(PostgresError) in
        try owner.script("set local lock_timeout = '15s'")
        for statement in statements { try owner.script(statement) }
      }
    } catch { throw .database(error) }
  }

  /// What only the owner takes away: now, where their connection was named, otherwise as a script.
  private func takeFromOwner(_ outcome: Adoption.Report) throws(AdoptionProblem) {
    guard !isRehearsal, let script = outcome.scriptForOwner else { return }
    guard let owner = try ownersConnection() else {
      Console.say(
        Words(
          fr: "laissé au propriétaire des tables, qui le lance avec psql :\n\n\(script)",
          en: "left to the owner of the tables, who runs it with psql:\n\n\(script)"), terminator: "")
      return
    }
    try run(outcome.statementsForOwner, on: owner)
    for statement in outcome.statementsForOwner {
      Console.say(
        Words(fr: "en tant que propriétaire des tables : \(statement)", en: "as the owner of the tables: \(statement)"))
    }
  }

  private func report(_ outcome: Adoption.Report, _ done: Words) {
    for words in outcome.words { Console.say(words) }
    print("")
    for migration in outcome.migrations { print("-- migration \(migration.number) \(migration.name)") }
    for statement in outcome.statements { print(statement + ";\n") }
    for count in outcome.counts { print(count) }
    for warning in outcome.warnings {
      Console.say(Words(fr: "note : \(warning.french)", en: "note: \(warning.english)"))
    }
    Console.say(
      isRehearsal
        ? Words(fr: "essayé et annulé : rien n’a changé", en: "tried and rolled back: nothing has changed") : done)
  }

  /// A map's problems begin with the file's name, as compilers print them.
  private func failure(_ problem: AdoptionProblem) -> CommandFailure {
    if case .owners(let part) = problem, let map { return CommandFailure(part.words(ShellWord.quoted(map))) }
    guard case .map(let problems) = problem, let map else { return CommandFailure(problem.words) }
    func lines(_ language: Language) -> String {
      problems.problems.map { "\(map), \($0.words[language])" }.joined(separator: "\n")
    }
    return CommandFailure(
      Words(fr: "rien n’a été adopté :\n" + lines(.french), en: "nothing was adopted:\n" + lines(.english)))
  }
}
