/// A column of theirs as the catalogue describes it.
struct ColumnShape: Equatable, Sendable {
  /// What a column can be used for.
  enum Kind: Equatable, Sendable {
    case integer
    case uuid
    case text
    case boolean
    /// `timestamptz`, `timestamp` or `date`.
    case time
    /// `numeric`, `real` or `double precision`.
    case fraction
    case other
  }

  let name: String
  /// PostgreSQL's short name of the type: `int4`, `varchar`, `timestamptz`.
  let type: String
  /// The type as SQL writes it, with length or precision: `character varying(255)`.
  let sqlType: String
  let isNotNull: Bool
  /// Whether a row can be inserted without naming the column, for another reason than that it may be null.
  let hasDefault: Bool
  /// Generated columns cannot be written.
  let isGenerated: Bool
  /// The word that a new row has, where the default is one.
  var defaultWord: String?
  /// What Passerelle's role may do with it: `SELECT`, `INSERT`, `UPDATE`.
  var privileges: Set<String> = []

  var kind: Kind {
    switch type {
    case "int2", "int4", "int8": .integer
    case "uuid": .uuid
    case "text", "varchar", "bpchar": .text
    case "bool": .boolean
    case "timestamptz", "timestamp", "date": .time
    case "numeric", "float4", "float8": .fraction
    default: .other
    }
  }

  /// The numbers in the type's brackets: a length, or precision and scale.
  var limits: [Int] {
    guard let open = sqlType.firstIndex(of: "("), let close = sqlType.firstIndex(of: ")"), open < close else {
      return []
    }
    return sqlType[sqlType.index(after: open)..<close].split(separator: ",").compactMap { Int($0) }
  }

  /// The most characters that it holds; nil when there is no such limit.
  var maximumLength: Int? { kind == .text ? limits.first : nil }

  /// Whether it can hold that whole number.
  func holds(_ number: Int) -> Bool {
    switch type {
    case "int2": return Int16(exactly: number) != nil
    case "int4": return Int32(exactly: number) != nil
    case "numeric":
      guard limits.count == 2 else { return limits.isEmpty || String(number).count <= limits[0] }
      return String(number).count <= limits[0] - limits[1]
    default: return true
    }
  }
}

/// A foreign key of theirs on one column.
struct LinkShape: Equatable, Sendable {
  let column: String
  /// The table it leads to, and in which schema.
  let schema: String
  let table: String
  let target: String
}

/// A sequence from which a default is taken.
struct SequenceShape: Equatable, Sendable {
  let schema: String
  let name: String
  /// Whether Passerelle's role may take numbers from it.
  let isUsable: Bool
}

/// A check of theirs that looks at one column only.
struct CheckShape: Equatable, Sendable {
  let name: String
  let column: String
  /// The condition as the catalogue prints it.
  let condition: String
}

/// A table of theirs as the catalogue describes it.
struct TableShape: Equatable, Sendable {
  let name: String
  /// `r` for an ordinary table; `p` partitioned, `v` view, `f` foreign.
  let kind: String
  let owner: String
  /// Whether this role may alter it.
  let isOurs: Bool
  /// What Passerelle's role may do with it: `SELECT`, `INSERT`, `UPDATE`, `DELETE`, `TRIGGER`, `REFERENCES`.
  let privileges: Set<String>
  let columns: [ColumnShape]
  /// Those from which defaults of its columns are taken, as with `serial`.
  let sequences: [SequenceShape]
  let primaryKey: [String]
  /// The column lists of its unique constraints and indexes without conditions.
  let uniques: [[String]]
  /// The first columns of its other indexes.
  let indexed: [String]
  /// The columns of each of its indexes, by its name; of one on an expression those that are columns.
  let indexes: [String: [String]]
  let links: [LinkShape]
  let checks: [CheckShape]

  func column(_ name: String) -> ColumnShape? { columns.first { $0.name == name } }

  /// Whether those columns together occur once.
  func isUnique(_ names: [String]) -> Bool { uniques.contains { Set($0) == Set(names) } }

  /// Whether looking for values of that column is fast.
  func isIndexed(_ name: String) -> Bool { indexed.contains(name) || uniques.contains { $0.first == name } }

  func link(_ column: String) -> LinkShape? { links.first { $0.column == column } }
}
