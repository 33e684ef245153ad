import Postgres
import Wire

/// The statements of the metadata. Columns are named, so that defaults fill those of other versions; nothing is updated.
/// What is inserted is noted in passerelle.directus_rows, by which removal tells ours from what was there.
enum MetadataStore {
  /// Installations wait for each other: the system tables have no unique constraints that would stop the second.
  static func lock(on connection: Connection) throws(PostgresError) {
    try connection.execute("select pg_advisory_xact_lock(hashtextextended('passerelle.directus', 0))")
  }

  /// Those of the five collections that the program reads and writes: an institution that adopted its own has other
  /// tables behind the views. Grades are always the program's.
  static func inUse(on connection: Connection) throws(PostgresError) -> Set<String> {
    var names: Set<String> = []
    for row in try connection.query(
      """
      select distinct t.relname::text as name
      from pg_catalog.pg_depend d
      join pg_catalog.pg_rewrite r on r.oid = d.objid and d.classid = 'pg_rewrite'::regclass
      join pg_catalog.pg_class v on v.oid = r.ev_class and v.relnamespace = 'passerelle'::regnamespace
      join pg_catalog.pg_class t on t.oid = d.refobjid and d.refclassid = 'pg_class'::regclass
      where (v.relname, t.relname) in (('learner_rows', 'learners'), ('module_rows', 'modules'),
          ('grain_rows', 'grains'), ('progress_rows', 'progress'))
        and t.relnamespace = 'public'::regnamespace
        -- An institution's own may have the very names.
        and not exists (select from passerelle.adoption a where a.tables -> t.relname::text is not null)
      union all
      select 'grades'
      """)
    {
      names.insert(try row.get("name"))
    }
    return names
  }

  /// The keys (`MetadataRow.key`) of the rows that are there, whoever made them. A table view that this program made is
  /// there under its first name, whatever it is called by now and whoever it was given to.
  static func existing(on connection: Connection) throws(PostgresError) -> [MetadataRow.Table: Set<String>] {
    var keys: [MetadataRow.Table: Set<String>] = [:]
    if try keepsNotes(on: connection) {
      for row in try connection.query(
        """
        select r.purpose as key from passerelle.directus_rows r
        join public.directus_presets t on t.id::text = r.row_id and t.collection = split_part(r.purpose, ':', 1)
        where r.table_name = 'directus_presets'
        """)
      {
        keys[.presets, default: []].insert(try row.get("key"))
      }
      for row in try connection.query(
        """
        select r.table_name, r.purpose as key from passerelle.directus_rows r
        where r.table_name = 'directus_dashboards' and exists (
            select from public.directus_dashboards t where t.id::text = r.row_id)
          or r.table_name = 'directus_panels' and exists (select from public.directus_panels t where t.id::text = r.row_id)
          -- One that somebody deleted is not wanted, as long as they keep its dashboard.
          or r.table_name = 'directus_panels' and exists (
            select from passerelle.directus_rows d join public.directus_dashboards t on t.id::text = d.row_id
            where d.table_name = 'directus_dashboards' and d.purpose = split_part(r.purpose, ':', 1))
        """)
      {
        guard let table = MetadataRow.Table(rawValue: try row.get("table_name")) else { continue }
        keys[table, default: []].insert(try row.get("key"))
      }
    }
    for row in try connection.query(
      """
      select 'directus_collections' as table, collection::text as key from public.directus_collections
      union all
      select 'directus_fields', collection || '.' || field from public.directus_fields
      union all
      select 'directus_relations', many_collection || '.' || many_field from public.directus_relations
      union all
      select 'directus_presets', collection || coalesce(': ' || bookmark, '') from public.directus_presets
      where "user" is null and role is null and collection is not null
      union all
      select 'directus_translations', key || ' ' || language from public.directus_translations
      """)
    {
      guard let table = MetadataRow.Table(rawValue: try row.get("table")) else { continue }
      keys[table, default: []].insert(try row.get("key"))
    }
    return keys
  }

  /// Whether the database has come to the migration that notes what was inserted.
  private static func keepsNotes(on connection: Connection) throws(PostgresError) -> Bool {
    try connection.query("select to_regclass('passerelle.directus_rows') is not null as there").first?.get("there")
      ?? false
  }

  /// Inserts those of the rows, all of one table, that are missing; answers their keys.
  static func insert(_ rows: [MetadataRow], into table: MetadataRow.Table, on connection: Connection)
    throws(PostgresError) -> [String]
  {
    let json = JSONValue.array(rows.map { .object($0.values) }).encoded
    return try connection.query(insertion(of: json, into: table)).map { row throws(PostgresError) in
      try row.get("key")
    }
  }

  private static func insertion(of json: String, into table: MetadataRow.Table) -> Statement {
    switch table {
    case .collections:
      """
      with made as (
        insert into public.directus_collections (
          collection, icon, note, display_template, hidden, singleton, translations, archive_field, archive_app_filter,
          archive_value, unarchive_value, sort_field, accountability, color, sort, "group", collapse)
        select n.collection, n.icon, n.note, n.display_template, n.hidden, n.singleton, n.translations, n.archive_field,
          n.archive_app_filter, n.archive_value, n.unarchive_value, n.sort_field, n.accountability, n.color, n.sort,
          n."group", n.collapse
        from json_to_recordset(\(json)::json) n (
          collection text, icon text, note text, display_template text, hidden boolean, singleton boolean,
          translations json, archive_field text, archive_app_filter boolean, archive_value text, unarchive_value text,
          sort_field text, accountability text, color text, sort integer, "group" text, collapse text)
        where not exists (select from public.directus_collections t where t.collection = n.collection)
        returning collection::text as id, collection::text as key)
      , noted as (
        insert into passerelle.directus_rows (table_name, row_id, purpose)
        select 'directus_collections', id, key from made on conflict do nothing)
      select key from made
      """
    case .fields:
      """
      with made as (
        insert into public.directus_fields (
          collection, field, special, interface, options, display, display_options, readonly, hidden, sort, width,
          translations, note, required, "group", validation, validation_message, conditions)
        select n.collection, n.field, n.special, n.interface, n.options, n.display, n.display_options, n.readonly,
          n.hidden, n.sort, n.width, n.translations, n.note, n.required, n."group", n.validation, n.validation_message,
          n.conditions
        from json_to_recordset(\(json)::json) n (
          collection text, field text, special text, interface text, options json, display text, display_options json,
          readonly boolean, hidden boolean, sort integer, width text, translations json, note text, required boolean,
          "group" text, validation json, validation_message text, conditions json)
        where not exists (
          select from public.directus_fields t where t.collection = n.collection and t.field = n.field)
        returning id::text as id, collection || '.' || field as key)
      , noted as (
        insert into passerelle.directus_rows (table_name, row_id, purpose)
        select 'directus_fields', id, key from made on conflict do nothing)
      select key from made
      """
    case .relations:
      """
      with made as (
        insert into public.directus_relations (
          many_collection, many_field, one_collection, one_field, sort_field, one_deselect_action)
        select n.many_collection, n.many_field, n.one_collection, n.one_field, n.sort_field, n.one_deselect_action
        from json_to_recordset(\(json)::json) n (
          many_collection text, many_field text, one_collection text, one_field text, sort_field text,
          one_deselect_action text)
        where not exists (
          select from public.directus_relations t
          where t.many_collection = n.many_collection and t.many_field = n.many_field)
        returning id::text as id, many_collection || '.' || many_field as key)
      , noted as (
        insert into passerelle.directus_rows (table_name, row_id, purpose)
        select 'directus_relations', id, key from made on conflict do nothing)
      select key from made
      """
    case .presets:
      """
      with made as (
        insert into public.directus_presets (
          bookmark, collection, layout, layout_query, layout_options, filter, icon, color)
        select n.bookmark, n.collection, n.layout, n.layout_query, n.layout_options, n.filter, n.icon, n.color
        from json_to_recordset(\(json)::json) n (
          bookmark text, collection text, layout text, layout_query json, layout_options json, filter json, icon text,
          color text)
        where not exists (
          select from public.directus_presets t
          where t.collection = n.collection and t.bookmark is not distinct from n.bookmark
            and t."user" is null and t.role is null)
          and not exists (
            select from passerelle.directus_rows r
            join public.directus_presets t on t.id::text = r.row_id and t.collection = n.collection
            where r.table_name = 'directus_presets' and r.purpose = n.collection || coalesce(': ' || n.bookmark, ''))
        returning id::text as id, collection || coalesce(': ' || bookmark, '') as key)
      , noted as (
        insert into passerelle.directus_rows (table_name, row_id, purpose)
        select 'directus_presets', id, key from made on conflict do nothing)
      select key from made
      """
    case .dashboards:
      """
      with fresh as (
        select gen_random_uuid() as id, n.*
        from json_to_recordset(\(json)::json) n (key text, name text, icon text, note text, color text)
        where not exists (
          select from passerelle.directus_rows r join public.directus_dashboards t on t.id::text = r.row_id
          where r.table_name = 'directus_dashboards' and r.purpose = n.key)),
      made as (
        insert into public.directus_dashboards (id, name, icon, note, color)
        select f.id, f.name, f.icon, f.note, f.color from fresh f),
      former as (
        delete from passerelle.directus_rows r using fresh f
        where r.table_name = 'directus_dashboards' and r.purpose = f.key
          or r.table_name = 'directus_panels' and split_part(r.purpose, ':', 1) = f.key
            and not exists (select from public.directus_panels t where t.id::text = r.row_id)),
      noted as (
        insert into passerelle.directus_rows (table_name, row_id, purpose)
        select 'directus_dashboards', f.id::text, f.key from fresh f)
      select f.key from fresh f
      """
    case .panels:
      """
      with fresh as (
        select gen_random_uuid() as id, d.row_id::uuid as board, n.*
        from json_to_recordset(\(json)::json) n (
          key text, dashboard text, name text, icon text, color text, show_header boolean, type text, position_x integer,
          position_y integer, width integer, height integer, options json)
        join passerelle.directus_rows d on d.table_name = 'directus_dashboards' and d.purpose = n.dashboard
        where not exists (
          select from passerelle.directus_rows r where r.table_name = 'directus_panels' and r.purpose = n.key)),
      made as (
        insert into public.directus_panels (
          id, dashboard, name, icon, color, show_header, type, position_x, position_y, width, height, options)
        select f.id, f.board, f.name, f.icon, f.color, f.show_header, f.type, f.position_x, f.position_y, f.width, f.height,
          f.options
        from fresh f),
      noted as (
        insert into passerelle.directus_rows (table_name, row_id, purpose)
        select 'directus_panels', f.id::text, f.key from fresh f)
      select f.key from fresh f
      """
    case .translations:
      """
      with made as (
        insert into public.directus_translations (id, language, key, value)
        select gen_random_uuid(), n.language, n.key, n.value
        from json_to_recordset(\(json)::json) n (language text, key text, value text)
        where not exists (
          select from public.directus_translations t where t.language = n.language and t.key = n.key)
        returning id::text as id, key || ' ' || language as key)
      , noted as (
        insert into passerelle.directus_rows (table_name, row_id, purpose)
        select 'directus_translations', id, key from made on conflict do nothing)
      select key from made
      """
    }
  }
}
