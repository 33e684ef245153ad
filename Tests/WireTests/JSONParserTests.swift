import Testing
import Wire

@Suite("JSON parser (RFC 8259)")
struct JSONParserTests {
  static let accepted: [(String, JSONValue)] = [
    ("null", .null),
    ("true", true),
    (" \n\r\tfalse \n", false),
    ("0", 0),
    ("-0", 0),
    ("1234567890123456789", 1_234_567_890_123_456_789),
    ("-1", -1),
    ("1.5", 1.5),
    ("-0.1", -0.1),
    ("1e3", 1000),
    ("1E+3", 1000),
    ("25e-1", 2.5),
    ("0e99999999999999999999", 0),
    ("1e-400", 0),
    ("123456789012345678901234567890", 1.2345678901234568e29),
    ("0.30000000000000004", 0.30000000000000004),
    ("1.7976931348623157e308", .number(.greatestFiniteMagnitude)),
    ("5e-324", .number(.leastNonzeroMagnitude)),
    ("9007199254740993", 9_007_199_254_740_992),
    ("\"\"", ""),
    ("\"a\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "a\"\\/\u{8}\u{c}\n\r\t"),
    ("\"\\u00e9\\u00C9\"", "éÉ"),
    ("\"\\ud83d\\uDE00!\"", "😀!"),
    ("\"\\u0000\"", "\0"),
    ("\"\u{7f}\"", "\u{7f}"),
    ("\"\u{2028}\"", "\u{2028}"),
    ("\"Éloïse Lefèvre\"", "Éloïse Lefèvre"),
    ("\"Anaïs \\u0042\\u0153uf\"", "Anaïs Bœuf"),
    ("[]", []),
    ("[ ]", []),
    ("[1,[2,{}],\"\"]", [1, [2, [:]], ""]),
    ("{}", [:]),
    ("{\"a\" : [ ] , \"b\":{\"a\":null}}", ["a": [], "b": ["a": .null]]),
    ("{\"\":1}", ["": 1]),
    ("{\"é\":1,\"e\u{301}\":2}", .object(JSONObject([("é", 1), ("e\u{301}", 2)]))),
  ]

  @Test("every well-formed text gives its value", arguments: accepted)
  func acceptsWellFormed(text: String, value: JSONValue) throws {
    #expect(try JSONValue(parsing: text) == value)
  }

  static let refused: [(String, JSONError)] = [
    ("", .syntax(offset: 0)),
    ("   ", .syntax(offset: 3)),
    ("\u{FEFF}{}", .syntax(offset: 0)),
    ("nul", .syntax(offset: 3)),
    ("nulll", .syntax(offset: 4)),
    ("True", .syntax(offset: 0)),
    ("NaN", .syntax(offset: 0)),
    ("Infinity", .syntax(offset: 0)),
    ("-Infinity", .syntax(offset: 1)),
    ("'a'", .syntax(offset: 0)),
    ("1 2", .syntax(offset: 2)),
    ("{} x", .syntax(offset: 3)),
    ("{}\0", .syntax(offset: 2)),
    ("01", .syntax(offset: 0)),
    ("-01", .syntax(offset: 0)),
    ("00", .syntax(offset: 0)),
    ("+1", .syntax(offset: 0)),
    ("-", .syntax(offset: 1)),
    ("1.", .syntax(offset: 2)),
    (".5", .syntax(offset: 0)),
    ("1.e1", .syntax(offset: 2)),
    ("1e", .syntax(offset: 2)),
    ("1e+", .syntax(offset: 3)),
    ("0x10", .syntax(offset: 1)),
    ("1_000", .syntax(offset: 1)),
    ("0,5", .syntax(offset: 1)),
    ("1e400", .numberOutOfRange(offset: 0)),
    ("[-1e99999999999999999999]", .numberOutOfRange(offset: 1)),
    ("[", .syntax(offset: 1)),
    ("]", .syntax(offset: 0)),
    ("[1,]", .syntax(offset: 3)),
    ("[,1]", .syntax(offset: 1)),
    ("[1 2]", .syntax(offset: 3)),
    ("[1", .syntax(offset: 2)),
    ("[1}", .syntax(offset: 2)),
    ("[1,,2]", .syntax(offset: 3)),
    ("[/**/1]", .syntax(offset: 1)),
    ("{", .syntax(offset: 1)),
    ("{\"a\":1,}", .syntax(offset: 7)),
    ("{,}", .syntax(offset: 1)),
    ("{a:1}", .syntax(offset: 1)),
    ("{1:1}", .syntax(offset: 1)),
    ("{\"a\"}", .syntax(offset: 4)),
    ("{\"a\" 1}", .syntax(offset: 5)),
    ("{\"a\":}", .syntax(offset: 5)),
    ("{\"a\":1]", .syntax(offset: 6)),
    ("{\"a\":1", .syntax(offset: 6)),
    ("\"a", .syntax(offset: 2)),
    ("\"\\", .syntax(offset: 2)),
    ("\"\\x41\"", .syntax(offset: 2)),
    ("\"\\u12\"", .syntax(offset: 5)),
    ("\"\\u12g4\"", .syntax(offset: 5)),
    ("\"a\nb\"", .syntax(offset: 2)),
    ("\"a\tb\"", .syntax(offset: 2)),
    ("\"a\0b\"", .syntax(offset: 2)),
    ("\"\\n\u{1f}\"", .syntax(offset: 3)),
    ("\"\\ud800\"", .syntax(offset: 3)),
    ("\"\\udc00\"", .syntax(offset: 3)),
    ("\"\\ud800x\"", .syntax(offset: 3)),
    ("\"\\ud800\\n\"", .syntax(offset: 3)),
    ("\"\\ud800\\u0041\"", .syntax(offset: 3)),
    ("\"\\ud800\\ud800\"", .syntax(offset: 3)),
    ("\"\\udc00\\ud800\"", .syntax(offset: 3)),
    ("\"\\udc00\\udc00\"", .syntax(offset: 3)),
    ("{\"a\":1,\"a\":1}", .duplicateKey("a")),
    ("{\"a\":1,\"\\u0061\":2}", .duplicateKey("a")),
    ("{\"x\":{\"iss\":1,\"b\":2,\"iss\":3}}", .duplicateKey("iss")),
  ]

  @Test("every broken text is refused where it breaks", arguments: refused)
  func refusesBroken(text: String, error: JSONError) {
    #expect(throws: error) { try JSONValue(parsing: text) }
  }

  static let notUTF8: [[UInt8]] = [
    [0xFF],
    [0x80],  // a continuation without a start
    [0xC3],  // a start without its continuation
    [0xC0, 0xAF],  // overlong slash
    [0xE0, 0x80, 0xAF],  // overlong slash in three
    [0xF0, 0x80, 0x80, 0xAF],  // overlong slash in four
    [0xED, 0xA0, 0x80],  // a surrogate in UTF-8
    [0xF4, 0x90, 0x80, 0x80],  // above U+10FFFF
    [0xE9],  // é in Latin-1
    [0xF0, 0x9F, 0x98],  // a cut emoji, as long as its replacement
  ]

  @Test("a string that is not UTF-8 is refused, with or without an escape in it", arguments: notUTF8)
  func refusesInvalidUTF8(bytes: [UInt8]) {
    let quote = UInt8(ascii: "\"")
    #expect(throws: JSONError.invalidUTF8) { try JSONValue(parsing: [quote] + bytes + [quote]) }
    #expect(throws: JSONError.invalidUTF8) { try JSONValue(parsing: [quote] + Array("\\n".utf8) + bytes + [quote]) }
    #expect(throws: JSONError.invalidUTF8) {
      try JSONValue(parsing: Array("{\"".utf8) + bytes + Array("\":1}".utf8))
    }
  }

  @Test("a number is the binary64 nearest to its decimals, whichever way it is read")
  func roundsCorrectly() throws {
    var state: UInt64 = 20_261_123
    func random(_ bound: UInt64) -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return (state >> 33) % bound
    }
    var wrong: [String] = []
    for _ in 0..<20_000 {
      var text = random(2) == 0 ? "-" : ""
      text += String(1 + random(9)) + (0..<random(20)).map { _ in String(random(10)) }.joined()
      if random(2) == 0 { text += "." + (0...random(6)).map { _ in String(random(10)) }.joined() }
      if random(2) == 0 { text += "e" + String(Int(random(90)) - 45) }
      if try JSONValue(parsing: text).doubleValue?.bitPattern != Double(text)?.bitPattern { wrong.append(text) }
    }
    #expect(wrong.isEmpty)
  }

  @Test("nesting is accepted to the depth asked for and refused one deeper")
  func limitsDepth() throws {
    func nested(_ depth: Int) -> String {
      String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    #expect(try JSONValue(parsing: nested(32)).arrayValue?.count == 1)
    #expect(throws: JSONError.tooDeep) { try JSONValue(parsing: nested(33)) }
    #expect(throws: JSONError.tooDeep) { try JSONValue(parsing: "{\"a\":[]}", maxDepth: 1) }
    #expect(throws: JSONError.tooDeep) { try JSONValue(parsing: "[]", maxDepth: 0) }
    #expect(try JSONValue(parsing: "1", maxDepth: 0) == 1)
  }

  @Test("a depth no stack could hold is refused whatever is asked for")
  func limitsDepthAbsolutely() {
    let text = String(repeating: "[", count: 100_000)
    #expect(throws: JSONError.tooDeep) { try JSONValue(parsing: text, maxDepth: .max) }
  }

  @Test("a text longer than asked for is refused before it is read")
  func limitsLength() throws {
    #expect(try JSONValue(parsing: "[1]", maxBytes: 3) == [1])
    #expect(throws: JSONError.tooLarge) { try JSONValue(parsing: "[1,", maxBytes: 2) }
  }

  @Test("30 000 names in one object are read in less than quadratic time, and a late duplicate is found")
  func readsManyNames() throws {
    let members = (0..<30_000).map { "\"name\($0)\":\($0)" }
    let clock = ContinuousClock()
    let elapsed = try clock.measure {
      let object = try JSONValue(parsing: "{" + members.joined(separator: ",") + "}").objectValue
      #expect(object?.count == 30_000)
      #expect(object?.members[29_999].key == "name29999")
    }
    #expect(elapsed < .seconds(3))
    #expect(throws: JSONError.duplicateKey("name17")) {
      try JSONValue(parsing: "{" + members.joined(separator: ",") + ",\"name17\":0}")
    }
    #expect(throws: JSONError.duplicateKey("name3")) {
      try JSONValue(parsing: "{" + members[..<16].joined(separator: ",") + ",\"name\\u0033\":0}")
    }
  }
}
