import Adoption
import Store
import Wire

/// What commands ask of the modules that are there.
enum CatalogueChecks {
  /// Fails where modules and grains live in collections of an institution's own, which staff fill in Directus.
  static func expectOwn(in database: Database) throws {
    guard let adopted = try Adopted.read(on: database.connection()), let modules = adopted.tables[.modules],
      let grains = adopted.tables[.grains]
    else { return }
    throw CommandFailure(
      Words(
        fr: "les modules sont dans public.\(modules) et les grains dans public.\(grains) : ajoutez-les là",
        en: "modules live in public.\(modules) and grains in public.\(grains): add them there"))
  }

  /// Fails, naming those that exist, when there is no such module.
  static func require(_ slug: String, in database: Database) throws {
    let slugs = try Modules.list(in: database).map(\.slug)
    guard slugs.contains(slug) else {
      throw CommandFailure(
        Words(
          fr: "il n’y a pas de module « \(slug) » ; connus : \(slugs.joined(separator: ", "))",
          en: "there is no module “\(slug)”; known: \(slugs.joined(separator: ", "))"))
    }
  }
}
