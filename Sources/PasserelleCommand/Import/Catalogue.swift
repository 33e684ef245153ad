import Learning
import Wire

/// Modules and grains as an administrator gives them, checked before the database sees them.
struct Catalogue {
  enum Status: String, CaseIterable {
    case active
    case archived
  }

  /// A module; nil members stay as they are in an update.
  struct Module {
    /// The database's id, where an export names it.
    var id: String?
    let slug: String
    let title: String?
    let url: String?
    let grading: Grading?
    let status: Status?
    let position: Int?
    /// Where in which file it stands; empty when it was typed.
    var place = ""

    init(slug: String, title: String?, url: String?, grading: Grading?, status: Status?, position: Int?) throws {
      try Catalogue.check(slug: slug, title: title)
      if let url, WebURL(url) == nil { throw CommandFailure("“\(url)” is not an http or https URL") }
      self.slug = slug
      self.title = title
      self.url = url
      self.grading = grading
      self.status = status
      self.position = position
    }
  }

  /// A grain of a module; nil members stay as they are in an update.
  struct Grain {
    /// The database's id, where an export names it.
    var id: String?
    /// The module's slug or id.
    var module: String
    let slug: String
    let title: String?
    let weight: Double?
    let status: Status?
    let position: Int?
    /// Where in which file it stands; empty when it was typed.
    var place = ""

    init(module: String, slug: String, title: String?, weight: Double?, status: Status?, position: Int?) throws {
      try Catalogue.check(slug: slug, title: title)
      if let weight, !(weight > 0 && weight < 1_000_000) {
        throw CommandFailure("the weight of grain “\(slug)” must be above 0 and below a million")
      }
      self.module = module
      self.slug = slug
      self.title = title
      self.weight = weight
      self.status = status
      self.position = position
    }
  }

  var modules: [Module] = []
  var grains: [Grain] = []

  /// Grains name their modules by slug from here on, where the files hold the module: its id may be another in this database.
  mutating func resolveModules() {
    let slugs = Dictionary(modules.compactMap { module in module.id.map { ($0, module.slug) } }) { first, _ in first }
    for index in grains.indices {
      grains[index].module = slugs[grains[index].module.lowercased()] ?? grains[index].module
    }
  }

  /// Throws, naming both places, when two rows are of one slug.
  func requireDistinct() throws {
    var places: [String: String] = [:]
    let named =
      modules.map { ("module “\($0.slug)”", $0.place) }
      + grains.map { ("grain “\($0.slug)” of “\($0.module)”", $0.place) }
    for (name, place) in named {
      if let former = places.updateValue(place, forKey: name) {
        throw CommandFailure("\(place): \(name) stands in \(former) already")
      }
    }
  }

  private static func check(slug: String, title: String?) throws {
    guard Slug(slug) != nil else {
      throw CommandFailure(
        "“\(slug)” cannot be a slug: use letters, digits, “-”, “.”, “_” and “~”, first a letter or digit, at most 100")
    }
    guard let title else { return }
    guard title.contains(where: { $0 != " " }), !title.utf8.contains(0) else {
      throw CommandFailure("“\(slug)” has no title")
    }
  }
}
