import LTI
import Testing
import Wire

@testable import Passerelle

/// What the database says of a session, and what a request makes of it.
@Suite struct SessionOutcomeTests {
  static let outcomes: [(word: String, code: String)] = [
    ("invalid_token", "invalid_token"), ("session_expired", "session_expired"), ("forbidden", "forbidden"),
    ("accepted ", "internal_error"), ("", "internal_error"), ("unknown_grain", "internal_error"),
  ]

  @Test("A session goes on when it is accepted, in its person's language")
  func accepted() throws {
    let exchange = try exchange("GET", "/api/progress", fields: ["Accept-Language": "fr"])
    try exchange.admit("accepted", locale: "en")
    #expect(exchange.language == .english)
  }

  @Test("Everything else is refused, and a word that nobody knows is a fault of ours", arguments: outcomes)
  func refused(word: String, code: String) throws {
    let exchange = try exchange("GET", "/api/progress")
    do {
      try exchange.admit(word, locale: "fr_CA")
      Issue.record("\(word) is admitted")
    } catch { #expect(error.code == code) }
    #expect(exchange.language == .french)
  }
}
