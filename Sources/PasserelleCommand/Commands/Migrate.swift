import Adoption
import ArgumentParser
import Directus
import Passerelle
import Postgres
import Schema
import Store

/// `passerelle migrate`: brings the database's schema up to date, makes the tool's key on the first run, and tells
/// Directus of the collections.
struct Migrate: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      abstract:
        "Bring the database up to date; make the tool's key on the first run; tell Directus of the collections.",
      discussion: """
        Where Directus's tables are in schema public, its metadata is installed: names, fields, relations, table views. Only \
        what is missing is inserted; what an administrator changed stays.
        """)
  }

  @Flag(help: "Only say what is missing or differs; exit status 1 when something does.")
  var check = false

  @Flag(name: .customLong("no-directus"), help: "Leave Directus's own tables alone.")
  var withoutDirectus = false

  @Flag(name: .customLong("directus"), help: "Fail when the database holds no Directus.")
  var withDirectus = false

  @Option(
    help: """
      The database role of the web server: it gets the rights that it needs and no others, now and at each later migrate. The \
      owner's own name: there is no other role.
      """)
  var webRole: String?

  @OptionGroup var access: DirectusAccess

  func validate() throws {
    guard !(webRole != nil && check) else { throw ValidationError("--check changes nothing: leave out --web-role") }
    guard !(withDirectus && withoutDirectus) else {
      throw ValidationError("--directus and --no-directus exclude each other")
    }
  }

  func run() throws {
    try Console.run {
      let workplace = try Workplace(as: .owner)
      let connection = try workplace.database.connection()
      let migrator = Migrator(seams: Adoption.seams, webRole: webRole)
      let pending = try migrator.pending(on: connection)
      try Self.expectFreeNames(on: connection)
      if check { return try report(workplace, connection, migrator, pending) }
      let outcome = try migrator.migrate(on: connection)
      for migration in outcome.applied { print("applied: \(migration.number) \(migration.name)") }
      if outcome.madeFunctions { print("made: functions, views and triggers") }
      for statement in outcome.granted { print("granted: \(statement)") }
      if let kid = try workplace.makeFirstKey() { print("made the tool's key: \(kid)") }
      print("up to date: \(migrator.latest)")
      guard let tables = try directus(on: connection) else { return }
      if try DirectusWork.install(tables, on: connection) || access.url != nil {
        try access.refresh(workplace.environment.settings)
      }
    }
  }

  /// Says what is missing or another, and fails when something is.
  private func report(
    _ workplace: Workplace, _ connection: Connection, _ migrator: Migrator, _ pending: [Migration]
  ) throws {
    for migration in pending { print("missing: \(migration.number) \(migration.name)") }
    let differences = try pending.isEmpty ? migrator.differences(on: connection) : []
    for difference in differences { print("differs: \(difference.words)") }
    let grants = try pending.isEmpty ? migrator.webGrants(on: connection) : []
    for statement in grants { print("missing: \(statement)") }
    let hasKey = try pending.isEmpty && ToolKeys.signing(in: workplace.database) != nil
    if !hasKey { print("missing: the tool's key") }
    var metadata: [MetadataRow] = []
    if let tables = try directus(on: connection) {
      let installer =
        pending.isEmpty
        ? try DirectusWork.installer(tables, on: connection)
        : MetadataInstaller(tables, collections: Set(Metadata.collections.map(\.name)))
      metadata = try installer.missing(on: connection)
      for line in DirectusWork.lines(metadata) { print("missing: \(line)") }
    }
    guard pending.isEmpty, differences.isEmpty, grants.isEmpty, hasKey, metadata.isEmpty else {
      throw CommandFailure("the database is not up to date; run: passerelle migrate")
    }
    print("up to date: \(migrator.latest)")
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
      "\(taken.joined(separator: ", ")) \(taken.count == 1 ? "is" : "are") there already and not Passerelle's; to live in "
        + "collections that exist: passerelle directus adopt --propose")
  }
}
