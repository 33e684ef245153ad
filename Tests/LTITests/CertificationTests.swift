import LTI
import Testing
import Wire

/// LTI Advantage Conformance Certification Guide 1.3, §6.1.1 to §6.1.3, tool side.
@Suite("The certification suite's payloads")
struct CertificationTests {
  struct BadPayload: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let refusal: LaunchRefusal
    let change: @Sendable (inout JSONObject) -> Void
  }

  static let badPayloads: [BadPayload] = [
    .init("Wrong LTI Version", .versionUnsupported) { $0[Name.version] = "11.3" },
    .init("No LTI Version", .versionUnsupported) { $0[Name.version] = nil },
    .init("Invalid LTI message", .issuerMismatch) { $0 = ["name": "badltilaunch"] },
    .init("Missing LTI Claims: aud, iss, sub, deployment_id, roles", .issuerMismatch) {
      for name in ["aud", "iss", "sub", Name.deploymentID, Name.roles] { $0[name] = nil }
    },
    .init("Missing LTI Claims: aud", .audienceMismatch) { $0["aud"] = nil },
    .init("Missing LTI Claims: nonce", .nonceMissing) { $0["nonce"] = nil },
    .init("Missing LTI Claims: target_link_uri", .targetLinkURIMissing) { $0[Name.targetLinkURI] = nil },
    .init("Timestamps Incorrect", .tokenExpired) {
      $0["iat"] = 11111
      $0["exp"] = 22222
    },
    .init("message_type Claim Missing", .messageTypeMissing) { $0[Name.messageType] = nil },
    .init("role Claim Missing", .rolesMissing) { $0[Name.roles] = nil },
    .init("deployment_id Claim Missing", .deploymentMissing) { $0[Name.deploymentID] = nil },
    .init("resource_link_id Claim Missing: no claim", .resourceLinkMissing) { $0[Name.resourceLink] = nil },
    .init("resource_link_id Claim Missing: no id", .resourceLinkMissing) { $0[Name.resourceLink] = ["title": "x"] },
    .init("resource_link_id Claim Missing: empty id", .resourceLinkMissing) { $0[Name.resourceLink] = ["id": ""] },
    .init("user Claim Missing: no claim", .subjectMissing) { $0["sub"] = nil },
    .init("user Claim Missing: empty", .subjectMissing) { $0["sub"] = "" },
  ]

  @Test("a known bad payload is refused, each by its own refusal", arguments: badPayloads)
  func bad(payload: BadPayload) throws {
    let platform = try SigningPlatform.shared.get()
    #expect(throws: payload.refusal) { try platform.launch(payload.change) }
  }

  @Test("a known bad payload is refused in the same way when the claims are null", arguments: badPayloads)
  func badWithNull(payload: BadPayload) throws {
    let platform = try SigningPlatform.shared.get()
    var changed = SigningPlatform.validClaims
    payload.change(&changed)
    var claims = changed
    for member in SigningPlatform.validClaims.members where changed[member.key] == nil { claims[member.key] = .null }
    #expect(throws: payload.refusal) { try platform.launch(claims) }
  }

  @Test("no kid in the header is refused before any key is looked for")
  func noKeyID() throws {
    let platform = try SigningPlatform.shared.get()
    let token = try platform.token(SigningPlatform.validClaims, header: ["typ": "JWT", "alg": "RS256"])
    #expect(throws: LaunchRefusal.kidMissing) { try IDToken(compact: token) }
    let empty = try platform.token(SigningPlatform.validClaims, header: ["typ": "JWT", "alg": "RS256", "kid": ""])
    #expect(throws: LaunchRefusal.kidMissing) { try IDToken(compact: empty) }
  }

  @Test("an incorrect kid reaches the caller, whose key set does not hold it")
  func incorrectKeyID() throws {
    let platform = try SigningPlatform.shared.get()
    let header: JSONObject = ["typ": "JWT", "alg": "RS256", "kid": "WRONGKID"]
    let token = try IDToken(compact: try platform.token(SigningPlatform.validClaims, header: header))
    #expect(token.keyID == "WRONGKID")
    #expect(platform.publicKey.kid != token.keyID)
  }

  struct ValidPayload: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let isTeacherStill: Bool
    let change: @Sendable (inout JSONObject, _ role: String) -> Void
  }

  static let validPayloads: [ValidPayload] = [
    .init("plain") { _, _ in },
    .init("with Roles") { claims, role in
      claims[Name.roles] = [
        .string("http://purl.imsglobal.org/vocab/lis/v2/membership#\(role)"),
        "http://purl.imsglobal.org/vocab/lis/v2/institution/person#Staff",
        "http://purl.imsglobal.org/vocab/lis/v2/institution/person#Other",
      ]
    },
    .init("Short Role") { claims, role in claims[Name.roles] = [.string(role)] },
    .init("Unknown Role", isTeacherStill: false) { claims, _ in
      claims[Name.roles] = ["http://purl.imsglobal.org/vocab/lis/v2/unknown/unknown#Helper"]
    },
    .init("No Role", isTeacherStill: false) { claims, _ in claims[Name.roles] = [] },
    .init("No Role, as an empty text", isTeacherStill: false) { claims, _ in claims[Name.roles] = [""] },
    .init("Email Only") { claims, _ in Self.remove(["name", "given_name", "family_name", "middle_name"], from: &claims)
    },
    .init("Names Only") { claims, _ in Self.remove(["email"], from: &claims) },
    .init("No PII") { claims, _ in
      Self.remove(["name", "given_name", "family_name", "middle_name", "email", "locale"], from: &claims)
    },
    .init("Email Without Context") { claims, _ in
      Self.remove(["name", "given_name", "family_name", "middle_name", Name.context], from: &claims)
    },
    .init("Only Resource Link", isTeacherStill: false) { claims, _ in
      Self.remove(["name", "given_name", "family_name", "middle_name", "email", "locale", Name.context], from: &claims)
      claims[Name.roles] = []
      claims[Name.resourceLink] = ["id": "link-1"]
    },
  ]

  static func remove(_ names: [String], from claims: inout JSONObject) {
    for name in names { claims[name] = nil }
  }

  @Test("a valid launch is accepted", arguments: ["Instructor", "Learner"], validPayloads)
  func valid(role: String, payload: ValidPayload) throws {
    let platform = try SigningPlatform.shared.get()
    var claims = SigningPlatform.validClaims
    claims[Name.roles] = [.string("http://purl.imsglobal.org/vocab/lis/v2/membership#\(role)")]
    payload.change(&claims, role)
    let message = try platform.launch(claims)
    #expect(message.isInstructor == (role == "Instructor" && payload.isTeacherStill))
    #expect(message.subject.value == "a6d5c443-1f51-4783-ba1a-7686ffe3b54a")
    #expect(message.resourceLink?.id == "link-1")
    #expect(message.roles == claims[Name.roles]?.arrayValue?.compactMap(\.stringValue))
    #expect(message.person.name == claims["name"]?.stringValue)
    #expect(message.person.givenName == claims["given_name"]?.stringValue)
    #expect(message.person.familyName == claims["family_name"]?.stringValue)
    #expect(message.person.email == claims["email"]?.stringValue)
    #expect(message.person.locale == claims["locale"]?.stringValue)
    #expect(message.context?.id == claims[Name.context]?["id"]?.stringValue)
    #expect(message.ags == nil)
    #expect(message.contextMembershipsURL == nil)
    #expect(message.basicOutcome == nil)
    #expect(message.platform == nil)
  }
}

extension CertificationTests.BadPayload {
  init(_ name: String, _ refusal: LaunchRefusal, change: @escaping @Sendable (inout JSONObject) -> Void) {
    self.init(testDescription: name, refusal: refusal, change: change)
  }
}

extension CertificationTests.ValidPayload {
  init(
    _ name: String, isTeacherStill: Bool = true, change: @escaping @Sendable (inout JSONObject, _ role: String) -> Void
  ) {
    self.init(testDescription: name, isTeacherStill: isTeacherStill, change: change)
  }
}
