import Adoption
import Directus
import Postgres

/// What several commands do with Directus's tables.
enum DirectusWork {
  /// The Directus beside the collections; fails in words where there is none.
  static func tables(on connection: Connection) throws -> SystemTables {
    guard let tables = try SystemTables.find(on: connection) else {
      throw DirectusProblem.absent(elsewhere: try SystemTables.schemas(on: connection))
    }
    return tables
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
      print("Directus \(tables.shape.rawValue) knows the collections")
      return false
    }
    let licensed = installer.licensedCollections(among: missing)
    if licensed > 0 {
      print(
        """
        adding \(licensed) \(licensed == 1 ? "collection" : "collections") to Directus 12, whose licence counts \
        collections: an instance that is over its limit without a licence, and past its days of grace, is locked (it \
        refuses items, and only administrators can log in); passerelle directus remove takes them away again
        """)
    }
    print("added to Directus \(tables.shape.rawValue): \(try installer.install(on: connection))")
    return true
  }

  /// One line for each row that is missing; translations are counted.
  static func lines(_ missing: [MetadataRow]) -> [String] {
    let texts = missing.count { $0.table == .translations }
    return missing.filter { $0.table != .translations }.map { "Directus \($0.table.noun) \($0.key)" }
      + (texts > 0 ? ["Directus translations: \(texts)"] : [])
  }
}
