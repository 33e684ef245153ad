import Postgres

/// Fits the metadata that is installed to other collections: what describes those that are adopted goes, and comes back
/// with them. Where none was installed, none is.
enum MetadataRefit {
  /// Deletes, of the rows that this program inserted for `former`, those that do not describe `present`, and inserts what
  /// these lack. Inside a transaction; answers how many rows went and came.
  static func run(
    from former: Set<String>, to present: Set<String>, on connection: Connection
  ) throws(PostgresError) -> (removed: Int, added: Int) {
    guard try isInstalled(on: connection) else { return (0, 0) }
    try MetadataStore.lock(on: connection)
    let rows = Metadata.rows(for: present)
    let stale = Metadata.rows(for: former).filter { row in
      guard let successor = rows.first(where: { $0.table == row.table && $0.key == row.key }) else { return true }
      // A link that leads nowhere any more is shown otherwise; a place in the navigation may stay.
      return row.table == .fields && successor.values != row.values
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
    }
  }
}
