import Glibc
import Postgres

/// A row of one statement's answer, decoded.
package protocol RowDecodable {
  /// Throws when a column is missing or of another type: the statement and its result type disagree.
  init(row: Row) throws(PostgresError)
}

/// The database of one request or command: opened when first asked, one session, closed with the process.
package final class Database {
  private let open: () throws(PostgresError) -> Connection
  private var opened: Connection?

  /// Nothing is opened yet.
  package init(open: @escaping () throws(PostgresError) -> Connection) {
    self.open = open
  }

  /// The open session; reconnects if it was lost.
  package func connection() throws(PostgresError) -> Connection {
    if let opened, opened.isOpen { return opened }
    let connection = try open()
    opened = connection
    return connection
  }

  /// The first row, decoded; nil when there is none.
  package func first<Value: RowDecodable>(_ statement: Statement, as type: Value.Type = Value.self)
    throws(PostgresError) -> Value?
  {
    guard let row = try connection().query(statement).first else { return nil }
    return try Value(row: row)
  }

  /// The only row of a statement that always answers one, such as a call of a function.
  package func one<Value: RowDecodable>(_ statement: Statement, as type: Value.Type = Value.self)
    throws(PostgresError) -> Value
  {
    guard let value = try first(statement, as: type) else {
      throw PostgresError(.decoding, "a statement that answers one row answered none")
    }
    return value
  }

  /// Every row, decoded.
  package func all<Value: RowDecodable>(_ statement: Statement, as type: Value.Type = Value.self)
    throws(PostgresError) -> [Value]
  {
    var values: [Value] = []
    for row in try connection().query(statement) { values.append(try Value(row: row)) }
    return values
  }

  /// The first column of the only row of a statement that always answers one.
  package func value<Value: PostgresValue>(_ statement: Statement, as type: Value.Type = Value.self)
    throws(PostgresError) -> Value
  {
    guard let row = try connection().query(statement).first else {
      throw PostgresError(.decoding, "a statement that answers one row answered none")
    }
    return try row.first()
  }

  /// The first column of every row.
  package func values<Value: PostgresValue>(_ statement: Statement, as type: Value.Type = Value.self)
    throws(PostgresError) -> [Value]
  {
    var values: [Value] = []
    for row in try connection().query(statement) { values.append(try row.first()) }
    return values
  }

  /// As `one`, and as ``again(_:)``.
  package func oneAgain<Value: RowDecodable>(_ statement: Statement, as type: Value.Type = Value.self)
    throws(PostgresError) -> Value
  {
    try again { () throws(PostgresError) in try one(statement, as: type) }
  }

  /// Runs a statement that stands alone and changes nothing when it fails. When what it refers to is deleted while it
  /// runs (SQLSTATE 23503), it is run once more, and sees how things are; when it gave way to others (55P03), or PostgreSQL
  /// chose it to end a deadlock (40P01), up to five times more.
  package func again<Value>(_ statement: () throws(PostgresError) -> Value) throws(PostgresError) -> Value {
    for pause in [10_000, 20_000, 40_000, 80_000, 160_000] as [UInt32] {
      do { return try statement() } catch {
        guard error.sqlState != "23503" else { break }
        guard error.sqlState == "40P01" || error.sqlState == "55P03" else { throw error }
        usleep(UInt32.random(in: pause / 2...pause))
      }
    }
    return try statement()
  }

  /// Runs a statement; answers how many rows it changed.
  @discardableResult
  package func execute(_ statement: Statement) throws(PostgresError) -> Int {
    try connection().execute(statement)
  }
}
