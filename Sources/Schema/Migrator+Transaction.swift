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

  /// Refuses with the statements that help where this role may not make the schema, or a table in schema public.
  package func expectRights(on connection: Connection) throws(MigrationError) {
    let missing = try asking { () throws(PostgresError) in
      try connection.query(
        """
        select x.statement from (
          select format('GRANT CREATE ON DATABASE %I TO %I;', current_database(), current_user) as statement, 1 as place
            where to_regnamespace(\(schema)) is null and not has_database_privilege(current_database(), 'create')
          union all
          select format('GRANT USAGE, CREATE ON SCHEMA public TO %I;', current_user), 2
            where not has_schema_privilege('public', 'create') or not has_schema_privilege('public', 'usage')) x
        order by x.place
        """
      ).map { row throws(PostgresError) in try row.get("statement", as: String.self) }
    }
    guard missing.isEmpty else { throw .rights(missing) }
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
