import Postgres

/// A statement that should answer a row answered none.
package struct NoRow: Error {
  package let sql: String
}

extension Connection {
  /// The first column of the first row; nil without a row.
  package func first<Value: PostgresValue>(_ statement: Statement, as type: Value.Type = Value.self) throws -> Value? {
    let rows = try query(statement)
    return try rows.first?.get(rows.columnNames[0])
  }

  /// The first column of the only row.
  package func value<Value: PostgresValue>(_ statement: Statement, as type: Value.Type = Value.self) throws -> Value {
    let rows = try query(statement)
    guard let row = rows.first else { throw NoRow(sql: statement.sql) }
    return try row.get(rows.columnNames[0])
  }

  /// The first column of every row.
  package func values<Value: PostgresValue>(_ statement: Statement, as type: Value.Type = Value.self) throws -> [Value]
  {
    let rows = try query(statement)
    return try rows.map { try $0.get(rows.columnNames[0]) }
  }
}
