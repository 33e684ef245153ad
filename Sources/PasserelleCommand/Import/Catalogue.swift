import Learning
import Wire

/// Modules and grains as an administrator gives them, checked before the database sees them.
struct Catalogue {
  enum Status: String {
    case active
    case archived
  }

  /// A module; nil members stay as they are in an update.
  struct Module {
    let slug: String
    let title: String
    let url: String?
    let grading: Grading?
    let status: Status?
    let position: Int?

    init(slug: String, title: String, url: String?, grading: Grading?, status: Status?, position: Int?) throws {
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
    let module: String
    let slug: String
    let title: String
    let weight: Double?
    let status: Status?
    let position: Int?

    init(module: String, slug: String, title: String, weight: Double?, status: Status?, position: Int?) throws {
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

  private static func check(slug: String, title: String) throws {
    guard Slug(slug) != nil else {
      throw CommandFailure(
        "“\(slug)” cannot be a slug: use letters, digits, “-”, “.”, “_” and “~”, first a letter or digit, at most 100")
    }
    guard !title.isEmpty, !title.utf8.contains(0) else { throw CommandFailure("“\(slug)” has no title") }
  }
}
