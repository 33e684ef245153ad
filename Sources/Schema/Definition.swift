/// One statement that makes a function, a view or a trigger, or takes a right on a function away.
package struct Definition: Equatable, Sendable {
  /// What is made.
  package enum Kind: Equatable, Sendable {
    case function(name: String)
    case view(name: String)
    /// The table is written as in the statement, schema included.
    case trigger(name: String, table: String)
    case revoke
  }

  /// What is made.
  package let kind: Kind
  /// The statement, without a semicolon.
  package let sql: String

  /// Nil when the statement makes something else: such a thing has no place beside functions.
  package init?(_ sql: String) {
    guard let kind = Self.kind(of: sql) else { return nil }
    self.kind = kind
    self.sql = sql
  }

  /// The definitions of a file. A statement of another kind is left out; a test says that there is none.
  package static func all(in file: String) -> [Definition] {
    SQLScript.statements(of: file).compactMap(Definition.init)
  }

  /// A view so written that it takes the place of one with other columns at the end.
  var replacing: String {
    sql.hasPrefix("create view ") ? "create or replace view " + sql.dropFirst("create view ".count) : sql
  }

  /// The same thing in the session's temporary schema: functions and views by their own names, a trigger on the table of
  /// that name.
  func rehearsal(onto table: String) -> String {
    switch kind {
    case .function, .revoke: Self.replacing(first: "function passerelle.", by: "function pg_temp.", in: sql)
    case .view: Self.replacing(first: "view passerelle.", by: "view pg_temp.", in: sql)
    case .trigger(_, let relation):
      Self.replacing(
        first: "execute function passerelle.", by: "execute function pg_temp.",
        in: Self.replacing(first: " on \(relation)", by: " on pg_temp.\(table)", in: sql))
    }
  }

  private static func kind(of sql: String) -> Kind? {
    func name(after start: String) -> String? {
      guard let found = sql.firstRange(of: start) else { return nil }
      return String(sql[found.upperBound...].prefix { $0.isLetter || $0.isNumber || $0 == "_" })
    }
    if sql.hasPrefix("create function passerelle.") || sql.hasPrefix("create or replace function passerelle.") {
      return name(after: "function passerelle.").map { .function(name: $0) }
    }
    if sql.hasPrefix("create view passerelle.") || sql.hasPrefix("create or replace view passerelle.") {
      return name(after: "view passerelle.").map { .view(name: $0) }
    }
    if sql.hasPrefix("create trigger ") || sql.hasPrefix("create constraint trigger ") {
      guard let trigger = name(after: "trigger "), let on = sql.firstRange(of: " on ") else { return nil }
      return .trigger(name: trigger, table: relation(sql[on.upperBound...]))
    }
    return sql.hasPrefix("revoke all on function passerelle.") ? .revoke : nil
  }

  /// A schema and a table at the beginning of a text; the table may be in double quotes.
  private static func relation(_ text: Substring) -> String {
    var isQuoted = false
    var end = text.startIndex
    while end < text.endIndex, isQuoted || !text[end].isWhitespace {
      if text[end] == "\"" { isQuoted.toggle() }
      end = text.index(after: end)
    }
    return String(text[..<end])
  }

  private static func replacing(first part: String, by other: String, in sql: String) -> String {
    guard let found = sql.firstRange(of: part) else { return sql }
    return String(sql[..<found.lowerBound]) + other + String(sql[found.upperBound...])
  }
}
