import Testing
import Wire

@testable import LTI

/// The claim `lti1p1` of the LTI 1.3 Migration Guide.
@Suite struct MigrationClaimTests {
  private static let name = "https://purl.imsglobal.org/spec/lti/claim/lti1p1"

  /// The specification's own example: claims and secret as it prints them.
  private static let example: JSONObject = [
    "nonce": "172we8671fd8z", "iat": 1_551_290_796, "exp": 1_551_290_856, "iss": "https://lmsvendor.com",
    "aud": "PM48OJSfGDTAzAo", "sub": "3", "https://purl.imsglobal.org/spec/lti/claim/deployment_id": "689302",
    name: [
      "user_id": "34212", "oauth_consumer_key": "179248902",
      "oauth_consumer_key_sign": "lWd54kFo5qU7xshAna6v8BwoBm6tmUjc6GTax6+12ps=",
    ],
  ]
  private static let secret = "my-lti11-secret"

  private func claim(_ changes: [(String, JSONValue?)] = [], deployment: String = "689302") throws -> MigrationClaim? {
    var claims = Self.example
    for (name, value) in changes { claims[name] = value }
    return MigrationClaim(claims, deploymentID: try #require(DeploymentID(deployment)))
  }

  private func changed(_ member: String, _ value: JSONValue?) throws -> MigrationClaim? {
    var inner = try #require(Self.example[Self.name]?.objectValue)
    inner[member] = value
    return try claim([(Self.name, .object(inner))])
  }

  private func isSigned(_ claim: MigrationClaim?, secret: String = secret, client: String = "PM48OJSfGDTAzAo") throws
    -> Bool
  {
    try #require(claim).isSigned(with: secret, clientID: try #require(ClientID(client)))
  }

  @Test("The specification's example is read and verifies")
  func example() throws {
    let claim = try #require(try claim())
    #expect(claim.userID == Subject("34212") && claim.consumerKey == ConsumerKey("179248902"))
    #expect(try isSigned(claim))
    // An expiry that JSON writes in another form is the same instant.
    #expect(try isSigned(try self.claim([("exp", try JSONValue(parsing: "1551290856.0"))])))
    #expect(try isSigned(try self.claim([("exp", try JSONValue(parsing: "1.551290856e9"))])))
  }

  @Test("Whatever is signed and differs breaks the signature, and so does another secret")
  func broken() throws {
    #expect(try !isSigned(claim(), secret: "my-lti11-secreT"))
    #expect(try !isSigned(claim(), secret: ""))
    #expect(try !isSigned(claim(), client: "PM48OJSfGDTAzAO"))
    #expect(try !isSigned(claim(deployment: "689303")))
    #expect(try !isSigned(claim([("iss", "https://lmsvendor.com/")])))
    #expect(try !isSigned(claim([("exp", 1_551_290_857)])))
    #expect(try !isSigned(claim([("nonce", "172we8671fd8Z")])))
    #expect(try !isSigned(changed("oauth_consumer_key", "179248903")))
    let signs: [JSONValue?] = [
      nil, .null, "", "====", 7, "lWd54kFo5qU7xshAna6v8BwoBm6tmUjc6GTax6+12pw=",
      "lWd54kFo5qU7xshAna6v8BwoBm6tmUjc6GTax6+1",
    ]
    for sign in signs { #expect(try !isSigned(changed("oauth_consumer_key_sign", sign)), "\(sign ?? .null)") }
    #expect(try !isSigned(changed("oauth_consumer_key", nil)))
  }

  @Test("Read leniently: without user id the person has the same as before; without claim there is none")
  func lenient() throws {
    for value in [nil, .null, "", 34212, "a\u{0}b", .string(String(repeating: "x", count: 256))] as [JSONValue?] {
      let claim = try #require(try changed("user_id", value))
      #expect(claim.userID == nil && claim.consumerKey != nil)
    }
    for value in [nil, .null, "text", 7, []] as [JSONValue?] { #expect(try claim([(Self.name, value)]) == nil) }
  }

  @Test("A launch carries the claim, and is a launch without it")
  func launch() throws {
    let platform = try SigningPlatform.shared.get()
    #expect(try platform.launch { _ in }.migration == nil)
    let message = try platform.launch { $0[Self.name] = ["user_id": "old", "oauth_consumer_key": "k"] }
    #expect(message.migration?.userID == Subject("old"))
    #expect(try platform.launch { $0[Self.name] = "nonsense" }.migration == nil)
  }
}
