import Postgres
import Wire

/// The adoption that is in force, as the database remembers it (`passerelle.adoption`).
package struct Adopted: Sendable {
  /// The map's text.
  package let map: String
  /// When it was put in force, as RFC 3339 writes it.
  package let since: String
  /// The table of each role that is adopted.
  package let tables: [AdoptionMap.Role: String]
  /// The statements that take away what was added to tables.
  let undo: String
  let resting: [Resting]
  /// Whether taking it back takes Passerelle out of the database.
  let removes: Bool

  /// A foreign key that is not there for now.
  struct Resting: Sendable {
    let relation: String
    let name: String
    let column: String
    let onDelete: String
    let definition: String
  }

  /// Which tables, in words.
  package var summary: Words {
    func list(_ between: String) -> String {
      AdoptionMap.Role.allCases.compactMap { role in tables[role].map { "\(role.rawValue)\(between)public.\($0)" } }
        .joined(separator: ", ")
    }
    return Words(fr: list(" dans "), en: list(" live in "))
  }

  /// What is in force; nil when nothing is, or when the database has no such record yet. Calls no function of ours: it is
  /// asked before they are made.
  package static func read(on connection: Connection) throws(PostgresError) -> Adopted? {
    let isThere: Bool =
      try connection.query("select to_regclass('passerelle.adoption') is not null as there").first?.get("there")
      ?? false
    guard isThere else { return nil }
    let rows = try connection.query(
      """
      select map, to_char(adopted_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as since, tables::text, undo,
             resting::text, removes
      from passerelle.adoption
      """)
    return try rows.first.map { row throws(PostgresError) in try Adopted(row) }
  }

  /// The same, for whoever adopts or gives back.
  static func inForce(on connection: Connection) throws(AdoptionProblem) -> Adopted? {
    try asking { () throws(PostgresError) in try read(on: connection) }
  }

  /// The map that is in force, read; nil when none is.
  static func mapInForce(on connection: Connection) throws(PostgresError) -> AdoptionMap? {
    let isThere: Bool =
      try connection.query("select to_regclass('passerelle.adoption') is not null as there").first?.get("there")
      ?? false
    guard isThere, let row = try connection.query("select map from passerelle.adoption").first else { return nil }
    return try parse(try row.get("map"))
  }

  /// A map as the database remembers it.
  static func parse(_ text: String) throws(PostgresError) -> AdoptionMap {
    do throws(MapProblems) { return try AdoptionMap(parsing: text) } catch {
      throw PostgresError(.decoding, "passerelle.adoption holds no map where it must")
    }
  }

  /// The collections that the program reads and writes, whoever's they are, as `CACHE_AUTO_PURGE_IGNORE_LIST` of Directus
  /// names them.
  package static func collectionsInUse(on connection: Connection) throws(PostgresError) -> [String] {
    let adopted = try read(on: connection)?.tables ?? [:]
    return AdoptionMap.Role.allCases.map { adopted[$0] ?? $0.rawValue } + ["grades"]
  }

  private init(_ row: Row) throws(PostgresError) {
    map = try row.get("map")
    since = try row.get("since")
    undo = try row.get("undo")
    removes = try row.get("removes")
    let tables = try Self.json(try row.get("tables")).objectValue
    var named: [AdoptionMap.Role: String] = [:]
    for role in AdoptionMap.Role.allCases { named[role] = tables?[role.rawValue]?.stringValue }
    self.tables = named
    resting = try (Self.json(try row.get("resting")).arrayValue ?? []).map { entry in
      Resting(
        relation: entry["relation"]?.stringValue ?? "", name: entry["name"]?.stringValue ?? "",
        column: entry["column"]?.stringValue ?? "", onDelete: entry["onDelete"]?.stringValue ?? "",
        definition: entry["definition"]?.stringValue ?? "")
    }
  }

  private static func json(_ text: String) throws(PostgresError) -> JSONValue {
    do throws(JSONError) { return try JSONValue(parsing: text) } catch {
      throw PostgresError(.decoding, "passerelle.adoption holds no JSON where it must")
    }
  }
}
