import Postgres

/// The statements that take our rows away again, and only ours: those noted at their insertion that are still about
/// our collections.
enum RemovalStore {
  /// Deletes our rows of one table; answers their keys.
  static func delete(_ table: MetadataRow.Table, on connection: Connection) throws(PostgresError) -> [String] {
    try connection.query(deletion(table)).map { row throws(PostgresError) in try row.get("key") }
  }

  private static func deletion(_ table: MetadataRow.Table) -> Statement {
    switch table {
    case .panels:
      """
      delete from public.directus_panels t using passerelle.directus_rows r
      where r.table_name = 'directus_panels' and r.row_id = t.id::text
      returning r.purpose as key
      """
    case .dashboards:
      // What holds somebody else's panels stays.
      """
      delete from public.directus_dashboards t using passerelle.directus_rows r
      where r.table_name = 'directus_dashboards' and r.row_id = t.id::text
        and not exists (select from public.directus_panels p where p.dashboard = t.id)
      returning r.purpose as key
      """
    case .translations:
      """
      delete from public.directus_translations t using passerelle.directus_rows r
      where r.table_name = 'directus_translations' and r.row_id = t.id::text and r.purpose = t.key || ' ' || t.language
      returning r.purpose as key
      """
    case .presets:
      """
      delete from public.directus_presets t using passerelle.directus_rows r
      where r.table_name = 'directus_presets' and r.row_id = t.id::text
        and split_part(r.purpose, ':', 1) = t.collection
      returning r.purpose as key
      """
    case .relations:
      """
      delete from public.directus_relations t using passerelle.directus_rows r
      where r.table_name = 'directus_relations' and r.row_id = t.id::text
        and r.purpose = t.many_collection || '.' || t.many_field
      returning r.purpose as key
      """
    case .fields:
      """
      delete from public.directus_fields t using passerelle.directus_rows r
      where r.table_name = 'directus_fields' and r.row_id = t.id::text and r.purpose = t.collection || '.' || t.field
      returning r.purpose as key
      """
    case .collections:
      // What holds somebody else's collection stays.
      """
      delete from public.directus_collections t using passerelle.directus_rows r
      where r.table_name = 'directus_collections' and r.row_id = t.collection
        and not exists (
          select from public.directus_collections c
          where c."group" = t.collection and c.collection not in (
            select o.row_id from passerelle.directus_rows o where o.table_name = 'directus_collections'))
      returning r.purpose as key
      """
    }
  }

  /// Forgets the notes of rows that are gone.
  static func forget(on connection: Connection) throws(PostgresError) {
    try connection.execute(
      """
      delete from passerelle.directus_rows r
      where r.table_name in (
          'directus_fields', 'directus_relations', 'directus_presets', 'directus_translations', 'directus_panels')
        or (r.table_name = 'directus_dashboards'
          and not exists (select from public.directus_dashboards t where t.id::text = r.row_id))
        or (r.table_name = 'directus_collections'
          and not exists (select from public.directus_collections t where t.collection = r.row_id))
      """)
  }
}
