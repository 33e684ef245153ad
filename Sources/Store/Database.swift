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
  /// Whether each statement gets a transaction that says its level.
  private var saysLevel: Bool

  /// Nothing is opened yet. With `saysLevel`, each statement gets a transaction that says its level from the first one on,
  /// as suits whoever is in no hurry.
  package init(saysLevel: Bool = false, open: @escaping () throws(PostgresError) -> Connection) {
    self.saysLevel = saysLevel
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
    guard let row = try query(statement).first else { return nil }
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
    for row in try query(statement) { values.append(try Value(row: row)) }
    return values
  }

  /// The first column of the only row of a statement that always answers one.
  package func value<Value: PostgresValue>(_ statement: Statement, as type: Value.Type = Value.self)
    throws(PostgresError) -> Value
  {
    guard let row = try query(statement).first else {
      throw PostgresError(.decoding, "a statement that answers one row answered none")
    }
    return try row.first()
  }

  /// The first column of every row.
  package func values<Value: PostgresValue>(_ statement: Statement, as type: Value.Type = Value.self)
    throws(PostgresError) -> [Value]
  {
    var values: [Value] = []
    for row in try query(statement) { values.append(try row.first()) }
    return values
  }

  /// As `one`, and as ``again(_:)``.
  package func oneAgain<Value: RowDecodable>(_ statement: Statement, as type: Value.Type = Value.self)
    throws(PostgresError) -> Value
  {
    try again { () throws(PostgresError) in try one(statement, as: type) }
  }

  /// Runs a statement that stands alone. When what it refers to is deleted while it runs (SQLSTATE 23503), it is run once
  /// more, and sees how things are.
  package func again<Value>(_ statement: () throws(PostgresError) -> Value) throws(PostgresError) -> Value {
    do { return try statement() } catch {
      guard error.sqlState == "23503" else { throw error }
    }
    return try statement()
  }

  /// The rows of a statement as they come.
  package func stream(_ statement: Statement) throws(PostgresError) -> RowStream {
    try connection().stream(statement)
  }

  /// Runs a statement; answers how many rows it changed.
  @discardableResult
  package func execute(_ statement: Statement) throws(PostgresError) -> Int {
    try retrying { (connection) throws(PostgresError) in try connection.execute(statement) }
  }

  private func query(_ statement: Statement) throws(PostgresError) -> Rows {
    try retrying { (connection) throws(PostgresError) in try connection.query(statement) }
  }

  // MARK: - Trying again

  /// How often a statement is run at most.
  static let attempts = 6

  /// Runs a statement; where it stood alone and lost against others (a deadlock, a serialization failure, a lock that was not to
  /// be had), nothing of it was done, and it is run again after a short pause of a random length, so that two do not meet
  /// again.
  ///
  /// A statement alone runs at the level that is the default of its database or role. At PostgreSQL's usual one nothing is
  /// lost on asking; where it is another, `passerelle.read_committed` or a conflict says so, and from then on this process
  /// says the level itself, which costs two more round trips. The functions need the usual one: their statements must see
  /// what others committed while they waited.
  private func retrying<Value>(
    _ statement: (Connection) throws(PostgresError) -> Value
  ) throws(PostgresError) -> Value {
    var attempt = 1
    while true {
      let connection = try connection()
      let isAlone = !connection.isInTransaction
      do throws(PostgresError) {
        guard isAlone, saysLevel else { return try statement(connection) }
        return try connection.transaction { () throws(PostgresError) in try statement(connection) }
      } catch {
        let trouble = DatabaseTrouble(error)
        guard isAlone, error.kind == .server, trouble.isWorthAnotherTry, attempt < Self.attempts else { throw error }
        if trouble == .conflict, !saysLevel {
          saysLevel = true
        } else {
          Self.pause(attempt)
        }
        attempt += 1
      }
    }
  }

  /// Up to 20 ms, then 40, 80, 160, …
  private static func pause(_ attempt: Int) {
    usleep(UInt32.random(in: 1000...(10_000 << UInt32(attempt))))
  }
}
