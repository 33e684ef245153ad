import Adoption
import Passerelle
import Postgres
import Wire

/// What Directus itself records of a learner's rows in its own tables of the same database: activity, revisions, comments,
/// versions, notifications, shares. They all name a row by `collection` and `item`.
enum DirectusTraces {
  private struct Table: RowDecodable {
    let name: String
    let mayRead: Bool
    let mayDelete: Bool
    init(row: Row) throws(PostgresError) {
      name = try row.get("name")
      mayRead = try row.get("may_read")
      mayDelete = try row.get("may_delete")
    }
  }

  private struct Text: RowDecodable {
    let text: String
    init(row: Row) throws(PostgresError) { text = try row.get("text") }
  }

  /// Revisions first, because activity is what they belong to.
  private static func tables(in database: Database) throws(PostgresError) -> [Table] {
    try database.all(
      """
      select c.relname::text as name, has_table_privilege(c.oid, 'select') as may_read,
             has_table_privilege(c.oid, 'select, update') and has_table_privilege(c.oid, 'delete') as may_delete
      from pg_catalog.pg_class c
      where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and starts_with(c.relname, 'directus_')
        and (select count(*) from pg_catalog.pg_attribute a
             where a.attrelid = c.oid and a.attname in ('collection', 'item') and not a.attisdropped) = 2
      order by c.relname <> 'directus_revisions', c.relname = 'directus_activity', c.relname
      """)
  }

  /// The rows, each table's under its name, and the tables that this role may not read. Columns naming the
  /// author are removed.
  static func export(of id: String, in database: Database) throws -> (rows: JSONObject, unread: [String]) {
    var object = JSONObject()
    var unread: [String] = []
    let items = try LearnerItems.query(on: try database.connection())
    for table in try tables(in: database) {
      guard table.mayRead else {
        unread.append(table.name)
        continue
      }
      let found = try database.one(
        """
        with learner as (select lower(\(id)) as id)
        select coalesce(json_agg(to_jsonb(t) - array[
            'user', 'ip', 'user_agent', 'user_created', 'user_updated', 'sender', 'recipient', 'password', 'hash']), '[]')::text
          as text
        from public.\(identifier: table.name) t
        where (t.collection, t.item) in (\(unescaped: items))
        """, as: Text.self)
      let rows = try JSONValue(parsing: found.text)
      if rows.arrayValue?.isEmpty == false { object[table.name] = rows }
    }
    return (object, unread)
  }

  /// Deletes the rows, in the caller's transaction; answers the tables from which this role may not.
  static func erase(of id: String, in database: Database) throws(PostgresError) -> [String] {
    let items = try LearnerItems.query(on: try database.connection())
    var left: [String] = []
    for table in try tables(in: database) {
      guard table.mayDelete else {
        left.append(table.name)
        continue
      }
      if table.name == "directus_revisions" {
        // Revisions of other rows that were saved together with one of these.
        try database.execute(
          """
          with learner as (select lower(\(id)) as id)
          update public.directus_revisions r set parent = null
          from public.directus_revisions t where r.parent = t.id and (t.collection, t.item) in (\(unescaped: items))
          """)
      }
      try database.execute(
        """
        with learner as (select lower(\(id)) as id)
        delete from public.\(identifier: table.name) t where (t.collection, t.item) in (\(unescaped: items))
        """)
    }
    return left
  }
}
