import Postgres

/// The Directus whose system tables stand in schema public, beside the collections: which columns it has, and so which
/// version's shape.
package struct SystemTables: Equatable, Sendable {
  /// What matters of a major version, told by columns: Directus's record of its migrations says what ran, not what the
  /// tables became.
  package enum Shape: Int, Comparable, Sendable {
    /// Permissions belong to roles.
    case ten = 10
    /// Permissions belong to policies, which roles and users are given.
    case eleven = 11
    /// The licence counts collections.
    case twelve = 12

    /// The older one first.
    package static func < (left: Shape, right: Shape) -> Bool { left.rawValue < right.rawValue }
  }

  /// The schema that Directus and Passerelle share.
  package static let schema = "public"
  /// The version's shape.
  package let shape: Shape
  /// The columns of each table of Directus.
  package let columns: [String: Set<String>]

  /// Tells the version by its columns; throws `.unknownShape` when one is absent that every version from 10 on has.
  package init(columns: [String: Set<String>]) throws(DirectusProblem) {
    var missing: [String] = []
    for (table, names) in Self.required {
      for name in names where columns[table]?.contains(name) != true { missing.append("\(table).\(name)") }
    }
    guard missing.isEmpty else { throw .unknownShape(missing: missing) }
    self.columns = columns
    shape =
      if columns["directus_collections"]?.contains("status") == true {
        .twelve
      } else {
        columns["directus_policies"] == nil ? .ten : .eleven
      }
  }

  /// Whether this Directus has that column.
  package func has(_ table: String, _ column: String) -> Bool { columns[table]?.contains(column) == true }

  /// The Directus in schema public; nil when there is none.
  ///
  /// - Throws: `.forbidden` when this role may not use its tables, `.unknownShape` when it is no Directus of version 10
  ///   to 12, `.database` when PostgreSQL cannot be asked.
  package static func find(on connection: Connection) throws(DirectusProblem) -> SystemTables? {
    guard try schemas(on: connection).contains(schema) else { return nil }
    let tables = try SystemTables(columns: try readColumns(on: connection))
    if try !mayRead(on: connection) {
      let grants = try DirectusProblem.translating { () throws(PostgresError) in
        try DirectusRights.missing(on: connection)
      }
      throw .forbidden(role: try role(on: connection), grants: grants)
    }
    return tables
  }

  /// The schemas that hold a Directus, in alphabetical order.
  package static func schemas(on connection: Connection) throws(DirectusProblem) -> [String] {
    try DirectusProblem.translating { () throws(PostgresError) in
      let rows = try connection.query(
        """
        select n.nspname::text as schema
        from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
        where c.relname = 'directus_collections' and c.relkind in ('r', 'p')
        order by 1
        """)
      return try rows.map { row throws(PostgresError) in try row.get("schema") }
    }
  }

  /// The columns that the metadata needs and that every version from 10 on has.
  private static let required: [(table: String, columns: [String])] = [
    (
      "directus_collections",
      [
        "collection", "icon", "note", "display_template", "hidden", "singleton", "translations", "archive_field",
        "archive_app_filter", "archive_value", "unarchive_value", "sort_field", "accountability", "color", "sort",
        "group", "collapse",
      ]
    ),
    (
      "directus_fields",
      [
        "id", "collection", "field", "special", "interface", "options", "display", "display_options", "readonly",
        "hidden", "sort", "width", "translations", "note", "required", "validation", "validation_message",
        "conditions",
      ]
    ),
    (
      "directus_relations",
      ["id", "many_collection", "many_field", "one_collection", "one_field", "one_deselect_action"]
    ),
    (
      "directus_presets",
      [
        "id", "bookmark", "user", "role", "collection", "layout", "layout_query", "layout_options", "filter", "icon",
        "color",
      ]
    ),
    ("directus_translations", ["id", "language", "key", "value"]),
  ]

  private static func readColumns(on connection: Connection) throws(DirectusProblem) -> [String: Set<String>] {
    try DirectusProblem.translating { () throws(PostgresError) in
      var columns: [String: Set<String>] = [:]
      let rows = try connection.query(
        """
        select c.relname::text as table_name, a.attname::text as column_name
        from pg_catalog.pg_class c join pg_catalog.pg_attribute a on a.attrelid = c.oid
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and starts_with(c.relname, 'directus_')
          and a.attnum > 0 and not a.attisdropped
        """)
      for row in rows { columns[try row.get("table_name"), default: []].insert(try row.get("column_name")) }
      return columns
    }
  }

  /// Whether this role may look into every table that it describes collections in.
  private static func mayRead(on connection: Connection) throws(DirectusProblem) -> Bool {
    try DirectusProblem.translating { () throws(PostgresError) in
      try connection.query(
        """
        select coalesce(bool_and(has_table_privilege(c.oid, 'select')), true) as may_read
        from pg_catalog.pg_class c
        where c.relnamespace = 'public'::regnamespace and c.relname = any (\(DirectusRights.described)::text[])
        """
      ).first?.get("may_read") ?? true
    }
  }

  /// The role as which this program is connected.
  static func role(on connection: Connection) throws(DirectusProblem) -> String {
    try DirectusProblem.translating { () throws(PostgresError) in
      try connection.query("select current_user::text as role").first?.get("role") ?? ""
    }
  }
}
