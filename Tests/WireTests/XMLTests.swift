import Testing
import Wire

@Suite("XML")
struct XMLTests {
  static func parse(_ text: String, maxDepth: Int = 32) throws -> XML.Element {
    try XML.Element(parsing: Array(text.utf8), maxDepth: maxDepth)
  }

  @Test("an envelope is read by names in its own namespace, whatever the prefix")
  func envelope() throws {
    for text in [
      "<a xmlns='urn:x'><b><c>0.75</c></b></a>", "<p:a xmlns:p=\"urn:x\"><p:b><p:c>0.75</p:c></p:b></p:a>",
      "<a xmlns='urn:x'><q:b xmlns:q='urn:x'><c>0.<!-- half -->7<?x y?>5</c></q:b></a>",
    ] {
      let root = try Self.parse(text)
      #expect(root.name == "a" && root.namespace == "urn:x")
      #expect(root.descendant("b", "c")?.text == "0.75")
    }
    #expect(try Self.parse("<a xmlns='urn:x'><b xmlns=''/></a>").child("b") == nil)
    #expect(try Self.parse("<a><b xmlns='urn:x'/></a>").child("b") == nil)
    #expect(try Self.parse("<a><b/><b>2</b></a>").child("b")?.text == "")
  }

  @Test("a declaration, a byte order mark, comments, instructions and blanks may surround the element")
  func prolog() throws {
    for text in [
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<a/>\n",
      "<?xml version='1.1' encoding='utf-8' standalone='yes' ?><a/>",
      "<?xml version=\"1.0\"?><!-- <b> --><?xml-stylesheet href=\"x\"?><a />", "\u{FEFF}<a></a >", " \r\n<a\n/>",
    ] {
      #expect(try Self.parse(text).name == "a")
    }
  }

  @Test("references, CDATA and line ends become the text they stand for")
  func text() throws {
    let cases = [
      ("&lt;&gt;&amp;&quot;&apos;", "<>&\"'"), ("&#233;&#xE9;&#x1F642;", "éé🙂"),
      ("a<![CDATA[<b>&amp;]]]>c", "a<b>&amp;]c"),
      ("\r\n \r\t\n", "\n \n\t\n"), ("&#13;&#10;", "\r\n"), ("<![CDATA[]]>", ""), ("x<b>y</b>z", "xz"),
      ("]] >", "]] >"),
    ]
    for (written, read) in cases {
      let text = try Self.parse("<a>\(written)</a>").text
      #expect(Array(text.utf8) == Array(read.utf8))
    }
  }

  @Test("attributes are decoded, and stay out of the default namespace")
  func attributes() throws {
    let element = try Self.parse(
      "<p:a xmlns:p='urn:x' xmlns='urn:y' b=\"1&#10;&lt;\r\n'\"  p:b='2' xml:lang='fr'/>")
    #expect(element.attributes.map(\.name) == ["b", "b", "lang"])
    #expect(element.attributes.map(\.namespace) == [nil, "urn:x", "http://www.w3.org/XML/1998/namespace"])
    #expect(element.attributes.map(\.value) == ["1\n< '", "2", "fr"])
  }

  static let broken: [(String, XMLError)] = [
    ("", .syntax(offset: 0)), ("a", .syntax(offset: 0)), ("<a>", .syntax(offset: 3)), ("<a></b>", .syntax(offset: 6)),
    ("<p:a xmlns:p='u' xmlns:q='u'></q:a>", .syntax(offset: 34)),
    ("<a/><b/>", .syntax(offset: 4)), ("<a/>x", .syntax(offset: 4)), ("<a", .syntax(offset: 2)),
    ("<a b>", .syntax(offset: 4)), ("<a b=c/>", .syntax(offset: 5)), ("<a b='<'/>", .syntax(offset: 6)),
    ("<a b='1'c='2'/>", .syntax(offset: 8)), ("<1/>", .syntax(offset: 1)), ("< a/>", .syntax(offset: 1)),
    ("<a:/>", .syntax(offset: 3)), ("<a:b:c xmlns:a='u'/>", .syntax(offset: 4)), ("<a>]]></a>", .syntax(offset: 3)),
    ("<a><!-- -- --></a>", .syntax(offset: 8)), ("<a><![CDATA[</a>", .syntax(offset: 16)),
    ("<a>&#0;</a>", .syntax(offset: 3)), ("<a>&#xD800;</a>", .syntax(offset: 3)),
    ("<a>&#xFFFE;</a>", .syntax(offset: 3)),
    ("<a>&#99999999999999999999;</a>", .syntax(offset: 3)), ("<a>&#;</a>", .syntax(offset: 3)),
    ("<a>&#xg;</a>", .syntax(offset: 3)), ("<a>& b</a>", .syntax(offset: 4)), ("<a>&lt</a>", .syntax(offset: 3)),
    ("<a>&#X41;</a>", .syntax(offset: 3)), ("<a>&nbsp;</a>", .entityUndeclared(offset: 3)),
    ("<a>&LT;</a>", .entityUndeclared(offset: 3)), ("<a b='&x;'/>", .entityUndeclared(offset: 6)),
    ("<!DOCTYPE a><a/>", .doctypeForbidden),
    ("<?xml version='1.0'?>\n<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><a>&x;</a>", .doctypeForbidden),
    ("<!doctype html><html></html>", .syntax(offset: 1)), ("<html><br></html>", .syntax(offset: 16)),
    ("<p:a/>", .namespaceInvalid(offset: 0)), ("<a p:b='1'/>", .namespaceInvalid(offset: 0)),
    ("<a><p:b xmlns:p='u'/><p:c/></a>", .namespaceInvalid(offset: 21)),
    ("<a xmlns:p=''/>", .namespaceInvalid(offset: 0)),
    ("<a xmlns:xmlns='u'/>", .namespaceInvalid(offset: 0)), ("<a xmlns:xml='u'/>", .namespaceInvalid(offset: 0)),
    ("<a b='1' b='2'/>", .duplicateAttribute(offset: 0)), ("<a xmlns='u' xmlns='u'/>", .duplicateAttribute(offset: 0)),
    ("<a xmlns:p='u' xmlns:q='u' p:b='' q:b=''/>", .duplicateAttribute(offset: 0)),
    ("<?xml version='1.0' encoding='ISO-8859-1'?><a/>", .encodingUnsupported),
    ("<?xml version='2.0'?><a/>", .encodingUnsupported), ("<?xml encoding='UTF-8'?><a/>", .syntax(offset: 22)),
    (" <?xml version='1.0'?><a/>", .syntax(offset: 1)), ("<?xml?><a/>", .syntax(offset: 0)),
    ("<a>\u{1}</a>", .invalidCharacters), ("<a>\u{FFFF}</a>", .invalidCharacters), ("<a\u{0}/>", .invalidCharacters),
  ]

  @Test("what is not well-formed is refused where it breaks", arguments: broken)
  func refused(text: String, error: XMLError) {
    #expect(throws: error) { try Self.parse(text) }
  }

  @Test("bytes that are not UTF-8 are refused")
  func encoding() {
    for bytes: [UInt8] in [
      [0x3C, 0x61, 0xE9, 0x2F, 0x3E], [0xFF, 0xFE, 0x3C, 0x00], [0x3C, 0x61, 0x3E, 0xED, 0xA0, 0x80],
    ] {
      #expect(throws: XMLError.invalidCharacters) { try XML.Element(parsing: bytes) }
    }
  }

  @Test("depth, length and the number of attributes are bounded")
  func limits() throws {
    func nested(_ depth: Int) -> String {
      String(repeating: "<a>", count: depth) + String(repeating: "</a>", count: depth)
    }
    #expect(try Self.parse(nested(32)).name == "a")
    #expect(throws: XMLError.tooDeep) { try Self.parse(nested(33)) }
    #expect(throws: XMLError.tooDeep) { try Self.parse(nested(129), maxDepth: 100_000) }
    #expect(try Self.parse(nested(128), maxDepth: 100_000).name == "a")
    let padding = String(repeating: " ", count: 1 << 16)
    #expect(throws: XMLError.tooLarge) { try Self.parse("<a/>" + padding) }
    func attributes(_ count: Int) -> String { "<a " + (0..<count).map { "b\($0)=''" }.joined(separator: " ") + "/>" }
    #expect(try Self.parse(attributes(64)).attributes.count == 64)
    #expect(throws: XMLError.tooLarge) { try Self.parse(attributes(65)) }
  }

  @Test("every proper prefix of a document, and many a changed byte, ends in an element or an error")
  func fragments() throws {
    let whole = Array(
      "<?xml version=\"1.0\"?><p:a xmlns:p='u' b=\"&#x41;&amp;\"><![CDATA[x]]><!-- c --><?d e?>\r\n</p:a>".utf8)
    for length in 0..<whole.count {
      #expect(throws: XMLError.self) { try XML.Element(parsing: Array(whole[..<length])) }
    }
    for place in whole.indices {
      for byte: UInt8 in [0x00, 0x20, 0x22, 0x26, 0x27, 0x3B, 0x3C, 0x3E, 0x3F, 0x41, 0x5D, 0x80, 0xFF] {
        var changed = whole
        changed[place] = byte
        _ = try? XML.Element(parsing: changed)
      }
    }
  }

  @Test("escaped text comes back as it was, whatever it holds")
  func escaping() throws {
    for text in ["<&>\"'", "]]>", "\r\n\r\t \n", "é🙂\u{85}\u{2028}", "&amp;", "{\"data\":{\"a\":\"2\"}}", ""] {
      let element = try Self.parse("<a>\(try #require(XML.text(text)))</a>")
      #expect(Array(element.text.utf8) == Array(text.utf8))
    }
    #expect(XML.text("a<b & c>") == "a&lt;b &amp; c&gt;")
    for text in ["\u{0}", "a\u{B}", "\u{1F}", "\u{FFFE}", "\u{FFFF}"] { #expect(XML.text(text) == nil) }
  }

  @Test("each error has its own stable code")
  func codes() {
    let errors: [XMLError] = [
      .tooLarge, .tooDeep, .invalidCharacters, .encodingUnsupported, .doctypeForbidden, .entityUndeclared(offset: 0),
      .namespaceInvalid(offset: 0), .duplicateAttribute(offset: 0), .syntax(offset: 0),
    ]
    #expect(Set(errors.map(\.code)).count == errors.count)
    #expect(errors.allSatisfy { $0.code.hasPrefix("xml_") })
  }
}
