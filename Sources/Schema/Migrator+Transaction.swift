import Postgres

extension Migrator {
  /// Runs `body` in a transaction of its own, which ends without a trace when that throws.
  func transaction<Value>(
    on connection: Connection, commits: Bool = true, _ body: () throws(MigrationError) -> Value
  ) throws(MigrationError) -> Value {
    try run("begin isolation level read committed", on: connection)
    do throws(MigrationError) {
      let value = try body()
      try run(commits ? "commit" : "rollback", on: connection)
      return value
    } catch {
      if connection.isOpen {
        do throws(PostgresError) { try connection.script("rollback") } catch { connection.close() }
      }
      throw error
    }
  }

  func run(_ sql: String, on connection: Connection) throws(MigrationError) {
    try asking { () throws(PostgresError) in try connection.script(sql) }
  }

  /// Asks the database; what goes wrong is the migration's problem.
  func asking<Value>(_ question: () throws(PostgresError) -> Value) throws(MigrationError) -> Value {
    do throws(PostgresError) { return try question() } catch { throw .database(error) }
  }
}

extension Connection {
  /// The first column of the only row.
  func value<Value: PostgresValue>(
    _ statement: Statement, as type: Value.Type = Value.self
  ) throws(PostgresError) -> Value {
    let rows = try query(statement)
    guard let row = rows.first, let name = rows.columnNames.first else {
      throw PostgresError(.decoding, "the database answered no row where there is one")
    }
    return try row.get(name)
  }
}
