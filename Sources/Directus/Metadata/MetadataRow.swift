import Wire

/// A row of one of Directus's system tables, before Directus has given it an id.
public struct MetadataRow: Equatable, Sendable {
  /// The system tables that describe collections, in the order in which rows can be inserted.
  public enum Table: String, CaseIterable, Sendable {
    case collections = "directus_collections"
    case fields = "directus_fields"
    case relations = "directus_relations"
    case presets = "directus_presets"
    case translations = "directus_translations"

    /// What one of its rows is called in a sentence.
    public var noun: String {
      switch self {
      case .collections: "collection"
      case .fields: "field"
      case .relations: "relation"
      case .presets: "table view"
      case .translations: "translation"
      }
    }

    /// So many of its rows, in words.
    public func counted(_ count: Int) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
  }

  /// Where it goes.
  public let table: Table
  /// What tells it from the other rows of the table, whoever made them: `learners`, `learners.name`,
  /// `grades: Notes en attente`, `passerelle_grains_weight_note fr-FR`.
  public let key: String
  /// Its columns.
  public let values: JSONObject

  init(_ table: Table, key: String, _ values: JSONObject) {
    self.table = table
    self.key = key
    self.values = values
  }
}
