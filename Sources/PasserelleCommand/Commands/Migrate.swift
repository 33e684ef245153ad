import Adoption
import ArgumentParser
import Directus
import Passerelle
import Postgres
import Schema
import Store
import Wire

/// `passerelle migrate`: brings the database's schema up to date, makes the tool's key on the first run, and tells
/// Directus of the collections.
struct Migrate: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      abstract:
        Words(
          fr: "Met la base à jour ; crée la clef de l’outil la première fois ; informe Directus des "
            + "collections.",
          en: "Bring the database up to date; make the tool's key on the first run; tell Directus of the collections."),
      discussion: Words(
        fr: """
          Si les tables de Directus sont dans le schéma public, ses métadonnées sont installées : noms, champs, \
          relations, vues des tables. Seul ce qui manque est inséré ; ce qu’un administrateur a changé reste.
          """,
        en: """
          Where Directus's tables are in schema public, its metadata is installed: names, fields, relations, table views. Only \
          what is missing is inserted; what an administrator changed stays.
          """))
  }

  @Flag(
    help: .init(
      Words(
        fr: "Dit seulement ce qui manque ou diffère ; code de sortie 1 dans ce cas.",
        en: "Only say what is missing or differs; exit status 1 when something does.")))
  var check = false

  @Flag(
    name: .customLong("no-directus"),
    help: .init(Words(fr: "Laisse les tables de Directus tranquilles.", en: "Leave Directus's own tables alone.")))
  var withoutDirectus = false

  @Flag(
    name: .customLong("directus"),
    help: .init(
      Words(fr: "Échoue si la base ne contient pas Directus.", en: "Fail when the database holds no Directus.")))
  var withDirectus = false

  @Option(
    help: .init(
      Words(
        fr: """
          Le rôle de base de données du serveur web : il reçoit les droits qu’il lui faut et aucun autre, maintenant \
          et à chaque migrate suivant. Le nom du propriétaire lui-même : il n’y a pas d’autre rôle.
          """,
        en: """
          The database role of the web server: it gets the rights that it needs and no others, now and at each later migrate. The \
          owner's own name: there is no other role.
          """)))
  var webRole: String?

  @Option(
    help: .init(
      Words(
        fr: """
          Le rôle de base de données de Directus, s’il n’est pas le propriétaire des tables de Directus, ou s’il vient \
          plus tard : il peut utiliser les cinq collections dès qu’elles sont là, maintenant et à chaque migrate \
          suivant.
          """,
        en: """
          The database role of Directus, where it is not the owner of Directus's tables, or comes later: it may use the five \
          collections from the moment they are there, now and at each later migrate.
          """)))
  var directusRole: String?

  @OptionGroup var access: DirectusAccess

  func validate() throws {
    guard !(check && (webRole != nil || directusRole != nil)) else {
      throw ValidationError(
        Words(
          fr: "--check ne change rien : retirez --web-role et --directus-role",
          en: "--check changes nothing: leave out --web-role and --directus-role"))
    }
    guard !(withDirectus && withoutDirectus) else {
      throw ValidationError(
        Words(fr: "--directus et --no-directus s’excluent", en: "--directus and --no-directus exclude each other"))
    }
  }

  func run() throws {
    try Console.run {
      let workplace = try Workplace(as: .owner)
      let connection = try workplace.database.connection()
      let migrator = Migrator(seams: Adoption.seams, webRole: webRole, directusRole: directusRole)
      let pending = try migrator.pending(on: connection)
      try Self.expectFreeNames(on: connection)
      if check { return try report(workplace, connection, migrator, pending) }
      let outcome = try migrator.migrate(on: connection)
      for migration in outcome.applied {
        Console.say(
          Words(
            fr: "appliquée : \(migration.number) \(migration.name)",
            en: "applied: \(migration.number) \(migration.name)"))
      }
      if outcome.madeGrades {
        Console.say(
          Words(
            fr: """
              recréée : public.grades, qui était perdue ; chaque note due selon la progression attend comme échouée \
              (grades_restored) : regardez le carnet de notes de Moodle, puis envoyez-les : passerelle grade retry \
              --status failed
              """,
            en: """
              made anew: public.grades, which was lost; every grade that the progress owes waits as failed (grades_restored): \
              look into Moodle's gradebook, then send them with: passerelle grade retry --status failed
              """))
      }
      if outcome.madeFunctions {
        Console.say(Words(fr: "créés : fonctions, vues et déclencheurs", en: "made: functions, views and triggers"))
      }
      for statement in outcome.granted { Console.say(Words(fr: "accordé : \(statement)", en: "granted: \(statement)")) }
      if let kid = try workplace.makeFirstKey() {
        Console.say(Words(fr: "clef de l’outil créée : \(kid)", en: "made the tool's key: \(kid)"))
      }
      Console.say(Words(fr: "à jour : \(migrator.latest)", en: "up to date: \(migrator.latest)"))
      guard let tables = try directus(on: connection) else { return }
      if try DirectusWork.install(tables, on: connection) || access.url != nil {
        try access.refresh(workplace.environment.settings)
      }
      try sayRights(connection)
    }
  }

  /// What `learner export` and `learner erase` would refuse for, of the one list that they print, too.
  private func sayRights(_ connection: Connection) throws {
    let missing = try DirectusRights.missing(on: connection).joined(separator: "\n")
    guard !missing.isEmpty else { return }
    Console.say(
      Words(
        fr:
          "il manque encore des droits dans les tables de Directus, que learner export et learner erase exigent ; leur "
          + "propriétaire doit lancer :\n" + missing,
        en:
          "rights are still missing in Directus's tables, which learner export and learner erase insist on; as their owner run:\n"
          + missing))
  }

  /// Says what is missing or another, and fails when something is.
  private func report(
    _ workplace: Workplace, _ connection: Connection, _ migrator: Migrator, _ pending: [Migration]
  ) throws {
    for migration in pending { Console.say(Self.missing("\(migration.number) \(migration.name)")) }
    let lost = try migrator.tableDifferences(on: connection)
    for difference in lost {
      Console.say(
        Words(
          fr: "diffère : \(difference.words.french) ; \(difference.mend.french)",
          en: "differs: \(difference.words.english); \(difference.mend.english)"))
    }
    guard lost.isEmpty else {
      throw CommandFailure(
        Words(
          fr: "il manque à la base des tables ou des colonnes à elle, voir ci-dessus",
          en: "the database lacks tables or columns of its own, see above"))
    }
    let differences = try pending.isEmpty ? migrator.differences(on: connection) : []
    for difference in differences {
      Console.say(Words(fr: "diffère : \(difference.words.french)", en: "differs: \(difference.words.english)"))
    }
    let grants =
      try pending.isEmpty ? migrator.webGrants(on: connection) + migrator.directusGrants(on: connection) : []
    for statement in grants { Console.say(Self.missing(statement)) }
    let hasKey = try pending.isEmpty && ToolKeys.signing(in: workplace.database) != nil
    if !hasKey { Console.say(Words(fr: "manque : la clef de l’outil", en: "missing: the tool's key")) }
    var metadata: [MetadataRow] = []
    if let tables = try directus(on: connection) {
      let installer =
        pending.isEmpty
        ? try DirectusWork.installer(tables, on: connection)
        : MetadataInstaller(tables, collections: Set(Metadata.collections.map(\.name)))
      metadata = try installer.missing(on: connection)
      for line in DirectusWork.lines(metadata) { Console.say(Self.missing(line)) }
    }
    guard pending.isEmpty, differences.isEmpty, grants.isEmpty, hasKey, metadata.isEmpty else {
      throw CommandFailure(
        Words(
          fr: "la base n’est pas à jour ; lancez : passerelle migrate",
          en: "the database is not up to date; run: passerelle migrate"))
    }
    Console.say(Words(fr: "à jour : \(migrator.latest)", en: "up to date: \(migrator.latest)"))
  }

  /// The Directus to tell of the collections; nil when there is none or it is to be left alone.
  private func directus(on connection: Connection) throws -> SystemTables? {
    if withoutDirectus { return nil }
    return withDirectus ? try DirectusWork.tables(on: connection) : try SystemTables.find(on: connection)
  }

  /// Tables that an institution gave the names of Passerelle's own stay as they are.
  private static func expectFreeNames(on connection: Connection) throws {
    let taken = try Adoption.collisions(on: connection).map { "public.\($0)" }
    guard !taken.isEmpty else { return }
    throw CommandFailure(
      Words(
        fr:
          "\(taken.joined(separator: ", ")) \(taken.count == 1 ? "existe déjà et n’est" : "existent déjà et ne sont") pas de "
          + "Passerelle ; pour vivre dans des collections existantes : passerelle directus adopt --propose",
        en:
          "\(taken.joined(separator: ", ")) \(taken.count == 1 ? "is" : "are") there already and not Passerelle's; to live in "
          + "collections that exist: passerelle directus adopt --propose"))
  }

  private static func missing(_ what: String) -> Words { Words(fr: "manque : \(what)", en: "missing: \(what)") }
}
