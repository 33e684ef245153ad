/// A type that goes into a `Statement` and comes out of a `Row`.
///
/// `String`, `Int`, `Int64`, `Double`, `Bool`, `[UInt8]` (bytea), `[String]` (text[]) and optionals of these conform;
/// a module gives its own types a conformance by way of one of them.
package protocol PostgresValue {
  /// What an error calls this type, in PostgreSQL's words.
  static var postgresName: String { get }
  /// The value of a cell, or nil when the cell's type or text is not one of this type's.
  static func decode(_ cell: Cell) -> Self?
  /// The value as it travels to the server.
  var parameter: Parameter { get }
}

/// One value on its way to the server.
package enum Parameter: Equatable, Sendable {
  /// SQL NULL.
  case null
  /// PostgreSQL's text form; the server infers the type from where `$n` stands.
  case text(String)
  /// A `bytea`, sent in binary.
  case bytea([UInt8])
}

/// One value of a result, valid while its `Rows` lives.
package struct Cell {
  /// The value's text form; nil is SQL NULL.
  package let bytes: UnsafeBufferPointer<UInt8>?
  /// The OID of the column's type (a domain answers its base type).
  package let type: UInt32

  /// The text form as a string; nil for NULL.
  package var text: String? { bytes.map { String(decoding: $0, as: UTF8.self) } }
}

/// OIDs of `pg_type` that never change (PostgreSQL's `pg_type.dat`).
enum TypeOID {
  static let bool: UInt32 = 16
  static let bytea: UInt32 = 17
  static let integers: [UInt32] = [20, 21, 23, 26]
  static let numbers: [UInt32] = [700, 701, 1700]
  static let textArrays: [UInt32] = [1003, 1009, 1014, 1015, 2951]
}

extension String: PostgresValue {
  /// "text": any type but `bytea` can be read as the text PostgreSQL prints.
  package static var postgresName: String { "text" }
  /// The text of any type but `bytea`.
  package static func decode(_ cell: Cell) -> String? { cell.type == TypeOID.bytea ? nil : cell.text }
  /// The string itself.
  package var parameter: Parameter { .text(self) }
}

extension Int64: PostgresValue {
  /// "bigint".
  package static var postgresName: String { "bigint" }
  /// A smallint, integer, bigint or oid.
  package static func decode(_ cell: Cell) -> Int64? {
    guard TypeOID.integers.contains(cell.type), var digits = cell.bytes?[...], let first = digits.first else {
      return nil
    }
    let isNegative = first == UInt8(ascii: "-")
    if isNegative { digits = digits.dropFirst() }
    var value: Int64 = 0
    for digit in digits {
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
      // Counted below zero, where there is room for the lowest number too.
      let (tens, overflowed) = value.multipliedReportingOverflow(by: 10)
      let (sum, overflowedAgain) = tens.subtractingReportingOverflow(Int64(digit - UInt8(ascii: "0")))
      if overflowed || overflowedAgain { return nil }
      value = sum
    }
    if digits.isEmpty { return nil }
    if isNegative { return value }
    return value == .min ? nil : -value
  }
  /// Decimal digits.
  package var parameter: Parameter { .text(String(self)) }
}

extension Int: PostgresValue {
  /// "bigint".
  package static var postgresName: String { "bigint" }
  /// A smallint, integer, bigint or oid.
  package static func decode(_ cell: Cell) -> Int? { Int64.decode(cell).flatMap(Int.init(exactly:)) }
  /// Decimal digits.
  package var parameter: Parameter { .text(String(self)) }
}

extension Double: PostgresValue {
  /// "double precision".
  package static var postgresName: String { "double precision" }
  /// A real, double precision, numeric (rounded to the nearest) or one of the integers.
  package static func decode(_ cell: Cell) -> Double? {
    guard TypeOID.numbers.contains(cell.type) || TypeOID.integers.contains(cell.type) else { return nil }
    return cell.text.flatMap(Double.init)
  }
  /// The shortest decimal form that reads back as the same number.
  package var parameter: Parameter { .text(description) }
}

extension Bool: PostgresValue {
  /// "boolean".
  package static var postgresName: String { "boolean" }
  /// A boolean.
  package static func decode(_ cell: Cell) -> Bool? {
    guard cell.type == TypeOID.bool, let first = cell.bytes?.first else { return nil }
    return first == UInt8(ascii: "t")
  }
  /// "t" or "f".
  package var parameter: Parameter { .text(self ? "t" : "f") }
}

extension Optional: PostgresValue where Wrapped: PostgresValue {
  /// The wrapped type's name.
  package static var postgresName: String { Wrapped.postgresName }
  /// NULL is `.some(nil)`; nil means that the cell is not one of the wrapped type.
  package static func decode(_ cell: Cell) -> Wrapped?? {
    if cell.bytes == nil { return .some(.none) }
    return Wrapped.decode(cell).map(Optional.some)
  }
  /// The wrapped value, or NULL.
  package var parameter: Parameter { self?.parameter ?? .null }
}
