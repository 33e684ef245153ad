import CGI
import Testing

@Suite("Bodies (RFC 3875 §4.2)")
struct RequestBodyTests {
  static let pattern = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }

  @Test("a body arrives whole, however small the pieces", arguments: [1, 7, 4096, 16_384, 65_536, Int.max])
  func wholeInPieces(pieces: Int) throws {
    let bytes = Array(Self.pattern.prefix(pieces == 1 ? 500 : 100_000))
    let announced = request(
      ["REQUEST_METHOD": "POST", "CONTENT_LENGTH": "\(bytes.count)"], body: bytes, pieces: pieces)
    #expect(try announced.body(limit: 100_000) == bytes)
    let chunked = request(["REQUEST_METHOD": "POST"], body: bytes, pieces: pieces)
    #expect(try chunked.body(limit: 100_000) == bytes)
  }

  @Test("not one byte is read past the announced length")
  func stopsAtLength() throws {
    let source = BodySource(Array("abcdef".utf8))
    let given = source.request(["REQUEST_METHOD": "POST", "CONTENT_LENGTH": "4"])
    #expect(try given.body(limit: 100) == Array("abcd".utf8))
    given.drainBody()
    #expect(source.given == 4)
  }

  @Test("a body shorter than announced is truncated")
  func truncated() {
    for length in ["4", "5", "100000"] {
      let given = request(["REQUEST_METHOD": "POST", "CONTENT_LENGTH": length], body: Array("abc".utf8))
      #expect(throws: BodyError.truncated) { try given.body(limit: 100_000) }
    }
  }

  @Test("a body of exactly the limit is read, one byte more is refused")
  func limit() throws {
    for variables in [["REQUEST_METHOD": "POST"], ["REQUEST_METHOD": "POST", "CONTENT_LENGTH": "5"]] {
      #expect(try request(variables, body: Array("abcde".utf8)).body(limit: 5) == Array("abcde".utf8))
      let given = request(variables, body: Array("abcde".utf8))
      #expect(throws: BodyError.tooLarge) { try given.body(limit: 4) }
    }
  }

  @Test("a body announced too large is refused before a byte is read")
  func refusesAnnouncedLength() {
    for length in ["6", "10485760", "99999999999999999999999999"] {
      let source = BodySource(Self.pattern)
      let given = source.request(["REQUEST_METHOD": "POST", "CONTENT_LENGTH": length])
      #expect(throws: BodyError.tooLarge) { try given.body(limit: 5) }
      #expect(source.calls == 0)
    }
  }

  @Test("a body of 10 MB without a length is given up at the limit")
  func refusesEndlessBody() {
    let source = BodySource([UInt8](repeating: 0x61, count: 10_000_000))
    let given = source.request(["REQUEST_METHOD": "POST"])
    #expect(throws: BodyError.tooLarge) { try given.body(limit: 262_144) }
    #expect(source.given == 262_145)
    #expect(source.largestBuffer <= 65_536)
  }

  @Test(
    "a length that is not digits is refused",
    arguments: ["-1", "+3", "3 ", " 3", "0x3", "3.0", "1e3", "3,3", "abc", "٣", "3\0"])
  func invalidLength(length: String) {
    let source = BodySource(Array("abc".utf8))
    let given = source.request(["REQUEST_METHOD": "POST", "CONTENT_LENGTH": length])
    #expect(throws: BodyError.invalidLength) { try given.body(limit: 100) }
    #expect(source.calls == 0)
  }

  @Test("a length of nothing is an empty body; an empty variable is no length")
  func zeroAndEmptyLength() throws {
    let source = BodySource(Array("abc".utf8))
    #expect(try source.request(["REQUEST_METHOD": "POST", "CONTENT_LENGTH": "0"]).body(limit: 10).isEmpty)
    #expect(source.calls == 0)
    let unannounced = request(["REQUEST_METHOD": "POST", "CONTENT_LENGTH": ""], body: Array("abc".utf8))
    #expect(try unannounced.body(limit: 10) == Array("abc".utf8))
  }

  @Test("a GET that announces no body has none, and its input is left alone")
  func bodilessMethods() throws {
    for method in ["GET", "HEAD", "OPTIONS"] {
      let source = BodySource(Array("abc".utf8))
      let given = source.request(["REQUEST_METHOD": method])
      #expect(try given.body(limit: 10).isEmpty)
      given.drainBody()
      #expect(source.calls == 0)
      let chunked = request(
        ["REQUEST_METHOD": method, "HTTP_TRANSFER_ENCODING": "chunked"], body: Array("abc".utf8))
      #expect(try chunked.body(limit: 10) == Array("abc".utf8))
    }
  }

  @Test("a failing read makes the body unreadable, not short")
  func unreadable() {
    for variables in [["REQUEST_METHOD": "POST"], ["REQUEST_METHOD": "POST", "CONTENT_LENGTH": "6"]] {
      let source = BodySource(Array("abcdef".utf8), pieces: 2)
      source.failsAfter = 4
      let given = source.request(variables)
      #expect(throws: BodyError.unreadable) { try given.body(limit: 100) }
      let calls = source.calls
      given.drainBody()
      #expect(source.calls == calls)
    }
  }

  @Test("asking twice gives the same body, or the same refusal, without reading again")
  func readOnce() throws {
    let source = BodySource(Array("abc".utf8))
    let given = source.request(["REQUEST_METHOD": "POST", "CONTENT_LENGTH": "3"])
    let copy = given
    #expect(try given.body(limit: 3) == Array("abc".utf8))
    let calls = source.calls
    #expect(try copy.body(limit: 10) == Array("abc".utf8))
    #expect(throws: BodyError.tooLarge) { try given.body(limit: 2) }
    #expect(source.calls == calls)
    let short = request(["REQUEST_METHOD": "POST", "CONTENT_LENGTH": "9"], body: Array("abc".utf8))
    for _ in 0..<2 { #expect(throws: BodyError.truncated) { try short.body(limit: 10) } }
  }

  @Test("draining reads what is left of an unread, half-read or refused body, and stops at its cap")
  func drains() throws {
    func drained(_ variables: [String: String], size: Int, before: (Request) -> Void = { _ in }) -> Int {
      let source = BodySource([UInt8](repeating: 0x61, count: size))
      let given = source.request(variables)
      before(given)
      given.drainBody()
      return source.given
    }
    let announced = ["REQUEST_METHOD": "POST", "CONTENT_LENGTH": "300000"]
    #expect(drained(announced, size: 300_000) == 300_000)
    #expect(drained(announced, size: 300_000, before: { _ = try? $0.body(limit: 10) }) == 300_000)
    #expect(drained(announced, size: 300_000, before: { _ = try? $0.body(limit: 300_000) }) == 300_000)
    #expect(drained(announced, size: 1_000) == 1_000)
    #expect(drained(["REQUEST_METHOD": "POST"], size: 300_000, before: { _ = try? $0.body(limit: 10) }) == 300_000)
    #expect(drained(["REQUEST_METHOD": "POST", "CONTENT_LENGTH": "x"], size: 300_000) == 300_000)
    #expect(drained(["REQUEST_METHOD": "POST", "CONTENT_LENGTH": "10000000"], size: 10_000_000) == 1 << 20)
    #expect(drained(["REQUEST_METHOD": "PUT"], size: 10_000_000) == 1 << 20)
    #expect(
      drained(["REQUEST_METHOD": "POST", "CONTENT_LENGTH": "99999999999999999999"], size: 5_000_000) == 1 << 20)
  }
}
