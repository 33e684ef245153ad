import Passerelle
import Postgres
import Store
import Wire

/// Writes a catalogue in one transaction.
enum CatalogueImport {
  /// All of it or nothing; throws a sentence that names the row which the database does not take.
  static func run(_ catalogue: Catalogue, in database: Database) throws {
    var bar = ProgressBar(.same("import"))
    let total = catalogue.modules.count + catalogue.grains.count
    var place: Words?
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
        place = nil
      }
    } catch {
      bar.finish()
      guard let place, error.kind == .server || error.kind == .decoding else { throw error }
      let words = words(error)
      throw CommandFailure(Words(fr: "\(place.french) : \(words.french)", en: "\(place.english): \(words.english)"))
    }
    bar.finish()
  }

  private static func words(_ error: PostgresError) -> Words {
    switch error.constraint {
    case "modules_slug_unique": Words(fr: "un autre module a ce slug", en: "another module has this slug")
    case "grains_slug_unique_in_module":
      Words(fr: "un autre grain de ce module a ce slug", en: "another grain of this module has this slug")
    default: .same(error.description)
    }
  }
}
