import JOSE
import LTI
import Testing
import Wire

@Suite("Refusals of a launch")
struct LaunchRefusalTests {
  static let deployment = DeploymentID("deployment\n2")

  static let codes: [(LaunchRefusal, String)] = [
    (.tokenMalformed, "launch_token_malformed"), (.tokenDuplicateKey("sub"), "launch_token_duplicate_key"),
    (.tokenTooLarge, "launch_token_too_large"), (.algorithmUnsupported, "launch_algorithm_unsupported"),
    (.kidMissing, "launch_kid_missing"), (.kidUnknown("k"), "launch_kid_unknown"),
    (.signatureInvalid, "launch_signature_invalid"), (.issuerMismatch, "launch_issuer_mismatch"),
    (.audienceMismatch, "launch_audience_mismatch"), (.azpMismatch, "launch_azp_mismatch"),
    (.expiryMissing, "launch_expiry_missing"), (.issuedAtMissing, "launch_issued_at_missing"),
    (.tokenExpired, "launch_token_expired"), (.tokenNotYetValid, "launch_token_not_yet_valid"),
    (.tokenTooOld, "launch_token_too_old"), (.nonceMissing, "launch_nonce_missing"),
    (.nonceMismatch, "launch_nonce_mismatch"), (.nonceUsed, "launch_nonce_used"),
    (.deploymentMissing, "launch_deployment_missing"), (.versionUnsupported, "launch_version_unsupported"),
    (.messageTypeMissing, "launch_message_type_missing"), (.messageTypeUnknown, "launch_message_type_unknown"),
    (.rolesMissing, "launch_roles_missing"), (.rolesInvalid, "launch_roles_invalid"),
    (.resourceLinkMissing, "launch_resource_link_missing"), (.targetLinkURIMissing, "launch_target_link_uri_missing"),
    (.subjectMissing, "launch_subject_missing"), (.forUserMissing, "launch_for_user_missing"),
  ]

  @Test("each has its own stable code", arguments: codes)
  func code(refusal: LaunchRefusal, code: String) throws {
    #expect(refusal.code == code)
    #expect(refusal.logLine.hasPrefix(code))
    #expect("\(refusal)" == refusal.logLine)
  }

  @Test("an unknown deployment's id reaches the log, made harmless")
  func unknownDeployment() throws {
    let refusal = LaunchRefusal.deploymentUnknown(try #require(DeploymentID("dep loy\u{2028}ment")))
    #expect(refusal.code == "launch_deployment_unknown")
    #expect(refusal.logLine == "launch_deployment_unknown deployment=dep?loy???ment")
  }

  @Test("what a sender put into a kid or a name cannot forge a log line, nor fill the log")
  func logForging() {
    #expect(LaunchRefusal.kidUnknown("a\nlaunch accepted").logLine == "launch_kid_unknown kid=a?launch?accepted")
    #expect(
      LaunchRefusal.tokenDuplicateKey(String(repeating: "k", count: 5000)).logLine
        == "launch_token_duplicate_key key=" + String(repeating: "k", count: 80) + "…")
  }

  /// Faults in the order in which they must be found. The first two are of the header, the third of the signature.
  static let claimFaults: [(LaunchRefusal, @Sendable (inout JSONObject) -> Void)] = [
    (.issuerMismatch, { $0["iss"] = "https://other.example.org" }),
    (.audienceMismatch, { $0["aud"] = ["client-2", "client-3"] }),
    (.azpMismatch, { $0["azp"] = "client-2" }),
    (.expiryMissing, { $0["exp"] = nil }),
    (.issuedAtMissing, { $0["iat"] = nil }),
    (.tokenExpired, { $0["exp"] = $0["exp"].map { _ in .number(Double(SigningPlatform.now - 1)) } }),
    (.tokenNotYetValid, { $0["nbf"] = .number(Double(SigningPlatform.now + 1)) }),
    (.tokenTooOld, { $0["iat"] = $0["iat"].map { _ in .number(Double(SigningPlatform.now - 3601)) } }),
    (.nonceMissing, { $0["nonce"] = nil }),
    (.nonceMismatch, { $0["nonce"] = $0["nonce"].map { _ in "other" } }),
    (.deploymentMissing, { $0[Name.deploymentID] = nil }),
    (.versionUnsupported, { $0[Name.version] = nil }),
    (.messageTypeMissing, { $0[Name.messageType] = nil }),
    (.messageTypeUnknown, { $0[Name.messageType] = $0[Name.messageType].map { _ in "LtiStartProctoring" } }),
    (.rolesMissing, { $0[Name.roles] = nil }),
    (.rolesInvalid, { $0[Name.roles] = $0[Name.roles].map { _ in "Learner" } }),
    (.resourceLinkMissing, { $0[Name.resourceLink] = nil }),
    (.targetLinkURIMissing, { $0[Name.targetLinkURI] = nil }),
    (.subjectMissing, { $0["sub"] = nil }),
  ]

  @Test("when everything from a check on is wrong, that check refuses", arguments: claimFaults.indices)
  func order(first: Int) throws {
    let platform = try SigningPlatform.shared.get()
    var claims = SigningPlatform.validClaims
    // Later faults first, so that a claim an earlier fault removes stays removed.
    for fault in Self.claimFaults[first...].reversed() { fault.1(&claims) }
    #expect(throws: Self.claimFaults[first].0) { try platform.launch(claims) }
  }

  @Test("the algorithm is judged before the kid, the kid before the signature, the signature before every claim")
  func headerBeforeClaims() throws {
    let platform = try SigningPlatform.shared.get()
    let stranger = SigningPlatform(key: try RSAPrivateKey.generate())
    var claims = SigningPlatform.validClaims
    for fault in Self.claimFaults.reversed() { fault.1(&claims) }
    #expect(throws: LaunchRefusal.algorithmUnsupported) {
      try IDToken(compact: try stranger.token(claims, header: ["alg": "HS256"]))
    }
    #expect(throws: LaunchRefusal.kidMissing) {
      try IDToken(compact: try stranger.token(claims, header: ["alg": "RS256"]))
    }
    #expect(throws: LaunchRefusal.signatureInvalid) {
      try IDToken(compact: try stranger.token(claims)).validate(try platform.expectation())
    }
    #expect(throws: LaunchRefusal.issuerMismatch) { try platform.launch(claims) }
  }
}
