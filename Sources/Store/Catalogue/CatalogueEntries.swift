import Wire

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

/// Whose progress counts in an activity that shows a module.
package enum Scope: String, CaseIterable, Sendable {
  /// The person's: done is done, everywhere.
  case learner
  /// The activity's own: each begins at nothing.
  case activity

  /// What it means that a module has this scope from now on.
  package var wordsOfChange: Words {
    switch self {
    case .learner:
      Words(
        fr:
          "la progression est celle de la personne, dans toutes ses activités : la meilleure de ce que chacune comptait",
        en: "progress is the person's, in all of their activities: the best of what each counted")
    case .activity:
      Words(
        fr:
          "chaque activité compte la sienne : celles qui sont nouvelles partent de rien, les autres continuent avec ce que la "
          + "personne a fait",
        en: "each activity counts its own: new ones begin at nothing, the others go on with what the person has done")
    }
  }
}

/// A module as it is to be; nil members stay as they are in an update.
package struct CatalogueModule {
  /// The database's id, where an export names it.
  package var id: String?
  package let slug: Slug
  package let title: String?
  package let url: String?
  package let grading: Grading?
  package let scope: Scope?
  package let status: CatalogueStatus?
  package let position: Int?

  /// What is given of it.
  package init(
    slug: Slug, title: String?, url: String?, grading: Grading?, scope: Scope?, status: CatalogueStatus?, position: Int?
  ) {
    self.slug = slug
    self.title = title
    self.url = url
    self.grading = grading
    self.scope = scope
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
