import LTI
import Testing

@Suite("How long a platform's key set may be used")
struct KeySetLifetimeTests {
  static let rows: [(String?, Int)] = [
    (nil, 3600), ("", 3600), ("public", 3600), ("max-age=3600", 3600), ("public, max-age=7200, must-revalidate", 7200),
    ("max-age=299", 300), ("max-age=0", 300), ("max-age=300", 300), ("max-age=86400", 86_400),
    ("max-age=86401", 86_400),
    ("max-age=99999999999999999999", 86_400), ("MAX-AGE = 900", 900), ("max-age=\"1200\"", 1200),
    ("max-age=7200,max-age=600", 600), ("max-age=600,max-age=7200", 600),
    ("no-store", 300), ("no-cache", 300), ("max-age=7200, no-store", 300),
    ("no-cache=\"Set-Cookie\", max-age=7200", 300),
    ("max-age", 300), ("max-age=", 300), ("max-age=-1", 300), ("max-age=soon", 300), ("s-maxage=7200", 3600),
    ("private, max-age=1800", 1800), (",,max-age=1000,,", 1000),
  ]

  @Test("Cache-Control is honoured between five minutes and a day, an hour when it says nothing", arguments: rows)
  func lifetime(cacheControl: String?, seconds: Int) {
    #expect(KeySetLifetime.lifetime(cacheControl: cacheControl) == seconds)
  }

  @Test("Moodle's recorded key set says nothing, so it is kept for an hour")
  func recorded() throws {
    let jwks = try #require(try Recorded.exchanges("platform_documents").first { $0.label == "jwks" })
    #expect(jwks.response.status == 200)
    #expect(KeySetLifetime.lifetime(cacheControl: jwks.response.fields["Cache-Control"]) == 3600)
  }
}
