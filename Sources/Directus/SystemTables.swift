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
  /// The columns of each table of Directus that this role may use.
  package let columns: [String: Set<String>]

  /// Tells the version by its columns; throws `.unknownShape` when one is absent that every version from 10 on has.
  package init(columns: [String: Set<String>]) throws(DirectusProblem) {
    var missing: [String] = []
    for (table, names) in Self.required {
      for name in names where columns[table]?.contains(name) != true { missing.append("\(table).\(name)") }
    }
    let permissions = columns["directus_permissions"] ?? []
    if !permissions.contains("policy") && !permissions.contains("role") {
      missing.append("directus_permissions.policy")
    }
    guard missing.isEmpty else { throw .unknownShape(missing: missing) }
    self.columns = columns
    shape =
      if columns["directus_collections"]?.contains("status") == true {
        .twelve
      } else {
        permissions.contains("policy") ? .eleven : .ten
      }
  }

  /// Whether this Directus has that column.
  package func has(_ table: String, _ column: String) -> Bool { columns[table]?.contains(column) == true }

  /// The tables that the metadata and the trainer's role are written to.
  var written: [String] {
    Self.required.map(\.table) + (shape >= .eleven ? ["directus_policies", "directus_access"] : [])
  }

  /// The Directus in schema public; nil when there is none.
  ///
  /// - Throws: `.forbidden` when this role may not use its tables, `.unknownShape` when it is no Directus of version 10
  ///   to 12, `.database` when PostgreSQL cannot be asked.
  package static func find(on connection: Connection) throws(DirectusProblem) -> SystemTables? {
    guard try schemas(on: connection).contains(schema) else { return nil }
    let columns = try readColumns(on: connection)
    // information_schema shows a role what it has rights on: a table without columns is one that it may not use.
    let hidden = required.map(\.table).filter { columns[$0] == nil }
    let there = try existing(hidden, on: connection)
    if !there.isEmpty { throw .forbidden(role: try role(on: connection), tables: there) }
    return try SystemTables(columns: columns)
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
    ("directus_permissions", ["id", "collection", "action", "permissions", "validation", "presets", "fields"]),
    ("directus_roles", ["id", "name", "icon", "description"]),
  ]

  private static func readColumns(on connection: Connection) throws(DirectusProblem) -> [String: Set<String>] {
    try DirectusProblem.translating { () throws(PostgresError) in
      var columns: [String: Set<String>] = [:]
      let rows = try connection.query(
        """
        select table_name::text, column_name::text from information_schema.columns
        where table_schema = 'public' and starts_with(table_name, 'directus_')
        """)
      for row in rows { columns[try row.get("table_name"), default: []].insert(try row.get("column_name")) }
      return columns
    }
  }

  private static func existing(_ tables: [String], on connection: Connection) throws(DirectusProblem) -> [String] {
    try DirectusProblem.translating { () throws(PostgresError) in
      let rows = try connection.query(
        """
        select c.relname::text as name
        from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
        where n.nspname = 'public' and c.relname = any (\(tables)::text[]) order by 1
        """)
      return try rows.map { row throws(PostgresError) in try row.get("name") }
    }
  }

  /// The role as which this program is connected.
  static func role(on connection: Connection) throws(DirectusProblem) -> String {
    try DirectusProblem.translating { () throws(PostgresError) in
      try connection.query("select current_user::text as role").first?.get("role") ?? ""
    }
  }
}
