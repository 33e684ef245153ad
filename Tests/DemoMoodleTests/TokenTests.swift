import DemoMoodle
import JOSE
import Testing
import Wire

@Suite("Access tokens")
struct TokenTests {
  @Test(
    "the tool's key set is fetched once and kept; a failing assertion has it fetched again, so a new key works at once")
  func keySetCache() throws {
    let stage = try Stage()
    defer { stage.stop() }
    _ = try stage.token()
    _ = try stage.token()
    #expect(stage.tool.jwksFetches == 1)
    let expired = try stage.requestToken(assertion: stage.assertion([("exp", 1000)]))
    #expect(expired.status == 400)
    #expect(String(decoding: expired.body, as: UTF8.self) == "{\r\n  \"error\" : \"Expired token\"\r\n}")
    #expect(stage.tool.jwksFetches == 2)

    let next = try RSAPrivateKey.generate()
    let nextID = try #require(next.publicJWK.kid)
    stage.tool.publish([next.publicJWK])
    #expect(try stage.requestToken(assertion: stage.assertion(key: next, keyID: nextID)).status == 200)
    #expect(stage.tool.jwksFetches == 3)
    // The old key is gone from the set that is now kept.
    #expect(try stage.requestToken(assertion: stage.assertion()).status == 400)
  }

  @Test(
    "a key set that is down, or no JSON, makes the token endpoint answer an HTML 404",
    arguments: [
      MoodleResponse(status: 500, contentType: nil), MoodleResponse(status: 404, contentType: nil),
      MoodleResponse.html("<p>no keys here</p>"),
    ])
  func keySetDown(answer: MoodleResponse) throws {
    let stage = try Stage()
    defer { stage.stop() }
    stage.tool.answerJWKS(with: answer)
    let refused = try stage.requestToken(assertion: stage.assertion())
    #expect(refused.status == 404)
    #expect(refused.fields["Content-Type"] == "text/html; charset=utf-8")
    #expect(String(decoding: refused.body, as: UTF8.self).hasPrefix("<!DOCTYPE html>"))
    stage.tool.answerJWKS(with: nil)
    _ = try stage.token()
    // Once kept, the keys serve while the tool is down.
    stage.toolServer.stop(grace: 0)
    _ = try stage.token()
    stage.platform.forgetToolKeys()
    #expect(try stage.requestToken(assertion: stage.assertion()).status == 404)
  }

  @Test("every request gets a new token, the old ones stay good, and an hour ends them")
  func life() throws {
    let clock = RecordedSite.Clock()
    clock.now = Instant.now()
    let stage = try Stage { $0.now = { clock.now } }
    defer { stage.stop() }
    let tokens = [try stage.token(), try stage.token()]
    #expect(tokens[0] != tokens[1])
    #expect(tokens[0].count == 32)
    func works(_ token: String) throws -> Bool {
      try stage.send(
        "GET", "/mod/lti/services.php/2/lineitems/2/lineitem/results", fields: [("Authorization", "Bearer " + token)]
      ).status == 200
    }
    #expect(try tokens.allSatisfy(works))
    clock.now = clock.now.adding(seconds: 3599)
    #expect(try tokens.allSatisfy(works))
    clock.now = clock.now.adding(seconds: 1)
    #expect(try !tokens.contains(where: works))
    #expect(try stage.requestToken(assertion: stage.assertion()).status == 400)
    clock.now = Instant.now()
    let fresh = try stage.token()
    #expect(try works(fresh))
    stage.platform.revokeTokens()
    #expect(try !works(fresh))
  }

  @Test("tokens and ids repeat for one seed")
  func seeded() throws {
    func tokens(_ seed: UInt64?) throws -> [String] {
      let stage = try Stage { $0.seed = seed }
      defer { stage.stop() }
      return [try stage.token(), try stage.token()]
    }
    #expect(try tokens(5) == tokens(5))
    #expect(try tokens(5) != tokens(6))
    #expect(try tokens(nil) != tokens(nil))
  }
}
