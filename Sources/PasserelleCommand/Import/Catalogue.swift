import Store
import Wire

/// Modules and grains as an administrator gives them, checked before the database sees them.
struct Catalogue {
  /// A module, and where it stands.
  struct Module {
    var entry: CatalogueModule
    /// Where in which file it stands; empty when it was typed.
    var place = Words.same("")

    init(
      slug: String, title: String?, url: String?, grading: Grading?, scope: Scope?, status: CatalogueStatus?,
      position: Int?
    ) throws {
      let slug = try Catalogue.check(slug: slug, title: title)
      if let url, WebURL(written: url) == nil {
        throw CommandFailure(
          Words(fr: "« \(url) » n’est pas une URL http ou https", en: "“\(url)” is not an http or https URL"))
      }
      entry = CatalogueModule(
        slug: slug, title: title, url: url, grading: grading, scope: scope, status: status, position: position)
    }
  }

  /// A grain of a module, and where it stands.
  struct Grain {
    var entry: CatalogueGrain
    /// Where in which file it stands; empty when it was typed.
    var place = Words.same("")

    init(module: String, slug: String, title: String?, weight: Double?, status: CatalogueStatus?, position: Int?) throws
    {
      let slug = try Catalogue.check(slug: slug, title: title)
      if let weight, !(weight > 0 && weight < 1_000_000) {
        throw CommandFailure(
          Words(
            fr: "le poids du grain « \(slug) » doit être supérieur à 0 et inférieur à un million",
            en: "the weight of grain “\(slug)” must be above 0 and below a million"))
      }
      entry = CatalogueGrain(
        module: module, slug: slug, title: title, weight: weight, status: status, position: position)
    }
  }

  var modules: [Module] = []
  var grains: [Grain] = []

  /// Grains name their modules by slug from here on, where the files hold the module: its id may be another in this database.
  mutating func resolveModules() {
    let slugs = Dictionary(
      modules.map(\.entry).compactMap { module in module.id.map { ($0, module.slug.value) } }
    ) { first, _ in first }
    for index in grains.indices {
      let module = grains[index].entry.module
      grains[index].entry.module = slugs[module.lowercased()] ?? module
    }
  }

  /// Throws, naming both places, when two rows are of one slug.
  func requireDistinct() throws {
    var places: [String: Words] = [:]
    let named =
      modules.map {
        (Words(fr: "le module « \($0.entry.slug) »", en: "module “\($0.entry.slug)”"), $0.place)
      }
      + grains.map {
        (
          Words(
            fr: "le grain « \($0.entry.slug) » de « \($0.entry.module) »",
            en: "grain “\($0.entry.slug)” of “\($0.entry.module)”"),
          $0.place
        )
      }
    for (name, place) in named {
      if let former = places.updateValue(place, forKey: name.english) {
        throw CommandFailure(
          Words(
            fr: "\(place.french) : \(name.french) est déjà dans \(former.french)",
            en: "\(place.english): \(name.english) stands in \(former.english) already"))
      }
    }
  }

  private static func check(slug text: String, title: String?) throws -> Slug {
    guard let slug = Slug(text) else {
      throw CommandFailure(
        Words(
          fr: "« \(text) » ne peut pas être un slug : prenez des lettres sans accent, des chiffres, « - », "
            + "« . », « _ » et « ~ », d’abord une lettre ou un chiffre, au plus 100",
          en:
            "“\(text)” cannot be a slug: use letters, digits, “-”, “.”, “_” and “~”, first a letter or digit, at most 100"
        ))
    }
    guard let title else { return slug }
    guard title.contains(where: { $0 != " " }), !title.holdsNUL else {
      throw CommandFailure(Words(fr: "« \(slug) » n’a pas de titre", en: "“\(slug)” has no title"))
    }
    return slug
  }
}
