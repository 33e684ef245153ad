import Adoption
import Directus
import Postgres
import Wire

/// What several commands do with Directus's tables.
enum DirectusWork {
  /// The Directus beside the collections; fails in words where there is none.
  static func tables(on connection: Connection) throws -> SystemTables {
    guard let tables = try SystemTables.find(on: connection) else {
      throw DirectusProblem.absent(elsewhere: try SystemTables.schemas(on: connection))
    }
    return tables
  }

  /// Fails in words where there is no Directus beside the collections, whatever this role may see of it.
  static func expectThere(on connection: Connection) throws {
    let schemas = try SystemTables.schemas(on: connection)
    guard schemas.contains(SystemTables.schema) else { throw DirectusProblem.absent(elsewhere: schemas) }
  }

  /// What Directus is told of the collections in use, and of learners where they are in another table.
  static func installer(_ tables: SystemTables, on connection: Connection) throws(DirectusProblem) -> MetadataInstaller
  {
    let link: AdoptedLearnersLink?
    do throws(PostgresError) { link = try AdoptedLearnersLink.read(on: connection) } catch { throw .database(error) }
    return try MetadataInstaller(tables, learners: link.map(AdoptedLearners.init), on: connection)
  }

  /// Installs what is missing and tells what that means; false when nothing was.
  static func install(_ tables: SystemTables, on connection: Connection) throws -> Bool {
    let installer = try installer(tables, on: connection)
    let missing = try installer.missing(on: connection)
    if missing.isEmpty {
      Console.say(
        Words(
          fr: "Directus \(tables.shape.rawValue) connaît les collections",
          en: "Directus \(tables.shape.rawValue) knows the collections"))
      return false
    }
    let licensed = installer.licensedCollections(among: missing)
    if licensed > 0 {
      Console.say(
        Words(
          fr: """
            ajout de \(licensed) \(licensed == 1 ? "collection" : "collections") à Directus 12, dont la licence compte \
            les collections (25 sans clef) et les sièges, c’est-à-dire les personnes ayant accès à l’application (3 sans \
            clef, administrateurs compris) : une instance au-delà d’une limite, et de ses jours de grâce, est \
            verrouillée (elle refuse son contenu, et seuls les administrateurs peuvent s’y connecter) ; passerelle \
            directus remove retire les collections
            """,
          en: """
            adding \(licensed) \(licensed == 1 ? "collection" : "collections") to Directus 12, whose licence counts \
            collections (25 without a key) and seats, which are people with access to the application (3 without a key, \
            administrators included): an instance that is over a limit, and past its days of grace, is locked (it refuses items, and \
            only administrators can log in); passerelle directus remove takes the collections away again
            """))
    }
    let added = try installer.install(on: connection)
    Console.say(
      Words(
        fr: "ajouté à Directus \(tables.shape.rawValue) : \(added)",
        en: "added to Directus \(tables.shape.rawValue): \(added)"))
    return true
  }

  /// One line for each row that is missing; translations are counted.
  static func lines(_ missing: [MetadataRow]) -> [String] {
    let texts = missing.count { $0.table == .translations }
    return missing.filter { $0.table != .translations }.map { "Directus \($0.table.noun) \($0.key)" }
      + (texts > 0 ? ["Directus translations: \(texts)"] : [])
  }
}
