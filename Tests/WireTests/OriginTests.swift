import Testing
import Wire

@Suite("Origins (RFC 6454)")
struct OriginTests {
  static let normalized: [(String, String)] = [
    ("https://example.org", "https://example.org"),
    ("HTTPS://Example.ORG", "https://example.org"),
    ("https://example.org:443", "https://example.org"),
    ("http://example.org:80", "http://example.org"),
    ("http://example.org:443", "http://example.org:443"),
    ("https://example.org:8443", "https://example.org:8443"),
    ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
    ("http://[::1]:8080", "http://[::1]:8080"),
    ("https://[2001:DB8:0:0::1]", "https://[2001:db8::1]"),
  ]

  @Test("an origin has one spelling, the browsers'", arguments: normalized)
  func normalizes(text: String, origin: String) {
    #expect(Origin(text)?.description == origin)
  }

  @Test(
    "what is not an origin is none",
    arguments: [
      "", "null", "*", "example.org", "https://", "https://example.org/", "https://example.org/a",
      "https://example.org?",
      "https://example.org#", "https://user@example.org", "ftp://example.org", "file://", "https://example.org:",
      "https://*.example.org", "https://a.org,https://b.org", "https://a.org https://b.org",
    ])
  func refused(text: String) {
    #expect(Origin(text) == nil)
  }

  @Test("scheme, host and port each make another origin; path, query and case do not")
  func distinguishes() throws {
    let origin = try #require(Origin("https://example.org"))
    #expect(WebURL("https://EXAMPLE.org/a?b#c")?.origin == origin)
    #expect(WebURL("https://example.org:443")?.origin == origin)
    #expect(WebURL("http://example.org/")?.origin != origin)
    #expect(WebURL("https://example.org:444/")?.origin != origin)
    #expect(WebURL("https://www.example.org/")?.origin != origin)
    #expect(WebURL("http://[0:0::1]/")?.origin == Origin("http://[::1]"))
  }
}
