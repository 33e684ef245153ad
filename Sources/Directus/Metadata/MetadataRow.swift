import Wire

/// A row of one of Directus's system tables, before Directus has given it an id.
package struct MetadataRow: Equatable, Sendable {
  /// The system tables that describe collections and their dashboard, in the order in which rows can be inserted.
  package enum Table: String, CaseIterable, Sendable {
    case collections = "directus_collections"
    case fields = "directus_fields"
    case relations = "directus_relations"
    case presets = "directus_presets"
    case translations = "directus_translations"
    case dashboards = "directus_dashboards"
    case panels = "directus_panels"

    /// What one of its rows is called in a sentence.
    package var noun: String {
      switch self {
      case .collections: "collection"
      case .fields: "field"
      case .relations: "relation"
      case .presets: "table view"
      case .translations: "translation"
      case .dashboards: "dashboard"
      case .panels: "panel"
      }
    }
  }

  /// Where it goes.
  package let table: Table
  /// What tells it from the other rows of the table, whoever made them: `learners`, `learners.name`,
  /// `grades: $t:…`, `passerelle_grains_weight_note fr-FR`, `passerelle: pending`.
  package let key: String
  /// Its columns.
  package let values: JSONObject

  init(_ table: Table, key: String, _ values: JSONObject) {
    self.table = table
    self.key = key
    self.values = values
  }
}

/// Rows of several tables, by what tells them from others (`MetadataRow.key`).
package struct MetadataKeys: Equatable, Sendable {
  private var keys: [MetadataRow.Table: Set<String>] = [:]

  init() {}

  /// The keys of these rows.
  package init(_ rows: [MetadataRow]) {
    for row in rows { keys[row.table, default: []].insert(row.key) }
  }

  subscript(table: MetadataRow.Table) -> [String] {
    get { (keys[table] ?? []).sorted() }
    set { keys[table] = newValue.isEmpty ? nil : Set(newValue) }
  }

  /// How many there are.
  package var count: Int { keys.values.reduce(0) { $0 + $1.count } }

  /// Whether there are none.
  package var isEmpty: Bool { keys.isEmpty }

  /// How many of which kind: “5 collections, a folder, 70 fields”.
  package var description: String {
    var parts: [String] = []
    for table in MetadataRow.Table.allCases {
      let found = keys[table] ?? []
      let holdsFolder = table == .collections && found.contains(Metadata.folder)
      let count = found.count - (holdsFolder ? 1 : 0)
      if count > 0 { parts.append("\(count) \(table.noun)\(count == 1 ? "" : "s")") }
      if holdsFolder { parts.append("a folder") }
    }
    return parts.joined(separator: ", ")
  }
}

extension MetadataKeys: CustomStringConvertible {}
