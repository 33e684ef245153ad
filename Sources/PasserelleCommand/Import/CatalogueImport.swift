import Passerelle
import Postgres
import Store

/// Writes a catalogue in one transaction.
enum CatalogueImport {
  /// All of it or nothing; throws a sentence that names the row which the database does not take.
  static func run(_ catalogue: Catalogue, in database: Database) throws {
    var bar = ProgressBar("import")
    let total = catalogue.modules.count + catalogue.grains.count
    var place = ""
    do throws(PostgresError) {
      try database.connection().transaction { () throws(PostgresError) in
        for module in catalogue.modules {
          place = module.place
          try Modules.upsert(module.entry, in: database)
          bar.advance(of: total)
        }
        for grain in catalogue.grains {
          place = grain.place
          try Grains.upsert(grain.entry, in: database)
          bar.advance(of: total)
        }
        place = ""
      }
    } catch {
      bar.finish()
      guard !place.isEmpty, error.kind == .server || error.kind == .decoding else { throw error }
      throw CommandFailure("\(place): \(words(error))")
    }
    bar.finish()
  }

  private static func words(_ error: PostgresError) -> String {
    switch error.constraint {
    case "modules_slug_unique": "another module has this slug"
    case "grains_slug_unique_in_module": "another grain of this module has this slug"
    default: error.description
    }
  }
}
