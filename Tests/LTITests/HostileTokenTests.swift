import JOSE
import LTI
import Testing
import Wire

/// What other LTI libraries let through, and what no honest platform sends.
@Suite("Hostile id_tokens")
struct HostileTokenTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let refusal: LaunchRefusal?
    let change: @Sendable (inout JSONObject) -> Void

    init(_ name: String, _ refusal: LaunchRefusal?, change: @escaping @Sendable (inout JSONObject) -> Void) {
      testDescription = name
      self.refusal = refusal
      self.change = change
    }
  }

  static let now = Double(SigningPlatform.now)

  static let unknownDeployment =
    DeploymentID("deployment-2").map(LaunchRefusal.deploymentUnknown) ?? LaunchRefusal.tokenMalformed

  static let claims: [Row] = [
    // Audience and authorized party
    Row("aud of another tool", .audienceMismatch) { $0["aud"] = "client-2" },
    Row("aud that only begins like ours", .audienceMismatch) { $0["aud"] = "client-1 client-2" },
    Row("aud as a number", .audienceMismatch) { $0["aud"] = 1 },
    Row("aud as an empty array", .audienceMismatch) { $0["aud"] = [] },
    Row("aud with something that is no text", .audienceMismatch) { $0["aud"] = ["client-1", 2] },
    Row("aud as an array of ours alone", nil) { $0["aud"] = ["client-1"] },
    Row("aud [ours, other] without azp", .azpMismatch) { $0["aud"] = ["client-1", "client-2"] },
    Row("aud [ours, other] with azp null", .azpMismatch) {
      $0["aud"] = ["client-1", "client-2"]
      $0["azp"] = .null
    },
    Row("aud [ours, other] with azp other", .azpMismatch) {
      $0["aud"] = ["client-1", "client-2"]
      $0["azp"] = "client-2"
    },
    Row("aud [other, ours] with azp ours", nil) {
      $0["aud"] = ["client-2", "client-1"]
      $0["azp"] = "client-1"
    },
    Row("aud [other, another] with azp ours", .audienceMismatch) {
      $0["aud"] = ["client-2", "client-3"]
      $0["azp"] = "client-1"
    },
    Row("aud ours with azp other", .azpMismatch) { $0["azp"] = "client-2" },
    Row("aud ours with azp ours", nil) { $0["azp"] = "client-1" },
    Row("azp as an array", .azpMismatch) { $0["azp"] = ["client-1"] },
    // Issuer
    Row("iss of another platform", .issuerMismatch) { $0["iss"] = "https://other.example.org" },
    Row("iss with a slash added", .issuerMismatch) { $0["iss"] = "https://lms.example.org/" },
    Row("iss in capitals", .issuerMismatch) { $0["iss"] = "https://LMS.example.org" },
    Row("iss as an array", .issuerMismatch) { $0["iss"] = ["https://lms.example.org"] },
    // Times
    Row("exp missing", .expiryMissing) { $0["exp"] = nil },
    Row("exp as a text", .expiryMissing) { $0["exp"] = .string(String(Int64(now + 60))) },
    Row("exp null", .expiryMissing) { $0["exp"] = .null },
    Row("iat missing", .issuedAtMissing) { $0["iat"] = nil },
    Row("iat as a text", .issuedAtMissing) { $0["iat"] = .string(String(Int64(now))) },
    Row("fractional exp and iat", nil) {
      $0["iat"] = .number(now - 0.25)
      $0["exp"] = .number(now + 59.75)
    },
    Row("exp this very second", .tokenExpired) { $0["exp"] = .number(now) },
    Row("exp half a second away", nil) { $0["exp"] = .number(now + 0.5) },
    Row("exp far beyond every calendar", nil) { $0["exp"] = .number(1e300) },
    Row("exp far before every calendar", .tokenExpired) { $0["exp"] = .number(-1e300) },
    Row("iat a second ahead", .tokenNotYetValid) { $0["iat"] = .number(now + 1) },
    Row("iat far beyond every calendar", .tokenNotYetValid) { $0["iat"] = .number(1e300) },
    Row("iat an hour ago, exp in the future", nil) { $0["iat"] = .number(now - 3600) },
    Row("iat an hour and a second ago, exp in the future", .tokenTooOld) { $0["iat"] = .number(now - 3601) },
    Row("iat 24 h ago, exp in the future", .tokenTooOld) { $0["iat"] = .number(now - 86_400) },
    Row("nbf in the past", nil) { $0["nbf"] = .number(now - 1) },
    Row("nbf in the future", .tokenNotYetValid) { $0["nbf"] = .number(now + 1) },
    Row("nbf as a text", .tokenNotYetValid) { $0["nbf"] = "soon" },
    // Nonce
    Row("nonce missing", .nonceMissing) { $0["nonce"] = nil },
    Row("nonce empty", .nonceMissing) { $0["nonce"] = "" },
    Row("nonce as a number", .nonceMissing) { $0["nonce"] = 1 },
    Row("nonce of another login", .nonceMismatch) { $0["nonce"] = "n-other" },
    // Deployment
    Row("deployment_id of nobody", unknownDeployment) {
      $0[Name.deploymentID] = "deployment-2"
    },
    Row("deployment_id empty", .deploymentMissing) { $0[Name.deploymentID] = "" },
    Row("deployment_id as a number", .deploymentMissing) { $0[Name.deploymentID] = 1 },
    Row("deployment_id with a NUL", .deploymentMissing) { $0[Name.deploymentID] = "deployment-1\u{0}" },
    Row("deployment_id of 256 bytes", .deploymentMissing) {
      $0[Name.deploymentID] = .string(String(repeating: "d", count: 256))
    },
    // Message
    Row("version 1.3", .versionUnsupported) { $0[Name.version] = "1.3" },
    Row("version as a number", .versionUnsupported) { $0[Name.version] = 1.3 },
    Row("message_type empty", .messageTypeMissing) { $0[Name.messageType] = "" },
    Row("message_type of LTI 1.1", .messageTypeUnknown) { $0[Name.messageType] = "basic-lti-launch-request" },
    Row("message_type in another case", .messageTypeUnknown) { $0[Name.messageType] = "ltiresourcelinkrequest" },
    Row("message_type of a message we do not take", .messageTypeUnknown) {
      $0[Name.messageType] = "LtiStartProctoring"
    },
    Row("roles as a text", .rolesInvalid) {
      $0[Name.roles] = "http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"
    },
    Row("roles as an object", .rolesInvalid) { $0[Name.roles] = ["0": "Instructor"] },
    Row("roles with a number among texts", .rolesInvalid) { $0[Name.roles] = ["Instructor", 1] },
    Row("roles with a list among texts", .rolesInvalid) { $0[Name.roles] = [["Instructor"]] },
    Row("roles with a NUL", .rolesInvalid) { $0[Name.roles] = ["Instructor\u{0}"] },
    Row("resource_link as a text", .resourceLinkMissing) { $0[Name.resourceLink] = "link-1" },
    Row("resource_link.id as a number", .resourceLinkMissing) { $0[Name.resourceLink] = ["id": 1] },
    Row("resource_link.id of 256 bytes", .resourceLinkMissing) {
      $0[Name.resourceLink] = ["id": .string(String(repeating: "l", count: 256))]
    },
    Row("resource_link.id of 255 bytes", nil) {
      $0[Name.resourceLink] = ["id": .string(String(repeating: "l", count: 255))]
    },
    Row("target_link_uri empty", .targetLinkURIMissing) { $0[Name.targetLinkURI] = "" },
    Row("target_link_uri as an array", .targetLinkURIMissing) { $0[Name.targetLinkURI] = ["https://tool.example.org"] },
    Row("sub as a number", .subjectMissing) { $0["sub"] = 3 },
    Row("sub of 256 bytes", .subjectMissing) { $0["sub"] = .string(String(repeating: "é", count: 128)) },
    Row("sub with a line break", .subjectMissing) { $0["sub"] = "3\nadmin" },
  ]

  @Test("claims are taken or refused as the specifications say", arguments: claims)
  func judged(row: Row) throws {
    let platform = try SigningPlatform.shared.get()
    if let refusal = row.refusal {
      #expect(throws: refusal) { try platform.launch(row.change) }
    } else {
      #expect(try platform.launch(row.change).deploymentID.value == "deployment-1")
    }
  }

  static let skews: [(iat: Double, exp: Double, leeway: Int64, refusal: LaunchRefusal?)] = [
    (now + 3, now + 63, 60, nil), (now - 63, now - 3, 60, nil),
    (now + 60, now + 120, 60, nil), (now + 60.5, now + 120, 60, .tokenNotYetValid),
    (now - 119, now - 59.5, 60, nil), (now - 120, now - 60, 60, .tokenExpired),
    (now + 3, now + 63, 0, .tokenNotYetValid), (now - 63, now - 3, 0, .tokenExpired),
  ]

  @Test("clocks may differ by the leeway and no more", arguments: skews)
  func skew(iat: Double, exp: Double, leeway: Int64, refusal: LaunchRefusal?) throws {
    let platform = try SigningPlatform.shared.get()
    var claims = SigningPlatform.validClaims
    claims["iat"] = .number(iat)
    claims["exp"] = .number(exp)
    let token = try IDToken(compact: try platform.token(claims))
    let expected = try platform.expectation(leeway: leeway)
    if let refusal {
      #expect(throws: refusal) { try token.validate(expected) }
    } else {
      #expect(try token.validate(expected).messageType == .resourceLink)
    }
  }

  @Test("a fraction of our own second counts")
  func ownFraction() throws {
    let platform = try SigningPlatform.shared.get()
    var claims = SigningPlatform.validClaims
    claims["exp"] = .number(Self.now + 0.5)
    let token = try IDToken(compact: try platform.token(claims))
    var expected = try platform.expectation()
    expected.now = Instant(seconds: SigningPlatform.now, nanoseconds: 400_000_000)
    #expect(try token.validate(expected).messageType == .resourceLink)
    expected.now = Instant(seconds: SigningPlatform.now, nanoseconds: 600_000_000)
    #expect(throws: LaunchRefusal.tokenExpired) { try token.validate(expected) }
  }

  static let algorithms = ["none", "None", "HS256", "HS512", "RS384", "RS512", "PS256", "ES256", "EdDSA", "rs256", ""]

  @Test("every algorithm but RS256 is refused by name", arguments: algorithms)
  func algorithm(name: String) throws {
    let platform = try SigningPlatform.shared.get()
    let header: JSONObject = ["alg": .string(name), "kid": .string(platform.keyID)]
    let token = try platform.token(SigningPlatform.validClaims, header: header)
    #expect(throws: LaunchRefusal.algorithmUnsupported) { try IDToken(compact: token) }
  }

  @Test("a token signed by HMAC with the public key as its secret is refused")
  func algorithmConfusion() throws {
    let platform = try SigningPlatform.shared.get()
    let header: JSONObject = ["alg": "HS256", "kid": .string(platform.keyID)]
    let input =
      Base64URL.encode(header.encodedBytes) + "." + Base64URL.encode(SigningPlatform.validClaims.encodedBytes)
    for secret in [platform.publicKey.publicKey.modulus, Array(platform.publicKey.json.encoded.utf8)] {
      let token = input + "." + Base64URL.encode(HMAC.sha256(key: secret, Array(input.utf8)))
      #expect(throws: LaunchRefusal.algorithmUnsupported) { try IDToken(compact: token) }
    }
  }

  @Test("an unsigned token is refused")
  func unsigned() throws {
    let platform = try SigningPlatform.shared.get()
    let signed = try platform.token(SigningPlatform.validClaims)
    let unsigned = signed.split(separator: ".").dropLast().joined(separator: ".") + "."
    #expect(throws: LaunchRefusal.signatureInvalid) {
      try IDToken(compact: unsigned).validate(try platform.expectation())
    }
  }

  @Test("a key that only claims our platform's kid does not count, nor does one the header brings along")
  func foreignKey() throws {
    let platform = try SigningPlatform.shared.get()
    let stranger = SigningPlatform(key: try RSAPrivateKey.generate())
    let bare = try stranger.token(SigningPlatform.validClaims)
    #expect(throws: LaunchRefusal.signatureInvalid) { try IDToken(compact: bare).validate(try platform.expectation()) }
    var header = stranger.header
    header["jwk"] = .object(stranger.publicKey.json)
    header["jku"] = "https://evil.example.org/jwks"
    let carried = try stranger.token(SigningPlatform.validClaims, header: header)
    #expect(throws: LaunchRefusal.signatureInvalid) {
      try IDToken(compact: carried).validate(try platform.expectation())
    }
  }

  @Test("a header that demands an extension is refused")
  func criticalHeader() throws {
    let platform = try SigningPlatform.shared.get()
    var header = platform.header
    header["crit"] = ["b64"]
    let token = try platform.token(SigningPlatform.validClaims, header: header)
    #expect(throws: LaunchRefusal.tokenMalformed) { try IDToken(compact: token) }
  }

  static let malformed = [
    "", ".", "..", "...", "a.b", "a.b.c.d", "not a token", "e30.e30.e30", "eyJhbGciOiJSUzI1NiJ9", "\u{0}.\u{0}.\u{0}",
  ]

  @Test("what is not three base64url parts of JSON objects is refused", arguments: malformed)
  func malformedToken(text: String) {
    #expect(throws: LaunchRefusal.tokenMalformed) { try IDToken(compact: text) }
  }

  static let payloads = [
    "", "null", "[]", "\"text\"", "{", "{}{}", "{\"sub\":}", "{\"iat\":1e999}", "{\"sub\":\"\\ud800\"}",
  ]

  @Test("a signed payload that is not one JSON object is refused", arguments: payloads)
  func malformedPayload(text: String) throws {
    let platform = try SigningPlatform.shared.get()
    let token = try platform.token(payload: text)
    #expect(throws: LaunchRefusal.tokenMalformed) { try IDToken(compact: token) }
  }

  @Test("padding, line breaks and the other alphabet of base64 are refused")
  func otherBase64() throws {
    let token = try SigningPlatform.shared.get().token(SigningPlatform.validClaims)
    let parts = token.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    for bad in ["\(parts[0])=", "\(parts[0])\n", "+\(parts[0])", " \(parts[0])"] {
      #expect(throws: LaunchRefusal.tokenMalformed) { try IDToken(compact: "\(bad).\(parts[1]).\(parts[2])") }
      #expect(throws: LaunchRefusal.tokenMalformed) { try IDToken(compact: "\(parts[0]).\(parts[1]).\(parts[2])=") }
    }
  }

  @Test("a name that occurs twice is refused: in the header, at the top of the claims, and deeper")
  func duplicateKeys() throws {
    let platform = try SigningPlatform.shared.get()
    let valid = SigningPlatform.validClaims.encoded
    let header = #"{"alg":"RS256","kid":"\#(platform.keyID)","kid":"other"}"#
    #expect(throws: LaunchRefusal.tokenDuplicateKey("kid")) {
      try IDToken(compact: try platform.token(payload: valid, header: header))
    }
    #expect(throws: LaunchRefusal.tokenDuplicateKey("sub")) {
      try IDToken(compact: try platform.token(payload: #"{"sub":"admin","# + valid.dropFirst()))
    }
    #expect(throws: LaunchRefusal.tokenDuplicateKey("id")) {
      try IDToken(compact: try platform.token(payload: #"{"x":{"id":1,"i\u0064":2},"# + valid.dropFirst()))
    }
  }

  @Test("a token of 64 KiB is read, one byte more is refused before anything of it is decoded")
  func tooLarge() throws {
    let platform = try SigningPlatform.shared.get()
    #expect(IDToken.maximumLength == 65_536)
    #expect(throws: LaunchRefusal.tokenTooLarge) { try IDToken(compact: String(repeating: "a", count: 65_537)) }
    #expect(throws: LaunchRefusal.tokenMalformed) { try IDToken(compact: String(repeating: "a", count: 65_536)) }
    var claims = SigningPlatform.validClaims
    claims["padding"] = .string(String(repeating: "x", count: 47_000))
    let large = try platform.token(claims)
    #expect(large.utf8.count > 60_000 && large.utf8.count <= 65_536)
    #expect(
      try IDToken(compact: large).validate(try platform.expectation()).subject
        == Subject("a6d5c443-1f51-4783-ba1a-7686ffe3b54a"))
    claims["padding"] = .string(String(repeating: "x", count: 50_000))
    let larger = try platform.token(claims)
    #expect(throws: LaunchRefusal.tokenTooLarge) { try IDToken(compact: larger) }
  }

  @Test("JSON nested beyond reason is refused")
  func tooDeep() throws {
    let platform = try SigningPlatform.shared.get()
    let payload = "{\"x\":" + String(repeating: "[", count: 5000) + String(repeating: "]", count: 5000) + "}"
    let token = try platform.token(payload: payload)
    #expect(throws: LaunchRefusal.tokenMalformed) { try IDToken(compact: token) }
  }
}
