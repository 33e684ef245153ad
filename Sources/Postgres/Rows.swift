import CLibPQ
import Glibc

/// Owns a libpq result.
final class ResultHandle {
  let pointer: OpaquePointer

  init(_ pointer: OpaquePointer) { self.pointer = pointer }

  deinit { PQclear(pointer) }
}

/// What a query answered, kept as the server sent it; a cell is converted when it is asked for.
package struct Rows: RandomAccessCollection {
  let result: ResultHandle
  /// Zero.
  package let startIndex = 0
  /// The number of rows.
  package let endIndex: Int
  let columns: Int32

  init(_ result: ResultHandle) {
    self.result = result
    endIndex = Int(PQntuples(result.pointer))
    columns = PQnfields(result.pointer)
  }

  /// One row.
  package subscript(position: Int) -> Row { Row(rows: self, number: Int32(position)) }

  /// The names of the columns, in the order of the select list.
  package var columnNames: [String] {
    (0..<columns).map { PQfname(result.pointer, $0).map { String(cString: $0) } ?? "" }
  }
}

/// One row of a result.
package struct Row {
  let rows: Rows
  let number: Int32

  /// The value of a column.
  ///
  /// Throws `.decoding`, naming the column and the type but never the value, when the result has no such column, when
  /// the cell is NULL and `Value` is not an optional, or when it is of another type.
  package func get<Value: PostgresValue>(_ column: String, as type: Value.Type = Value.self) throws(PostgresError)
    -> Value
  {
    guard let index = index(of: column) else {
      throw PostgresError(.decoding, "the result has no column \(column)")
    }
    return try decode(cell(at: index), of: column)
  }

  /// The value of the first column, whatever its name; throws as `get` does.
  package func first<Value: PostgresValue>(as type: Value.Type = Value.self) throws(PostgresError) -> Value {
    guard rows.columns > 0 else { throw PostgresError(.decoding, "the result has no columns") }
    return try decode(cell(at: 0), of: "1")
  }

  private func decode<Value: PostgresValue>(_ cell: Cell, of column: String) throws(PostgresError) -> Value {
    if let value = Value.decode(cell) { return value }
    throw PostgresError(
      .decoding,
      cell.bytes == nil
        ? "column \(column) is NULL where \(Value.postgresName) was expected"
        : "column \(column) is not \(Value.postgresName) (its type has OID \(cell.type))")
  }

  /// PQfnumber would copy and fold the name at each call; the program writes names as the statement does.
  private func index(of column: String) -> Int32? {
    var column = column
    let result = rows.result.pointer
    return column.withUTF8 { name in
      guard let start = name.baseAddress else { return nil }
      for index in 0..<rows.columns {
        guard let candidate = PQfname(result, index), strlen(candidate) == name.count else { continue }
        if memcmp(candidate, start, name.count) == 0 { return index }
      }
      return nil
    }
  }

  private func cell(at index: Int32) -> Cell {
    let result = rows.result.pointer
    let type = PQftype(result, index)
    guard PQgetisnull(result, number, index) == 0, let value = PQgetvalue(result, number, index) else {
      return Cell(bytes: nil, type: type)
    }
    let length = Int(PQgetlength(result, number, index))
    let bytes = UnsafeRawPointer(value).assumingMemoryBound(to: UInt8.self)
    return Cell(bytes: UnsafeBufferPointer(start: bytes, count: length), type: type)
  }
}
