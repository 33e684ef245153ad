import Wire

/// All that Directus is told of the five collections, as rows of its system tables.
///
/// Only columns that every Directus from 10 on has are named, and what has a default that fits is left to it.
package enum Metadata {
  /// The folder that holds the collections: a collection without a table, which no licence counts.
  package static let folder = "passerelle"

  /// The collections, in the order of the navigation.
  package static let collections: [CollectionDescription] = [.learners, .progress, .grades, .modules, .grains]

  /// The links between them. Each has a foreign key; where its column cannot be empty, what is taken out of a list goes.
  package static let relations = [
    RelationDescription(
      manyCollection: "progress", manyField: "learner", oneCollection: "learners", oneField: "progress",
      deselection: .delete, sortField: nil),
    RelationDescription(
      manyCollection: "progress", manyField: "grain", oneCollection: "grains", oneField: "progress",
      deselection: .delete, sortField: nil),
    RelationDescription(
      manyCollection: "grades", manyField: "learner", oneCollection: "learners", oneField: "grades",
      deselection: .delete, sortField: nil),
    RelationDescription(
      manyCollection: "grades", manyField: "module", oneCollection: "modules", oneField: "grades",
      deselection: .nullify, sortField: nil),
    RelationDescription(
      manyCollection: "grains", manyField: "module", oneCollection: "modules", oneField: "grains",
      deselection: .delete, sortField: "sort"),
  ]

  /// The rows that describe these collections, of all tables, in an order in which they can be inserted.
  ///
  /// - Parameters:
  ///   - names: the collections.
  ///   - learners: where learners are that are not among them.
  ///   - instance: the Directus that is told.
  package static func rows(
    for names: Set<String>, learners: AdoptedLearners? = nil, _ instance: Instance = Instance(.twelve, .english)
  ) -> [MetadataRow] {
    let described = collections.filter { names.contains($0.name) }.map { collection in
      learners.map { collection.showing($0) } ?? collection
    }
    guard !described.isEmpty else { return [] }
    var rows = [folderRow]
    for (index, collection) in described.enumerated() { rows.append(collection.row(sort: index + 1, in: folder)) }
    for collection in described { rows += collection.fieldRows(among: names, learners) }
    rows += relations.filter { names.contains($0.manyCollection) && names.contains($0.oneCollection) }.map(\.row)
    if let link = learners?.relation, names.contains(link.manyCollection) { rows.append(link.row) }
    for collection in described { rows += collection.presetRows(instance.language) }
    for collection in described { rows += collection.phrases(among: names, learners).flatMap(\.rows) }
    if instance.shape == .ten { rows = rows.map(fittedToTen) }
    return rows + Dashboard.rows(for: names, instance)
  }

  /// Directus 10 fails without words where an empty text meets a rule with `_regex`: there the database's own refusal is better.
  private static func fittedToTen(_ row: MetadataRow) -> MetadataRow {
    guard row.table == .fields, row.values["field"] == "slug" else { return row }
    var values = row.values
    values["validation"] = .null
    values["validation_message"] = .null
    return MetadataRow(.fields, key: row.key, values)
  }

  private static var folderRow: MetadataRow {
    MetadataRow(
      .collections, key: folder,
      [
        "collection": .string(folder), "icon": "hub", "color": "#3F6FB5",
        "note": "Moodle, Directus et le mini-site. / Moodle, Directus and the mini-site.",
        "translations": Language.translations(
          ["translation", "singular", "plural"].map { ($0, Words(fr: "Passerelle", en: "Passerelle")) }),
        "collapse": "open", "hidden": false, "singleton": false, "archive_app_filter": true,
      ])
  }

  /// The lists of other collections that a described collection is the one side of.
  static func isListed(_ collection: String, _ field: String, among names: Set<String>) -> Bool {
    relations.contains {
      $0.oneCollection == collection && $0.oneField == field && names.contains($0.manyCollection)
    }
  }
}

extension Metadata {
  /// Whether a link leads to one of these collections.
  static func isLinked(_ collection: String, _ field: String, among names: Set<String>) -> Bool {
    relations.contains {
      $0.manyCollection == collection && $0.manyField == field && names.contains($0.oneCollection)
    }
  }
}

extension Language {
  /// The locales in which Directus speaks these languages, by which it finds a translation.
  package static let directusLocales: [(locale: String, language: Language)] = [
    ("fr-FR", .french), ("en-US", .english),
  ]

  /// Words as Directus keeps them beside what they name: one object for each locale.
  static func translations(_ members: [(String, Words)]) -> JSONValue {
    .array(
      directusLocales.map { locale, language in
        .object(JSONObject([("language", .string(locale))] + members.map { ($0, .string($1[language])) }))
      })
  }
}
