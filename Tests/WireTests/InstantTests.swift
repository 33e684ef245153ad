import Testing
import Wire

@Suite("Instants (RFC 3339, RFC 9110 §5.6.7)")
struct InstantTests {
  static let rfc3339: [(String, Int64, Int32)] = [
    ("1970-01-01T00:00:00Z", 0, 0),
    ("2026-11-23T01:17:21+00:00", 1_795_396_641, 0),  // as Moodle's results service writes it
    ("2026-11-23T01:17:21Z", 1_795_396_641, 0),
    ("2026-11-23T01:17:21.5Z", 1_795_396_641, 500_000_000),
    ("2026-11-23t01:17:21.123456789123z", 1_795_396_641, 123_456_789),
    ("2026-11-23T03:17:21.000+02:00", 1_795_396_641, 0),
    ("2026-11-22T19:47:21-05:30", 1_795_396_641, 0),
    ("2026-11-23T01:17:21-00:00", 1_795_396_641, 0),
    ("2000-02-29T12:00:00Z", 951_825_600, 0),
    ("1969-12-31T23:59:59Z", -1, 0),
    ("1969-12-31T23:59:59.25Z", -1, 250_000_000),
    ("0000-01-01T00:00:00Z", -62_167_219_200, 0),
    ("0000-03-01T00:00:00Z", -62_162_035_200, 0),
    ("9999-12-31T23:59:59Z", 253_402_300_799, 0),
    ("1990-12-31T23:59:60Z", 662_688_000, 0),
    ("1990-12-31T15:59:60-08:00", 662_688_000, 0),
  ]

  @Test("each form of RFC 3339 gives its moment", arguments: rfc3339)
  func readsRFC3339(text: String, seconds: Int64, nanoseconds: Int32) {
    #expect(Instant(rfc3339: text) == Instant(seconds: seconds, nanoseconds: nanoseconds))
  }

  @Test(
    "what RFC 3339 does not allow is no moment",
    arguments: [
      "", "2026-11-23", "2026-11-23T01:17:21", "2026-11-23 01:17:21Z", "2026-11-23T01:17Z", "2026-11-23T01:17:21+0000",
      "2026-11-23T01:17:21+00", "2026-11-23T01:17:21.Z", "2026-11-23T01:17:21,5Z", "2026-13-01T00:00:00Z",
      "2026-00-01T00:00:00Z", "2026-11-31T00:00:00Z", "2026-02-29T00:00:00Z", "1900-02-29T00:00:00Z",
      "2026-11-00T00:00:00Z", "2026-11-23T24:00:00Z", "2026-11-23T23:60:00Z", "2026-11-23T23:59:61Z",
      "2026-11-23T12:00:60Z", "2026-11-23T01:17:21+24:00", "2026-11-23T01:17:21+00:60", "2026-11-23T01:17:21ZZ",
      " 2026-11-23T01:17:21Z", "2026-11-23T01:17:21Z\n", "26-11-23T01:17:21Z", "+2026-11-23T01:17:21Z",
      "2026-1-23T01:17:21Z", "２026-11-23T01:17:21Z",
    ])
  func refusesOthers(text: String) {
    #expect(Instant(rfc3339: text) == nil)
  }

  @Test("a moment is written in UTC and whole seconds")
  func writesRFC3339() {
    #expect(Instant(seconds: 1_795_396_641, nanoseconds: 999_999_999).rfc3339 == "2026-11-23T01:17:21Z")
    #expect(Instant(seconds: -1, nanoseconds: 999_999_999).rfc3339 == "1969-12-31T23:59:59Z")
    #expect(Instant(seconds: -62_167_219_200).rfc3339 == "0000-01-01T00:00:00Z")
    #expect(Instant(seconds: .max).rfc3339 == "9999-12-31T23:59:59Z")
    #expect(Instant(seconds: .min).rfc3339 == "0000-01-01T00:00:00Z")
  }

  @Test("every day of 4000 years is written and read back")
  func everyDay() {
    var seconds: Int64 = -62_167_219_200
    var failures = 0
    while seconds < 64_000_000_000 {
      let instant = Instant(seconds: seconds)
      if Instant(rfc3339: instant.rfc3339) != instant { failures += 1 }
      seconds += 86_400
    }
    #expect(failures == 0)
  }

  @Test("IMF-fixdate, the form of the Date field, in both directions")
  func httpDate() {
    // The example of RFC 9110 §5.6.7.
    #expect(Instant(httpDate: "Sun, 06 Nov 1994 08:49:37 GMT") == Instant(seconds: 784_111_777))
    #expect(Instant(seconds: 784_111_777).httpDate == "Sun, 06 Nov 1994 08:49:37 GMT")
    #expect(Instant(seconds: 1_795_396_641).httpDate == "Mon, 23 Nov 2026 01:17:21 GMT")
    #expect(Instant(seconds: -86_400).httpDate == "Wed, 31 Dec 1969 00:00:00 GMT")
    #expect(Instant(seconds: -62_167_219_200).httpDate == "Sat, 01 Jan 0000 00:00:00 GMT")
  }

  @Test(
    "other dates of HTTP are not read",
    arguments: [
      "", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994", "Sun, 6 Nov 1994 08:49:37 GMT",
      "Sun, 06 nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 06 Nov 1994 08:49:37",
      "Sun, 31 Feb 1994 08:49:37 GMT", "Xxx, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT ",
      "Sun, 06 Nov 1994 08:49:60 GMT",
    ])
  func refusesOtherDates(text: String) {
    #expect(Instant(httpDate: text) == nil)
  }

  @Test("moments are ordered to the nanosecond")
  func order() {
    #expect(Instant(seconds: 1, nanoseconds: 1) > Instant(seconds: 1))
    #expect(Instant(seconds: 1, nanoseconds: 999_999_999) < Instant(seconds: 2))
    #expect(Instant(seconds: -1, nanoseconds: 5) < Instant(seconds: 0))
  }

  @Test("nanoseconds outside a second carry over, and sums stop at the ends of the range")
  func arithmetic() {
    #expect(Instant(seconds: 1, nanoseconds: 1_500_000_000) == Instant(seconds: 2, nanoseconds: 500_000_000))
    #expect(Instant(seconds: 1, nanoseconds: -1) == Instant(seconds: 0, nanoseconds: 999_999_999))
    #expect(Instant(seconds: 0, nanoseconds: .min) == Instant(seconds: -3, nanoseconds: 852_516_352))
    #expect(Instant(seconds: 5, nanoseconds: 7).adding(seconds: -6) == Instant(seconds: -1, nanoseconds: 7))
    #expect(Instant(seconds: .max).adding(seconds: 1).seconds == .max)
    #expect(Instant(seconds: .min).adding(seconds: .min).seconds == .min)
    #expect(Instant(seconds: 3, nanoseconds: 500_000_000).secondsSince(Instant(seconds: 1)) == 2.5)
  }

  @Test("the clock runs and is past the day these tests were written")
  func clock() {
    let first = Instant.now()
    #expect(first > Instant(seconds: 1_700_000_000))
    #expect(Instant.now() >= first)
  }
}
