import DemoMoodle
import JOSE
import Testing
import Wire

@Suite("A launch through the platform")
struct LaunchTests {
  @Test("goes login form, tool, auth.php, tool, and the id_token verifies with the published key")
  func wholeLaunch() throws {
    let stage = try Stage()
    defer { stage.stop() }
    var client = stage.client
    let trace = try client.launch(user: 3)
    #expect(trace.hops.map(\.response.status) == [200, 302, 200, 303])
    #expect(trace.location?.description == "http://site.test/#passerelle=1")
    #expect(trace.state == "state-1")

    let keys = try JWKSet(parsing: stage.send("GET", "/mod/lti/certs.php").body)
    let jws = try JWS(compact: #require(trace.idToken))
    #expect(jws.keyID?.count == 20)
    let keyID = try #require(jws.keyID)
    try jws.verify(with: #require(keys.key(id: keyID)))
    let claims = try JSONValue(parsing: jws.payload)
    #expect(claims["nonce"] == "nonce-1")
    #expect(claims["iss"]?.stringValue == stage.server.url)
    #expect(claims["sub"] == "3")
    #expect(claims["name"] == "Éloïse Lefèvre")
    #expect(claims["exp"]?.intValue == claims["iat"]?.intValue.map { $0 + 60 })
    // Moodle escapes what is not ASCII; a reader that does not unescape would show it.
    #expect(String(decoding: jws.payload, as: UTF8.self).contains(#""given_name":"\u00c9lo\u00efse""#))
    #expect(
      claims["https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"]?["lineitem"]?.stringValue
        == stage.server.url + "/mod/lti/services.php/2/lineitems/2/lineitem?type_id=1")
  }

  @Test("then a token, then a score that the gradebook shows")
  func launchTokenScore() throws {
    let stage = try Stage()
    defer { stage.stop() }
    let token = try stage.token()
    let answer = try stage.score(75, at: "2026-11-23T01:17:21.500Z", token: token, comment: "3 grains sur 4")
    #expect(answer.status == 200)
    #expect(answer.body.isEmpty)
    let row = try #require(stage.platform.grade(user: 3))
    #expect(row.grade == 75)
    #expect(row.comment == "3 grains sur 4")
    #expect(row.completion == "COMPLETE")
    let rows = try JSONValue(parsing: stage.send("GET", "/demo/gradebook").body).arrayValue
    let shown = rows?.first { $0["user"] == 3 }
    #expect(shown?["grade"] == 75)
    #expect(shown?["timestamp"] == "2026-11-23T01:17:21Z")
    #expect(stage.platform.requests().map(\.endpoint) == [.token, .score])
    #expect(stage.platform.requests().last?.user == 3)
  }
}
