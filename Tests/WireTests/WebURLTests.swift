import Testing
import Wire

@Suite("URLs kept verbatim (RFC 3986)")
struct WebURLTests {
  @Test("the parts of a full URL")
  func parts() throws {
    let url = try #require(WebURL("https://Moodle.Example.org:8443/mod/lti/services.php/2/x?type_id=1&a=b%20c#frag?x"))
    #expect(url.scheme == .https)
    #expect(url.host == "Moodle.Example.org")
    #expect(url.port == 8443)
    #expect(url.authority == "Moodle.Example.org:8443")
    #expect(url.path == "/mod/lti/services.php/2/x")
    #expect(url.query == "type_id=1&a=b%20c")
    #expect(url.fragment == "frag?x")
    #expect(url.requestTarget == "/mod/lti/services.php/2/x?type_id=1&a=b%20c")
    #expect(url.description == "https://Moodle.Example.org:8443/mod/lti/services.php/2/x?type_id=1&a=b%20c#frag?x")
    #expect(url.origin.description == "https://moodle.example.org:8443")
  }

  static let short: [(String, String, Int, String, String?, String?, String)] = [
    ("http://h", "h", 80, "/", nil, nil, "/"),
    ("HTTPS://h", "h", 443, "/", nil, nil, "/"),
    ("https://h?", "h", 443, "/", "", nil, "/?"),
    ("https://h?a=1", "h", 443, "/", "a=1", nil, "/?a=1"),
    ("https://h#", "h", 443, "/", nil, "", "/"),
    ("https://h#a?b#c", "h", 443, "/", nil, "a?b#c", "/"),
    ("https://h/?#", "h", 443, "/", "", "", "/?"),
    ("https://h:443/a//b/../c", "h", 443, "/a//b/../c", nil, nil, "/a//b/../c"),
    ("http://127.0.0.1:8080/", "127.0.0.1", 8080, "/", nil, nil, "/"),
    ("http://[::1]:8080/x", "::1", 8080, "/x", nil, nil, "/x"),
    ("http://[2001:DB8::1]", "2001:DB8::1", 80, "/", nil, nil, "/"),
    ("https://h/a?b[]=1/c?d@e:f", "h", 443, "/a", "b[]=1/c?d@e:f", nil, "/a?b[]=1/c?d@e:f"),
    ("https://h/@user:pass@/", "h", 443, "/@user:pass@/", nil, nil, "/@user:pass@/"),
    ("https://my_host.example./", "my_host.example.", 443, "/", nil, nil, "/"),
  ]

  @Test("short and odd URLs", arguments: short)
  func shortForms(
    text: String, host: String, port: Int, path: String, query: String?, fragment: String?, target: String
  ) throws {
    let url = try #require(WebURL(text))
    #expect(url.host == host)
    #expect(url.port == port)
    #expect(url.path == path)
    #expect(url.query == query)
    #expect(url.fragment == fragment)
    #expect(url.requestTarget == target)
    #expect(url.description == text)
  }

  @Test(
    "an address as it was typed",
    arguments: [
      ("https://h/été?a={b|c} d&e=%41%#f", "https://h/%C3%A9t%C3%A9?a=%7Bb%7Cc%7D%20d&e=%41%#f"),
      ("https://h/a?b=c", "https://h/a?b=c"), ("https://é.example/", nil), ("https://h\\@evil/", nil),
      ("javascript:alert(1)", nil), (" https://h/", nil), ("", nil),
    ] as [(String, String?)])
  func typed(text: String, result: String?) {
    #expect(WebURL(typed: text)?.description == result)
  }

  @Test(
    "a query put in place of another keeps its items, whatever its bytes",
    arguments: [
      ("https://h/a", "b=1", "https://h/a?b=1"), ("https://h?x#f", "", "https://h?#f"),
      ("https://h/a?x=1#f", "b=é|{\u{0}}#%41%&c", "https://h/a?b=%C3%A9%7C%7B%00%7D%23%41%&c#f"),
    ])
  func otherQuery(text: String, query: String, result: String) throws {
    #expect(try #require(WebURL(text)).withQuery(query).description == result)
  }

  @Test(
    "what is not an absolute http or https URL of plain bytes is none",
    arguments: [
      "", "h", "//h/", "/path", "ftp://h/", "javascript:alert(1)", "https:/h", "https:h", "https://", "https:///path",
      "https://?q", "https://#f", "https://user@h/", "https://user:pass@h/", "https://@h/", "https://:80/",
      "https://h:",
      "https://h:/", "https://h:0/", "https://h:65536/", "https://h:123456/", "https://h:8a/", "https://h:-1/",
      "https://h:+1/", "https://h:80:80/", "https://h h/", " https://h/", "https://h/ ", "https://h/a b",
      "https://h/\n",
      "https://h/\r\nX: y", "https://h/\t", "https://h/\0", "https://h/\u{7f}", "https://h/é", "https://é.fr/",
      "https://h\\@evil/", "https://h/a\\b", "https://h/<script>", "https://h/\"", "https://h/`", "https://h/{a}",
      "https://h/a|b", "https://h/^", "https://h%2e/", "https://h,i/", "https://[::1", "https://[::1]x/",
      "https://[::1]8080/", "https://[h]/", "https://[]/", "https://[fe80::1%25eth0]/", "https://[127.0.0.1]/",
      "https://::1/", "https://h]/", "https://[::1]:/",
    ])
  func refused(text: String) {
    #expect(WebURL(text) == nil)
  }

  static let insertions: [(String, String, String)] = [
    ("https://h/2/lineitems/2/lineitem?type_id=1", "/scores", "https://h/2/lineitems/2/lineitem/scores?type_id=1"),
    ("https://h/2/lineitem", "/scores", "https://h/2/lineitem/scores"),
    ("https://h/2/lineitem/", "/scores", "https://h/2/lineitem/scores"),
    ("https://h/2/lineitem/?a=/", "/scores", "https://h/2/lineitem/scores?a=/"),
    ("https://h", "/scores", "https://h/scores"),
    ("https://h?a=1", "/scores", "https://h/scores?a=1"),
    ("https://h?a=1", "scores", "https://h/scores?a=1"),
    ("https://h/a#f", "/scores", "https://h/a/scores#f"),
    ("https://h/a?b#f", "c", "https://h/ac?b#f"),
    ("https://h/a", "/é ?#%", "https://h/a/%C3%A9%20%3F%23%25"),
    ("https://h/a", "", "https://h/a"),
  ]

  @Test("path text goes after the path and before the query", arguments: insertions)
  func insertsPath(text: String, suffix: String, result: String) throws {
    let url = try #require(WebURL(text)).insertingPath(suffix)
    #expect(url.description == result)
    #expect(url == WebURL(result))
    #expect(url.path == WebURL(result)?.path)
  }

  @Test("query items go after those that are there and before the fragment")
  func addsQueryItems() throws {
    let items = [("state", "a&b=c"), ("é", "1 +")]
    func added(_ text: String) throws -> String { try #require(WebURL(text)).addingQueryItems(items).description }
    let encoded = "state=a%26b%3Dc&%C3%A9=1+%2B"
    #expect(try added("https://h/auth") == "https://h/auth?" + encoded)
    #expect(try added("https://h/auth?") == "https://h/auth?" + encoded)
    #expect(try added("https://h/auth?x=1") == "https://h/auth?x=1&" + encoded)
    #expect(try added("https://h/auth?x=1&#f") == "https://h/auth?x=1&" + encoded + "#f")
    #expect(try added("https://h") == "https://h?" + encoded)
    #expect(try #require(WebURL("https://h/a#f")).addingQueryItems([]).description == "https://h/a#f")
  }

  @Test("query items are read decoded, broken ones repaired")
  func readsQueryItems() throws {
    let url = try #require(WebURL("https://h/?module=algo&x=%C3%A9+b&&flag&=v&bad=%zz%E9"))
    let expected = [("module", "algo"), ("x", "é b"), ("flag", ""), ("", "v"), ("bad", "%zz\u{FFFD}")]
    #expect(url.queryItems.map(\.name) == expected.map(\.0))
    #expect(url.queryItems.map(\.value) == expected.map(\.1))
    #expect(try #require(WebURL("https://h/")).queryItems.isEmpty)
  }

  @Test("a fragment replaces the one that is there")
  func replacesFragment() throws {
    let url = try #require(WebURL("https://h/a?b#old"))
    #expect(url.withFragment("passerelle=A-z_0").description == "https://h/a?b#passerelle=A-z_0")
    #expect(url.withFragment(nil).description == "https://h/a?b")
    #expect(url.withFragment("").description == "https://h/a?b#")
    #expect(url.withFragment("é #%").description == "https://h/a?b#%C3%A9%20%23%25")
  }

  @Test("URLs are compared byte for byte")
  func equality() {
    #expect(WebURL("https://h/") != WebURL("https://H/"))
    #expect(WebURL("https://h/") != WebURL("https://h"))
    #expect(Set([WebURL("https://h/"), WebURL("https://h/")]).count == 1)
  }

  @Test(
    "an address that people write, with accents and blanks around it, becomes the one that browsers call",
    arguments: [
      ("https://école.fr/été/", "https://xn--cole-9oa.fr/%C3%A9t%C3%A9/"),
      ("  https://h/a b\n", "https://h/a%20b"), ("https://ÉCOLE.fr", "https://xn--cole-9oa.fr"),
      ("http://bücher.example:8080/?q=ü#ä", "http://xn--bcher-kva.example:8080/?q=%C3%BC#%C3%A4"),
      ("https://例え。テスト/", "https://xn--r8jz45g.xn--zckzah/"),
      ("https://www.académie-créteil.fr/", "https://www.xn--acadmie-crteil-ekbg.fr/"),
      ("https://H/%C3%A9", "https://H/%C3%A9"), ("https://straße.de/", "https://xn--strae-oqa.de/"),
    ])
  func written(text: String, url: String) {
    #expect(WebURL(written: text)?.description == url)
  }

  @Test(
    "what cannot be made an address is none",
    arguments: [
      "", "école.fr", "ftp://école.fr/", "https://", "https://u:p@école.fr/", "https://e\u{301}cole.fr/",
      "https://é .fr/",
      "https://é..fr:x/", "https://☃.fr/", "https://" + String(repeating: "é", count: 70) + ".fr/", "mailto:é@école.fr",
    ])
  func notWritten(text: String) {
    #expect(WebURL(written: text) == nil)
  }
}
