/// Pieces of SQL made from names and words of an institution's own.
enum SQLText {
  /// A name in double quotes, as `format('%I')` writes one that needs them.
  static func name(_ name: String) -> String {
    "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
  }

  /// A table of schema public.
  static func table(_ table: String) -> String { "public." + name(table) }

  /// A column of what `alias` stands for.
  static func column(_ alias: String, _ column: String) -> String { alias + "." + name(column) }

  /// A string literal that means the same whatever `standard_conforming_strings` says.
  static func literal(_ text: String) -> String {
    var literal = "E'"
    for scalar in text.unicodeScalars {
      if scalar == "'" || scalar == "\\" { literal.append("\\") }
      literal.unicodeScalars.append(scalar)
    }
    return literal + "'"
  }

  /// A function's body between dollar quotes that do not occur in it.
  static func body(_ text: String) -> String {
    var tag = "$passerelle$"
    var number = 0
    while holds(text, tag) {
      number += 1
      tag = "$passerelle\(number)$"
    }
    return tag + "\n" + text + "\n" + tag
  }

  /// What trigger functions, and functions that the program calls, are made with: a path that nobody else chooses
  /// (staff_edits.sql). What only these call is made without one, because it costs at each call.
  static let path = "set search_path = pg_catalog, pg_temp"

  private static func holds(_ text: String, _ part: String) -> Bool {
    let bytes = Array(text.utf8)
    let pattern = Array(part.utf8)
    guard bytes.count >= pattern.count else { return false }
    return (0...(bytes.count - pattern.count)).contains { bytes[$0..<($0 + pattern.count)].elementsEqual(pattern) }
  }
}
