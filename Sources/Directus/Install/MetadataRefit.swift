import Postgres
import Wire

/// Fits the metadata that is installed to other collections: what describes those that are adopted goes, and comes back
/// with them. Where none was installed, none is.
package enum MetadataRefit {
  /// Deletes, of the rows of `former` that this program inserted, those that are not among `rows`, and inserts what is
  /// missing of these. Inside a transaction; answers how many rows went and came.
  package static func run(
    from former: [MetadataRow], to rows: [MetadataRow], on connection: Connection
  ) throws(PostgresError) -> (removed: Int, added: Int) {
    guard former != rows, try isInstalled(on: connection) else { return (0, 0) }
    try MetadataStore.lock(on: connection)
    var stale: [MetadataRow] = []
    for row in former {
      guard let successor = rows.first(where: { $0.table == row.table && $0.key == row.key }) else {
        stale.append(row)
        continue
      }
      if row.values == successor.values || row.table == .panels && placeless(row) == placeless(successor) { continue }
      // A link that leads elsewhere is shown otherwise; a place in the navigation may stay.
      switch row.table {
      case .fields, .relations, .panels: stale.append(row)
      default: if let mending = mending(row, successor) { try connection.execute(mending) }
      }
    }
    var removed = 0
    var added = 0
    for table in MetadataRow.Table.allCases.reversed() {
      let keys = stale.filter { $0.table == table }.map(\.key)
      removed += try connection.execute(deletion(keys, from: table))
      try connection.execute(
        """
        delete from passerelle.directus_rows r where r.table_name = \(table.rawValue) and r.purpose = any (\(keys)::text[])
        """)
    }
    for table in MetadataRow.Table.allCases {
      added += try MetadataStore.insert(rows.filter { $0.table == table }, into: table, on: connection).count
    }
    return (removed, added)
  }

  /// A panel without its place, which may stay.
  private static func placeless(_ row: MetadataRow) -> JSONObject {
    JSONObject(row.values.members.filter { !$0.key.hasPrefix("position_") }.map { ($0.key, $0.value) })
  }

  /// What names another collection's columns, in rows that stay because an administrator may have changed them: where they
  /// say what was inserted, they say the new.
  private static func mending(_ former: MetadataRow, _ present: MetadataRow) -> Statement? {
    func text(_ row: MetadataRow, _ column: String) -> String { (row.values[column] ?? .null).encoded }
    switch former.table {
    case .collections:
      return """
        update public.directus_collections t set display_template = \(present.values["display_template"]?.stringValue)
        from passerelle.directus_rows r
        where r.table_name = 'directus_collections' and r.row_id = t.collection and t.collection = \(former.key)
          and t.display_template = \(former.values["display_template"]?.stringValue)
        """
    case .presets:
      return """
        update public.directus_presets t
        set layout_query = \(text(present, "layout_query"))::json, layout_options = \(text(present, "layout_options"))::json
        from passerelle.directus_rows r
        where r.table_name = 'directus_presets' and r.row_id = t.id::text and r.purpose = \(former.key)
          and split_part(r.purpose, ':', 1) = t.collection
          and t.layout_query::jsonb = \(text(former, "layout_query"))::jsonb
          and t.layout_options::jsonb = \(text(former, "layout_options"))::jsonb
        """
    default: return nil
    }
  }

  private static func isInstalled(on connection: Connection) throws(PostgresError) -> Bool {
    try connection.query(
      """
      select exists (select from passerelle.directus_rows) and to_regclass('public.directus_fields') is not null as there
      """
    ).first?.get("there") ?? false
  }

  private static func deletion(_ keys: [String], from table: MetadataRow.Table) -> Statement {
    switch table {
    case .collections:
      """
      delete from public.directus_collections t using passerelle.directus_rows r
      where r.table_name = 'directus_collections' and r.row_id = t.collection and r.purpose = any (\(keys)::text[])
      """
    case .fields:
      """
      delete from public.directus_fields t using passerelle.directus_rows r
      where r.table_name = 'directus_fields' and r.row_id = t.id::text and r.purpose = any (\(keys)::text[])
        and r.purpose = t.collection || '.' || t.field
      """
    case .relations:
      """
      delete from public.directus_relations t using passerelle.directus_rows r
      where r.table_name = 'directus_relations' and r.row_id = t.id::text and r.purpose = any (\(keys)::text[])
        and r.purpose = t.many_collection || '.' || t.many_field
      """
    case .presets:
      """
      delete from public.directus_presets t using passerelle.directus_rows r
      where r.table_name = 'directus_presets' and r.row_id = t.id::text and r.purpose = any (\(keys)::text[])
        and split_part(r.purpose, ':', 1) = t.collection
      """
    case .translations:
      """
      delete from public.directus_translations t using passerelle.directus_rows r
      where r.table_name = 'directus_translations' and r.row_id = t.id::text and r.purpose = any (\(keys)::text[])
        and r.purpose = t.key || ' ' || t.language
      """
    case .dashboards:
      """
      delete from public.directus_dashboards t using passerelle.directus_rows r
      where r.table_name = 'directus_dashboards' and r.row_id = t.id::text and r.purpose = any (\(keys)::text[])
      """
    case .panels:
      """
      delete from public.directus_panels t using passerelle.directus_rows r
      where r.table_name = 'directus_panels' and r.row_id = t.id::text and r.purpose = any (\(keys)::text[])
      """
    }
  }
}
