import Postgres
import TestSupport
import Testing

@Suite("Rows are taken one by one", .needsPostgres)
struct RowStreamTests {
  @Test("All come in order, and the session goes on after the last")
  func all() throws {
    try TestServer.withSchema { connection, _ in
      let rows = try connection.stream("select n::text as n from generate_series(1, \(5000)::integer) n")
      var numbers: [String] = []
      while let row = try rows.next() { numbers.append(try row.get("n")) }
      #expect(numbers == (1...5000).map(String.init))
      #expect(try rows.next() == nil)
      #expect(try connection.query("select 1").count == 1)
      #expect(try connection.stream("select where false").next() == nil)
    }
  }

  @Test("An error in the middle is thrown after the rows before it, and leaves the session usable")
  func broken() throws {
    try TestServer.withSchema { connection, _ in
      let rows = try connection.stream("select 1 / (500 - n) as x from generate_series(1, 1000) n")
      var count = 0
      let error = caught(PostgresError.self) {
        while try rows.next() != nil { count += 1 }
      }
      #expect(error?.sqlState == "22012")
      #expect(count == 499)
      #expect(try connection.query("select 1").count == 1)
    }
  }

  @Test("What is left out does not stand in the next statement's way")
  func dropped() throws {
    try TestServer.withSchema { connection, _ in
      let rows = try connection.stream("select n from generate_series(1, 10000) n")
      _ = try rows.next()
      rows.drop()
      #expect(try connection.query("select 1").count == 1)
    }
  }
}
