/// Whether a module or grain is shown and counted.
package enum CatalogueStatus: String, CaseIterable, Sendable {
  case active
  case archived
}

/// How a module is graded, as the command and the database name it.
package enum Grading: String, CaseIterable, Sendable {
  case proportion
  case allOrNothing = "all-or-nothing"
}

/// A module as it is to be; nil members stay as they are in an update.
package struct CatalogueModule {
  /// The database's id, where an export names it.
  package var id: String?
  package let slug: Slug
  package let title: String?
  package let url: String?
  package let grading: Grading?
  package let status: CatalogueStatus?
  package let position: Int?

  /// What is given of it.
  package init(slug: Slug, title: String?, url: String?, grading: Grading?, status: CatalogueStatus?, position: Int?) {
    self.slug = slug
    self.title = title
    self.url = url
    self.grading = grading
    self.status = status
    self.position = position
  }
}

/// A grain of a module as it is to be; nil members stay as they are in an update.
package struct CatalogueGrain {
  /// The database's id, where an export names it.
  package var id: String?
  /// The module's slug or id.
  package var module: String
  package let slug: Slug
  package let title: String?
  package let weight: Double?
  package let status: CatalogueStatus?
  package let position: Int?

  /// What is given of it.
  package init(
    module: String, slug: Slug, title: String?, weight: Double?, status: CatalogueStatus?, position: Int?
  ) {
    self.module = module
    self.slug = slug
    self.title = title
    self.weight = weight
    self.status = status
    self.position = position
  }
}
