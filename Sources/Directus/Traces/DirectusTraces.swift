import Postgres
import Wire

/// What Directus itself records of a learner in its own tables of the same database: comments, shares, notifications and versions of
/// their rows, bookmarks and panels that name them, revisions and activity of all of these, and what flows logged.
package struct DirectusTraces {
  private struct Table {
    let name: String
    let mayRead: Bool
    let mayDelete: Bool
    /// Whether its rows are about another row, by `collection` and `item`.
    let hasItem: Bool
  }

  /// A table and the keys of the rows found in it.
  private struct Found {
    let table: Table
    let keys: [String]
  }

  private let connection: Connection
  private let person: TracedPerson

  /// Looks for somebody, in the caller's transaction.
  package init(of person: TracedPerson, on connection: Connection) {
    self.person = person
    self.connection = connection
  }

  /// The statements without which something would be left out or left behind: all that Passerelle's owner lacks in Directus's tables,
  /// where any of it is needed here; empty when nothing is.
  package static func missing(on connection: Connection) throws(PostgresError) -> [String] {
    let forgetting = try DirectusRights.missing(for: [.forgetting], on: connection)
    let all = try DirectusRights.missing(on: connection)
    let isDescribed = !all.contains {
      $0.contains("public.directus_presets ") || $0.contains("public.directus_panels ")
    }
    return forgetting.isEmpty && isDescribed ? [] : all
  }

  /// The rows, each table's under its name, and the tables that this role may not read. Columns naming the author are removed.
  package func export() throws(PostgresError) -> (rows: JSONObject, unread: [String]) {
    let tables = try tables()
    var object = JSONObject()
    for found in try rows(tables) where !found.keys.isEmpty {
      let answer = try connection.query(
        """
        select coalesce(json_agg(to_jsonb(t) - array[
            'user', 'ip', 'user_agent', 'user_created', 'user_updated', 'sender', 'recipient', 'password', 'hash']), '[]')::text
        from public.\(identifier: found.table.name) t where t.id::text = any (\(found.keys)::text[])
        """)
      guard let text: String = try answer.first?.first(), let rows = try? JSONValue(parsing: text, maxBytes: 1 << 26)
      else {
        throw PostgresError(.decoding, "rows of \(found.table.name) cannot be read")
      }
      object[found.table.name] = rows
    }
    return (object, tables.filter { !$0.mayRead }.map(\.name))
  }

  /// Deletes the rows; answers the tables in which this role may not look, or from which it may not delete.
  package func erase() throws(PostgresError) -> [String] {
    let tables = try tables()
    for found in try rows(tables).reversed() where found.table.mayDelete && !found.keys.isEmpty {
      if found.table.name == "directus_revisions" {
        // Revisions of other rows that were saved together with one of these.
        try connection.execute(
          "update public.directus_revisions r set parent = null where r.parent::text = any (\(found.keys)::text[])")
      }
      try connection.execute(
        "delete from public.\(identifier: found.table.name) t where t.id::text = any (\(found.keys)::text[])")
    }
    return tables.filter { !$0.mayRead || !$0.mayDelete }.map(\.name)
  }

  /// In the order in which one leads to another: what hangs on the learner's rows, then the records of both. Activity comes before
  /// the revisions that belong to it.
  private static let names = [
    "directus_comments", "directus_notifications", "directus_presets", "directus_panels", "directus_shares",
    "directus_versions",
    "directus_activity", "directus_revisions",
  ]

  private func tables() throws(PostgresError) -> [Table] {
    try connection.query(
      """
      select n.name, has_table_privilege(c.oid, 'select') as may_read,
             has_table_privilege(c.oid, 'delete') and (n.name <> 'directus_revisions' or has_table_privilege(c.oid, 'update'))
               as may_delete,
             exists (select from pg_catalog.pg_attribute a
                     where a.attrelid = c.oid and a.attname = 'item' and not a.attisdropped) as has_item
      from unnest(\(Self.names)::text[]) with ordinality n (name, place)
      join pg_catalog.pg_class c on c.relnamespace = 'public'::regnamespace and c.relname = n.name and c.relkind = 'r'
      order by n.place
      """
    ).map { row throws(PostgresError) in
      Table(
        name: try row.get("name"), mayRead: try row.get("may_read"), mayDelete: try row.get("may_delete"),
        hasItem: try row.get("has_item"))
    }
  }

  private func rows(_ tables: [Table]) throws(PostgresError) -> [Found] {
    var items = person.items
    var found: [Found] = []
    for table in tables where table.mayRead {
      // A record is whose it says, whoever's row it is about: a module saved with its learners' work holds their ids.
      let statement: Statement =
        table.hasItem
        ? """
        select t.id::text as id from public.\(identifier: table.name) t
        where (t.collection, t.item) in (
            select x.collection, x.key
            from unnest(\(items.map(\.collection))::text[], \(items.map(\.key))::text[]) x (collection, key))
          or lower(t::text) ~ any (\(person.patterns)::text[])
        """
        : """
        select t.id::text as id from public.\(identifier: table.name) t
        where lower(t::text) ~ any (\(person.patterns)::text[])
        """
      let keys = try connection.query(statement).map { row throws(PostgresError) in try row.get("id", as: String.self) }
      found.append(Found(table: table, keys: keys))
      items += keys.map { TracedPerson.Item(collection: table.name, key: $0) }
    }
    return found
  }
}
