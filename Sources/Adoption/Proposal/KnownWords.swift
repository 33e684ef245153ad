import Postgres
import Wire

/// The words that a text column is known to hold: those of its checks, of Directus's choices, its default, and its rows.
struct KnownWords {
  let connection: Connection
  /// Whether a Directus stands beside the tables.
  let hasDirectus: Bool

  init(_ connection: Connection) throws(PostgresError) {
    self.connection = connection
    hasDirectus =
      try connection.query("select to_regclass('public.directus_fields') is not null as there").first?.get("there")
      ?? false
  }

  /// In the order in which they are offered, each once.
  func of(_ column: ColumnShape, in table: TableShape) throws(PostgresError) -> [String] {
    var words: [String] = []
    for check in table.checks where check.column == column.name { words += Self.literals(check.condition) }
    if hasDirectus { words += try choices(column.name, table.name) }
    if let word = column.defaultWord { words.append(word) }
    words += try rows(column.name, table.name)
    var seen: [String] = []
    for word in words where !seen.contains(word) { seen.append(word) }
    return seen
  }

  /// The largest value of a column of numbers; nil where there is none.
  func largest(_ column: ColumnShape, in table: TableShape) throws(PostgresError) -> Double? {
    try connection.query(
      """
      select max(t.\(identifier: column.name))::float8 as largest from public.\(identifier: table.name) t
      """
    ).first?.get("largest")
  }

  /// Whether the checks of a column allow that number.
  func allows(_ number: Int, _ column: ColumnShape, in table: TableShape) throws(PostgresError) -> Bool {
    guard column.holds(number) else { return false }
    for check in table.checks where check.column == column.name {
      let fits: Bool =
        try connection.query(
          Statement(
            sql: "select (\(check.condition)) is not false as fits from "
              + "(select $1::\(column.sqlType) as \(SQLText.name(column.name))) as probe",
            parameters: [.text(String(number))])
        ).first?.get("fits") ?? false
      if !fits { return false }
    }
    return true
  }

  private func rows(_ column: String, _ table: String) throws(PostgresError) -> [String] {
    let rows = try connection.query(
      """
      select t.\(identifier: column)::text as word from public.\(identifier: table) t
      where t.\(identifier: column)::text <> '' group by 1 order by count(*) desc, 1 limit 20
      """)
    return try rows.map { row throws(PostgresError) in try row.get("word") }
  }

  private func choices(_ column: String, _ table: String) throws(PostgresError) -> [String] {
    let rows = try connection.query(
      """
      select c.choice ->> 'value' as word
      from public.directus_fields f
      cross join lateral json_array_elements(
        case when json_typeof(f.options -> 'choices') = 'array' then f.options -> 'choices' else '[]' end) c (choice)
      where f.collection = \(table) and f.field = \(column) and c.choice ->> 'value' is not null
      """)
    return try rows.map { row throws(PostgresError) in try row.get("word") }
  }

  /// What stands between quotes in a condition as the catalogue prints it.
  static func literals(_ condition: String) -> [String] {
    condition.split(separator: "'", omittingEmptySubsequences: false).enumerated()
      .filter { $0.offset % 2 == 1 && !$0.element.isEmpty }.map { String($0.element) }
  }
}
