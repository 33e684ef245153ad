import Postgres
import Wire

/// What Directus itself records of a learner's rows in its own tables of the same database: activity, revisions, comments,
/// versions, notifications, shares. They all name a row by `collection` and `item`.
///
/// `items` is the query of the learner's rows, pairs of collection and key, which reads the learner's id from a common
/// table expression `learner (id)`: where those rows are, adoption knows.
package enum DirectusTraces {
  private struct Table {
    let name: String
    let mayRead: Bool
    let mayDelete: Bool
  }

  /// Revisions first, because activity is what they belong to.
  private static func tables(on connection: Connection) throws(PostgresError) -> [Table] {
    var tables: [Table] = []
    for row in try connection.query(
      """
      select c.relname::text as name, has_table_privilege(c.oid, 'select') as may_read,
             has_table_privilege(c.oid, 'select, update') and has_table_privilege(c.oid, 'delete') as may_delete
      from pg_catalog.pg_class c
      where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and starts_with(c.relname, 'directus_')
        and (select count(*) from pg_catalog.pg_attribute a
             where a.attrelid = c.oid and a.attname in ('collection', 'item') and not a.attisdropped) = 2
      order by c.relname <> 'directus_revisions', c.relname = 'directus_activity', c.relname
      """)
    {
      tables.append(
        Table(name: try row.get("name"), mayRead: try row.get("may_read"), mayDelete: try row.get("may_delete")))
    }
    return tables
  }

  /// The rows, each table's under its name, and the tables that this role may not read. Columns naming the author are
  /// removed.
  package static func export(
    of id: String, items: String, on connection: Connection
  ) throws(PostgresError) -> (rows: JSONObject, unread: [String]) {
    var object = JSONObject()
    var unread: [String] = []
    for table in try tables(on: connection) {
      guard table.mayRead else {
        unread.append(table.name)
        continue
      }
      let found = try connection.query(
        """
        with learner as (select lower(\(id)) as id)
        select coalesce(json_agg(to_jsonb(t) - array[
            'user', 'ip', 'user_agent', 'user_created', 'user_updated', 'sender', 'recipient', 'password', 'hash']), '[]')::text
        from public.\(identifier: table.name) t
        where (t.collection, t.item) in (\(unescaped: items))
        """)
      guard let text: String = try found.first?.first(), let rows = try? JSONValue(parsing: text) else {
        throw PostgresError(.decoding, "rows of \(table.name) cannot be read")
      }
      if rows.arrayValue?.isEmpty == false { object[table.name] = rows }
    }
    return (object, unread)
  }

  /// Deletes the rows, in the caller's transaction; answers the tables from which this role may not.
  package static func erase(of id: String, items: String, on connection: Connection) throws(PostgresError) -> [String] {
    var left: [String] = []
    for table in try tables(on: connection) {
      guard table.mayDelete else {
        left.append(table.name)
        continue
      }
      if table.name == "directus_revisions" {
        // Revisions of other rows that were saved together with one of these.
        try connection.execute(
          """
          with learner as (select lower(\(id)) as id)
          update public.directus_revisions r set parent = null
          from public.directus_revisions t where r.parent = t.id and (t.collection, t.item) in (\(unescaped: items))
          """)
      }
      try connection.execute(
        """
        with learner as (select lower(\(id)) as id)
        delete from public.\(identifier: table.name) t where (t.collection, t.item) in (\(unescaped: items))
        """)
    }
    return left
  }
}
