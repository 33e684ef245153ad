import DirectusTestSupport
import Postgres

/// What Directus's system tables hold, as text that a person can review.
enum Dump {
  /// Every row of every table `directus_…`: a line that names it, then a line for each column that is not null, without
  /// the ids that the database chose.
  static func all(_ database: ScratchDirectus) throws -> String {
    var text = ""
    for table in try tables(database) {
      let order =
        switch table {
        case "directus_collections": "collection"
        case "directus_fields": "collection, sort, field"
        case "directus_relations": "many_collection, many_field"
        case "directus_presets": "collection, bookmark nulls first"
        case "directus_translations": "key, language desc"
        case "directus_permissions": "collection, action"
        case "directus_dashboards": "name"
        case "directus_panels": "position_y, position_x, name"
        default: "1"
        }
      for row in try rows(of: table, by: order, database) { text += "\n\(table)\n" + row }
    }
    return text
  }

  /// Every row of every table `directus_…`, ids included.
  static func exactly(_ database: ScratchDirectus) throws -> [String] {
    try tables(database).flatMap { table in
      try database.values("select \(table + " ") || row_to_json(t)::text from public.\(identifier: table) t order by 1")
    }
  }

  private static func tables(_ database: ScratchDirectus) throws -> [String] {
    try database.values(
      """
      select tablename::text from pg_tables where schemaname = 'public' and starts_with(tablename, 'directus_')
      order by 1
      """)
  }

  private static func rows(of table: String, by order: String, _ database: ScratchDirectus) throws -> [String] {
    try database.values(
      """
      select (
        select string_agg('  ' || e.key || ': ' || e.value, E'\\n' order by e.place) || E'\\n'
        from json_each_text(row_to_json(t)) with ordinality e (key, value, place)
        where e.key not in ('id', 'role', 'policy', 'dashboard', 'date_created') and e.value is not null)
      from public.\(identifier: table) t order by \(unescaped: order)
      """)
  }
}
