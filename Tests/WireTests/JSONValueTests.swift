import Testing
import Wire

@Suite("JSON values")
struct JSONValueTests {
  static let encodings: [(JSONValue, String)] = [
    (.null, "null"),
    (true, "true"),
    (0, "0"),
    (.number(-0.0), "0"),
    (100, "100"),
    (100.0, "100"),
    (-3, "-3"),
    (0.1, "0.1"),
    (83.33333, "83.33333"),
    (.number(2.0 / 3.0), "0.6666666666666666"),
    (9_007_199_254_740_992, "9007199254740992"),
    (1e17, "100000000000000000"),
    (1e19, "1e+19"),
    (.number(.leastNonzeroMagnitude), "5e-324"),
    (.number(.infinity), "null"),
    (.number(.nan), "null"),
    ("", "\"\""),
    ("Éloïse 😀", "\"Éloïse 😀\""),
    ("\"\\/", "\"\\\"\\\\/\""),
    ("\n\r\t\u{0}\u{8}\u{1b}\u{7f}", "\"\\n\\r\\t\\u0000\\u0008\\u001b\\u007f\""),
    ([], "[]"),
    ([1, "a", .null], "[1,\"a\",null]"),
    ([:], "{}"),
    (["b": 1, "a": ["c": []]], "{\"b\":1,\"a\":{\"c\":[]}}"),
    (["é\"": 1], "{\"é\\\"\":1}"),
  ]

  @Test("a value is written compact, in order, on one line", arguments: encodings)
  func encodes(value: JSONValue, text: String) {
    #expect(value.encoded == text)
  }

  @Test("what is written reads back the same")
  func roundTrips() throws {
    let scalars = (0..<0x3000).compactMap(Unicode.Scalar.init).map(Character.init)
    let numbers: [JSONValue] = [0.1, 1e-7, 1.5e300, 1e19, 123456.789, -2.5, 83.33333, 4503599627370497.5].map { $0 }
    let value: JSONValue = ["text": .string(String(scalars)), "numbers": .array(numbers), "nested": [[[:], []]]]
    let encoded = value.encoded
    #expect(try JSONValue(parsing: encoded).encoded == encoded)
    #expect(try JSONValue(parsing: encoded) == value)
    #expect(!encoded.utf8.contains(0x0A))
  }

  @Test("accessors answer for their own kind only")
  func accessors() {
    #expect(JSONValue.string("1").stringValue == "1")
    #expect(JSONValue.string("1").doubleValue == nil)
    #expect(JSONValue.string("1").intValue == nil)
    #expect(JSONValue.number(1).intValue == 1)
    #expect(JSONValue.number(1.5).intValue == nil)
    #expect(JSONValue.number(1e19).intValue == nil)
    #expect(JSONValue.number(-9.223372036854775808e18).intValue == .min)
    #expect(JSONValue.number(9.223372036854775808e18).intValue == nil)
    #expect(JSONValue.number(1).boolValue == nil)
    #expect(JSONValue.bool(false).boolValue == false)
    #expect(JSONValue.bool(true).doubleValue == nil)
    #expect(JSONValue.null.isNull)
    #expect(!JSONValue.bool(false).isNull)
    #expect(JSONValue.array([1])["0"] == nil)
    let object: JSONValue = ["a": ["b": "c"]]
    #expect(object["a"]?["b"]?.stringValue == "c")
    #expect(object["b"] == nil)
    #expect(object.arrayValue == nil)
  }

  @Test("an object keeps its order and has each name once")
  func objectOrder() {
    var object: JSONObject = ["b": 1, "a": 2, "b": 3]
    #expect(object.encoded == "{\"b\":3,\"a\":2}")
    object["c"] = 4
    object["b"] = nil
    object["a"] = "é"
    object["absent"] = nil
    #expect(object.encoded == "{\"a\":\"é\",\"c\":4}")
    #expect(object.keys == ["a", "c"])
    let many = JSONObject((0..<100).map { ("k\($0 % 40)", .number(Double($0))) })
    #expect(many.count == 40)
    #expect(many["k19"] == 99)
    #expect(many["k20"] == 60)
    #expect(many.keys.first == "k0")
  }

  @Test("objects are equal whatever their order, and differ by a name or a value")
  func objectEquality() {
    let left: JSONObject = ["a": 1, "b": 2]
    #expect(left == ["b": 2, "a": 1])
    #expect(left != ["a": 1])
    #expect(left != ["a": 1, "b": 3])
    #expect(left != ["a": 1, "c": 2])
  }

  @Test("names are compared by bytes, not by canonical equivalence")
  func namesAreBytes() {
    let object: JSONObject = ["\u{212A}": 1]
    #expect(object["K"] == nil)
    #expect(object["\u{212A}"] == 1)
    let composed: JSONObject = ["\u{e9}": 1]
    #expect(composed["e\u{301}"] == nil)
  }
}
