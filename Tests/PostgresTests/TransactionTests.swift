import Postgres
import TestSupport
import Testing

@Suite("A transaction is all or nothing", .needsPostgres)
struct TransactionTests {
  @Test("What the body did is there afterwards", arguments: [false, true])
  func commit(pooled: Bool) throws {
    try TestServer.withSchema(pooled: pooled) { connection, schema in
      let answer = try connection.transaction { () throws(PostgresError) -> String in
        try connection.script("create table \(schema).t (x int)")
        try connection.execute("insert into \(identifier: schema).t values (1), (2)")
        return "done"
      }
      #expect(answer == "done")
      #expect(try TestServer.connect().query("select x from \(identifier: schema).t").count == 2)
    }
  }

  @Test("An error rolls back, is thrown on, and leaves the session usable", arguments: [false, true])
  func rollback(pooled: Bool) throws {
    try TestServer.withSchema(pooled: pooled) { connection, schema in
      try connection.script("create table \(schema).t (x int)")
      let error = try postgresError {
        try connection.transaction { () throws(PostgresError) in
          try connection.execute("insert into \(identifier: schema).t values (1)")
          try connection.execute("insert into \(identifier: schema).t values (1/0)")
        }
      }
      #expect(error.sqlState == "22012")
      #expect(try connection.query("select x from \(identifier: schema).t").isEmpty)
    }
  }

  @Test("A transaction whose body hides a failed statement does not pretend to be committed")
  func hiddenFailure() throws {
    try TestServer.withSchema { connection, schema in
      try connection.script("create table \(schema).t (x int)")
      let error = try postgresError {
        try connection.transaction { () throws(PostgresError) in
          try connection.execute("insert into \(identifier: schema).t values (1)")
          do throws(PostgresError) { try connection.script("select 1/0") } catch {}
        }
      }
      #expect(error.sqlState == "25P02")
      #expect(try connection.query("select x from \(identifier: schema).t").isEmpty)
    }
  }

  @Test("A session killed within a transaction is closed, and nothing of it stays")
  func killed() throws {
    try TestServer.withSchema { connection, schema in
      try connection.script("create table \(schema).t (x int)")
      let error = try postgresError {
        try connection.transaction { () throws(PostgresError) in
          try connection.execute("insert into \(identifier: schema).t values (1)")
          try connection.script("select pg_terminate_backend(pg_backend_pid())")
        }
      }
      #expect(error.kind == .connection)
      #expect(!connection.isOpen)
      #expect(try TestServer.connect().query("select x from \(identifier: schema).t").isEmpty)
    }
  }
}
