import Testing
import Wire

@Suite("Forms (WHATWG URL §5)")
struct FormTests {
  private func decode(_ text: String, maxFields: Int = 200) throws -> [[String]] {
    try FormURLEncoded.decode(Array(text.utf8), maxFields: maxFields).items.map { [$0.name, $0.value] }
  }

  @Test("fields are decoded in order")
  func decodes() throws {
    #expect(try decode("iss=https%3A%2F%2Fh&login_hint=2") == [["iss", "https://h"], ["login_hint", "2"]])
    #expect(try decode("n=%C3%89lo%c3%afse+Lef%C3%A8vre") == [["n", "Éloïse Lefèvre"]])
    #expect(try decode("n=Élo") == [["n", "Élo"]])
    #expect(try decode("a=1+%2B%26%3D%25") == [["a", "1 +&=%"]])
    #expect(try decode("a=b=c") == [["a", "b=c"]])
    #expect(try decode("a&b=&=c&&d=1&") == [["a", ""], ["b", ""], ["", "c"], ["d", "1"]])
    #expect(try decode("a+b=1") == [["a b", "1"]])
    #expect(try decode("").isEmpty)
    #expect(try decode("&&&").isEmpty)
  }

  @Test("escapes that are none, bytes that are not UTF-8 and NUL are refused, in names and values")
  func refusesBrokenEncoding() {
    let broken = [
      "a=%", "a=%4", "a=%zz", "a=%4g", "a=%é1", "%=1", "a=%00", "%00=1", "a=%E9", "a=%C3", "a=%C0%AF", "a=%ED%A0%80",
      "a=%+1", "a=\0",
    ]
    for text in broken {
      #expect(throws: FormError.invalidEncoding, "\(text)") { try decode(text) }
    }
    #expect(throws: FormError.invalidEncoding) { try FormURLEncoded.decode([UInt8(ascii: "a"), 0xE9]) }
  }

  @Test("as many fields as asked for, and not one more")
  func limitsFields() throws {
    #expect(try decode("a&b", maxFields: 2).count == 2)
    #expect(try decode("a&&b&", maxFields: 2).count == 2)
    #expect(throws: FormError.tooManyFields) { try decode("a&b&c", maxFields: 2) }
    let many = Array(repeating: "a=1", count: 201).joined(separator: "&")
    #expect(throws: FormError.tooManyFields) { try decode(many) }
  }

  @Test("a field that may come once is refused when it comes twice, even with one value")
  func refusesDuplicates() throws {
    let form = try FormURLEncoded.decode(Array("state=1&b=2&st%61te=1&c=".utf8))
    #expect(throws: FormError.duplicate("state")) { try form.value("state") }
    #expect(try form.value("b") == "2")
    #expect(try form.value("c")?.isEmpty == true)
    #expect(try form.value("absent") == nil)
    #expect(try form.value("B") == nil)
    #expect(form.all("state") == ["1", "1"])
    #expect(form.first("state") == "1")
    #expect(form.first("absent") == nil)
  }

  @Test("what is encoded decodes to the same, whatever the bytes")
  func roundTrips() throws {
    let everything = String(String.UnicodeScalarView((1..<0x250).compactMap(Unicode.Scalar.init)))
    let items = [("é&+ =%", everything), ("", ""), ("a", "b\r\n")]
    let encoded = FormURLEncoded.encode(items)
    #expect(try decode(encoded) == items.map { [$0.0, $0.1] })
    #expect(encoded.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F })
  }

  @Test("encoding leaves letters, digits and *-._ alone")
  func encodes() {
    #expect(FormURLEncoded.encode([("a-b", "A_1*. ~é/")]) == "a-b=A_1*.+%7E%C3%A9%2F")
    #expect(FormURLEncoded.encode([("a", "1"), ("a", "2")]) == "a=1&a=2")
    #expect(FormURLEncoded.encode([]).isEmpty)
  }
}
