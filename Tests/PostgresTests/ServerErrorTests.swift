import Postgres
import TestSupport
import Testing

@Suite("What the server refuses is told in full to the administrator and without values to the log", .needsPostgres)
struct ServerErrorTests {
  @Test("A unique violation names its constraint, and only the detail holds the value")
  func uniqueViolation() throws {
    try TestServer.withSchema { connection, schema in
      try connection.script("create table \(schema).learners (email text constraint one_per_email unique)")
      let insert: Statement = "insert into \(identifier: schema).learners values (\("eloise@example.org"))"
      try connection.execute(insert)
      let error = try postgresError { try connection.execute(insert) }
      #expect(error.kind == .server)
      #expect(error.sqlState == "23505")
      #expect(error.constraint == "one_per_email")
      #expect(error.isUniqueViolation())
      #expect(error.isUniqueViolation(of: "one_per_email"))
      #expect(!error.isUniqueViolation(of: "another"))
      #expect(error.description == "23505 duplicate key value violates unique constraint \"one_per_email\"")
      #expect(error.debugDetail.contains("eloise@example.org"))
      #expect(try connection.query("select 1 as one").first?.get("one") == 1)
    }
  }

  @Test("A check violation names its constraint")
  func checkViolation() throws {
    try TestServer.withSchema { connection, schema in
      try connection.script("create table \(schema).scores (score float8 constraint score_range check (score <= 1))")
      let error = try postgresError {
        try connection.execute("insert into \(identifier: schema).scores values (\(2.5))")
      }
      #expect(error.sqlState == "23514")
      #expect(error.constraint == "score_range")
      #expect(!error.isUniqueViolation())
    }
  }

  @Test("A syntax error keeps the session usable")
  func syntaxError() throws {
    let connection = try TestServer.connect()
    let error = try postgresError { _ = try connection.query("selekt 1") }
    #expect(error.kind == .server)
    #expect(error.sqlState == "42601")
    #expect(error.description == "42601 syntax error at or near \"selekt\"")
    #expect(connection.isOpen)
    #expect(try connection.query("select 2 as two").first?.get("two") == 2)
  }

  @Test("A value that the server repeats does not reach the description")
  func valuesRedacted() throws {
    let connection = try TestServer.connect()
    let secret = "hunter2"
    let number = try postgresError { _ = try connection.query("select \(secret)::int") }
    #expect(number.description == "22P02 invalid input syntax for type integer: …")
    #expect(number.debugDetail.contains(secret))
    let raised = try postgresError {
      try connection.script("do $$ begin raise exception 'learner \"\(secret)\" is unknown'; end $$")
    }
    #expect(raised.description == "P0001 learner …")
    let range = try postgresError { _ = try connection.query("select \("2026-13-45 \(secret)")::timestamptz") }
    #expect(range.kind == .server)
    #expect(!range.description.contains(secret))
  }

  @Test("Only one statement fits into a query, so a value cannot smuggle a second")
  func oneStatement() throws {
    let error = try postgresError { _ = try TestServer.connect().query("select 1; select 2") }
    #expect(error.sqlState == "42601")
  }

  @Test("COPY is refused, and its session closed, instead of waiting for ever")
  func copy() throws {
    let connection = try TestServer.connect()
    let error = try postgresError { try connection.script("copy (select 1) to stdout") }
    #expect(error == PostgresError(.connection, "COPY is not supported; the session is closed"))
    #expect(!connection.isOpen)
  }

  @Test("A script is one transaction: its error undoes what came before in it", arguments: [false, true])
  func script(pooled: Bool) throws {
    try TestServer.withSchema(pooled: pooled) { connection, schema in
      let error = try postgresError {
        try connection.script("create table \(schema).a (x int); select 1/0; create table \(schema).b (x int)")
      }
      #expect(error.sqlState == "22012")
      let found = try connection.query(
        "select count(*) as tables from information_schema.tables where table_schema = \(schema)")
      #expect(try found.first?.get("tables") == 0)
    }
  }
}
