import Postgres
import TestSupport
import Testing

@Suite("Values travel both ways", .needsPostgres)
struct ValueTests {
  static let texts = [
    "", "plain", "Éloïse Lefèvre", "Anaïs Bœuf", "Noël Àçîñ", "👩🏽‍🎓 日本語", "it's \"quoted\" \\ and\nbroken\tup",
    "$1; drop table x",
    String(repeating: "é", count: 400_000),
  ]

  @Test("A text comes back as it went, directly and through PgBouncer", arguments: texts, [false, true])
  func text(_ text: String, pooled: Bool) throws {
    let row = try #require(try TestServer.connect(pooled: pooled).query("select \(text)::text as value").first)
    let value: String = try row.get("value")
    #expect(value == text)
  }

  @Test("Integers come back as they went, to both ends of bigint", arguments: [0, 1, -1, 42, Int64.max, .min])
  func integer(_ number: Int64) throws {
    let rows = try TestServer.connect().query(
      "select \(number)::bigint as wide, \(Int(number % 1000))::smallint as narrow, \(3)::int as plain")
    let row = try #require(rows.first)
    #expect(try row.get("wide", as: Int64.self) == number)
    #expect(try row.get("narrow", as: Int.self) == Int(number % 1000))
    #expect(try row.get("plain") == 3)
  }

  @Test("Doubles come back as they went", arguments: [0, 0.1, -2.5e-300, 1e300, 66.66667, .infinity, -.infinity])
  func double(_ number: Double) throws {
    let row = try #require(try TestServer.connect().query("select \(number)::float8 as value").first)
    #expect(try row.get("value") == number)
  }

  @Test("Not-a-number comes back, and a numeric reads as a Double")
  func specialNumbers() throws {
    let rows = try TestServer.connect().query(
      "select \(Double.nan)::float8 as nothing, 66.66667::numeric(10,5) as score")
    let row = try #require(rows.first)
    #expect(try row.get("nothing", as: Double.self).isNaN)
    #expect(try row.get("score") == 66.66667)
  }

  @Test("Booleans come back as they went", arguments: [true, false])
  func boolean(_ flag: Bool) throws {
    let row = try #require(try TestServer.connect().query("select \(flag)::boolean as value").first)
    #expect(try row.get("value") == flag)
  }

  @Test("A bytea holds all 256 bytes, or none, directly and through PgBouncer", arguments: [false, true])
  func bytes(pooled: Bool) throws {
    let all = (0...255).map { UInt8($0) } + [0, 0, 92, 39]
    let rows = try TestServer.connect(pooled: pooled).query(
      "select \(all) as all, \([UInt8]()) as none, length(\(all)) as length, \(all) = decode('00', 'hex') as different")
    let row = try #require(rows.first)
    #expect(try row.get("all") == all)
    #expect(try row.get("none", as: [UInt8].self).isEmpty)
    #expect(try row.get("length") == all.count)
    #expect(try row.get("different") == false)
  }

  @Test("A text array keeps quotes, backslashes, braces, empty strings and the word NULL")
  func textArray() throws {
    let words = [
      "", "a", "NULL", "null", "with,comma", "{brace}", "quo\"te", "back\\slash", "Éloïse 👩🏽‍🎓", " space ", "\n",
    ]
    let rows = try TestServer.connect().query(
      """
      select \(words)::text[] as words, cardinality(\(words)::text[]) as count, (\(words)::text[])[7] as seventh,
        \([String]())::text[] as none, array['11111111-1111-1111-1111-111111111111']::uuid[] as ids
      """)
    let row = try #require(rows.first)
    #expect(try row.get("words") == words)
    #expect(try row.get("count") == words.count)
    #expect(try row.get("seventh") == "quo\"te")
    #expect(try row.get("none", as: [String].self).isEmpty)
    #expect(try row.get("ids") == ["11111111-1111-1111-1111-111111111111"])
  }

  @Test(
    "A text array that holds a NULL or has two dimensions is refused",
    arguments: ["array['a', null]", "array[['a','b'],['c','d']]", "'[2:3]={a,b}'::text[]"])
  func textArrayRefused(_ expression: String) throws {
    let row = try #require(try TestServer.connect().query("select \(unescaped: expression)::text[] as words").first)
    let error = try postgresError { _ = try row.get("words", as: [String].self) }
    #expect(error == PostgresError(.decoding, "column words is not text[] (its type has OID 1009)"))
  }

  @Test("NULL goes and comes as nil, of every type")
  func null() throws {
    let rows = try TestServer.connect().query(
      """
      select \(String?.none)::text as text, \(Int?.none)::int as number, \(Bool?.none)::boolean as flag,
        \([UInt8]?.none)::bytea as bytes, \([String]?.none)::text[] as words, \(Double?.some(1.5))::float8 as present
      """)
    let row = try #require(rows.first)
    #expect(try row.get("text", as: String?.self) == nil)
    #expect(try row.get("number", as: Int?.self) == nil)
    #expect(try row.get("flag", as: Bool?.self) == nil)
    #expect(try row.get("bytes", as: [UInt8]?.self) == nil)
    #expect(try row.get("words", as: [String]?.self) == nil)
    #expect(try row.get("present", as: Double?.self) == 1.5)
  }

  @Test("Text that the server writes for other types reads as a String")
  func otherTypesAsText() throws {
    let rows = try TestServer.connect().query(
      "select 'c0ffee00-0000-4000-8000-000000000000'::uuid as id, '{\"a\": 1}'::jsonb as json, 'a'::varchar as word")
    let row = try #require(rows.first)
    #expect(try row.get("id") == "c0ffee00-0000-4000-8000-000000000000")
    #expect(try row.get("json") == "{\"a\": 1}")
    #expect(try row.get("word") == "a")
  }

  @Test("A decoding failure names the column and the type, never the value")
  func decodingFailures() throws {
    let rows = try TestServer.connect().query(
      "select true as flag, 'hunter2'::text as word, null::int as hole, '\\x00'::bytea as bytes, 3000000000 as big")
    let row = try #require(rows.first)
    #expect(
      try postgresError { _ = try row.get("flag", as: Int.self) }
        == PostgresError(.decoding, "column flag is not bigint (its type has OID 16)"))
    #expect(
      try postgresError { _ = try row.get("word", as: Double.self) }
        == PostgresError(.decoding, "column word is not double precision (its type has OID 25)"))
    #expect(
      try postgresError { _ = try row.get("word", as: [UInt8].self) }
        == PostgresError(.decoding, "column word is not bytea (its type has OID 25)"))
    #expect(
      try postgresError { _ = try row.get("hole", as: Int.self) }
        == PostgresError(.decoding, "column hole is NULL where bigint was expected"))
    #expect(
      try postgresError { _ = try row.get("bytes", as: String.self) }
        == PostgresError(.decoding, "column bytes is not text (its type has OID 17)"))
    #expect(
      try postgresError { _ = try row.get("big", as: Bool?.self) }
        == PostgresError(.decoding, "column big is not boolean (its type has OID 20)"))
    #expect(
      try postgresError { _ = try row.get("fla", as: Bool.self) }
        == PostgresError(.decoding, "the result has no column fla"))
  }

  @Test("A NUL in a text is refused before anything is sent, and the session goes on")
  func nul() throws {
    let connection = try TestServer.connect()
    #expect(
      try postgresError { _ = try connection.query("select \("fine")::text, \("cut\0short")::text") }
        == PostgresError(.decoding, sqlState: "22021", "parameter $2 holds a NUL character, which text cannot"))
    #expect(
      try postgresError { _ = try connection.query("select \(["a", "b\0"])::text[]") }
        == PostgresError(.decoding, sqlState: "22021", "parameter $1 holds a NUL character, which text cannot"))
    #expect(
      try postgresError { try connection.script("select 1;\0 select 2") }
        == PostgresError(.decoding, "the script holds a NUL character"))
    #expect(try connection.query("select 1 as one").first?.get("one") == 1)
  }

  @Test("Several megabytes pass in both directions in one statement")
  func megabytes() throws {
    let connection = try TestServer.connect()
    let bytes = (0..<8_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let row = try #require(try connection.query("select \(bytes) as bytes").first)
    #expect(try row.get("bytes") == bytes)
  }
}
