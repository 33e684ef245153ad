import Postgres
import TestSupport
import Testing

@Suite("A statement keeps its values apart from its SQL")
struct StatementTests {
  @Test("Interpolated values become $1, $2, … in order")
  func placeholders() {
    let name = "x'; drop table learners; --"
    let statement: Statement = "select \(name), \(42), \(true), \([UInt8]([0, 255])), \(["a\"", "b"]), \(String?.none)"
    #expect(statement.sql == "select $1, $2, $3, $4, $5, $6")
    #expect(
      statement.parameters == [
        .text(name), .text("42"), .text("t"), .bytea([0, 255]), .text("{\"a\\\"\",\"b\"}"), .null,
      ])
  }

  @Test("A literal without values has no parameters")
  func literal() {
    let statement: Statement = "select 1"
    #expect(statement == Statement(sql: "select 1", parameters: []))
  }

  @Test("An identifier is quoted, and SQL of the program stands as it is")
  func identifiers() {
    let statement: Statement = "select \(unescaped: "now()") from \(identifier: "odd\"name") where a = \(1.5)"
    #expect(statement.sql == "select now() from \"odd\"\"name\" where a = $1")
    #expect(statement.parameters == [.text("1.5")])
  }

  @Test("A hostile value is stored, not run", .needsPostgres)
  func injection() throws {
    try TestServer.withSchema { connection, schema in
      try connection.script("create table \(schema).words (word text)")
      let hostile = "'); drop table \(schema).words; --"
      #expect(try connection.execute("insert into \(identifier: schema).words values (\(hostile))") == 1)
      let row = try #require(try connection.query("select word from \(identifier: schema).words").first)
      #expect(try row.get("word") == hostile)
    }
  }

  @Test("execute counts the rows it touched", .needsPostgres)
  func counts() throws {
    try TestServer.withSchema { connection, schema in
      try connection.script("create table \(schema).numbers (number int)")
      let table = schema + ".numbers"
      #expect(try connection.execute("insert into \(unescaped: table) select generate_series(1, 7)") == 7)
      #expect(try connection.execute("update \(unescaped: table) set number = 0 where number > \(5)") == 2)
      #expect(try connection.execute("delete from \(unescaped: table) where number = \(99)") == 0)
      #expect(try connection.query("select number from \(unescaped: table)").count == 7)
      #expect(try connection.query("select number as a, 1 as b from \(unescaped: table)").columnNames == ["a", "b"])
    }
  }
}
