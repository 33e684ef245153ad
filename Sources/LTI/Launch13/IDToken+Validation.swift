import JOSE
import Wire

extension IDToken {
  /// Proves the token and reads its message, one check after the other, in the order of `LaunchRefusal`'s cases.
  ///
  /// OpenID Connect Core §3.1.3.7 and 1EdTech Security Framework §5.1.3 for the token, LTI 1.3 §5.3 for the message.
  /// Not checked here, because only the caller can: that the nonce is used once, that `state` is this browser's.
  ///
  /// - Throws: the `LaunchRefusal` of the first check that fails.
  package func validate(_ expected: Expectation) throws(LaunchRefusal) -> LaunchMessage {
    try checkSignature(expected.key)
    guard let issuer = claims["iss"]?.stringValue, sameBytes(issuer, expected.issuer.value) else {
      throw .issuerMismatch
    }
    try checkAudience(expected.clientID)
    try checkTimes(expected)
    guard let nonce = claims["nonce"]?.stringValue, !nonce.isEmpty else { throw .nonceMissing }
    guard expected.nonceMatches(nonce) else { throw .nonceMismatch }
    guard let deploymentID = unverifiedDeploymentID.flatMap(DeploymentID.init) else { throw .deploymentMissing }
    guard expected.deploymentIsKnown(deploymentID) else { throw .deploymentUnknown(deploymentID) }
    guard let version = claims[Claim.version]?.stringValue, sameBytes(version, "1.3.0") else {
      throw .versionUnsupported
    }
    return try LaunchMessage(claims: claims, deploymentID: deploymentID)
  }

  private func checkSignature(_ key: JWK) throws(LaunchRefusal) {
    do { try jws.verify(with: key) } catch {
      if case .algorithmUnsupported = error { throw .algorithmUnsupported }
      throw .signatureInvalid
    }
  }

  private func checkAudience(_ clientID: ClientID) throws(LaunchRefusal) {
    let audiences: [String]
    switch claims["aud"] {
    case .string(let one): audiences = [one]
    case .array(let several):
      audiences = several.compactMap(\.stringValue)
      guard audiences.count == several.count else { throw .audienceMismatch }
    default: throw .audienceMismatch
    }
    guard audiences.contains(where: { sameBytes($0, clientID.value) }) else { throw .audienceMismatch }
    switch claims["azp"] {
    case nil, .null:
      guard audiences.count == 1 else { throw .azpMismatch }
    case .string(let party):
      guard sameBytes(party, clientID.value) else { throw .azpMismatch }
    default: throw .azpMismatch
    }
  }

  private func checkTimes(_ expected: Expectation) throws(LaunchRefusal) {
    // NumericDate may be fractional (RFC 7519 §2). Doubles are exact to well under a millisecond for this century.
    guard let expiry = claims["exp"]?.doubleValue else { throw .expiryMissing }
    guard let issuedAt = claims["iat"]?.doubleValue else { throw .issuedAtMissing }
    let now = Double(expected.now.seconds) + Double(expected.now.nanoseconds) / 1e9
    let leeway = Double(expected.leeway)
    guard now < expiry + leeway else { throw .tokenExpired }
    guard issuedAt <= now + leeway else { throw .tokenNotYetValid }
    switch claims["nbf"] {
    case nil, .null: break
    case .number(let notBefore) where notBefore <= now + leeway: break
    default: throw .tokenNotYetValid
    }
    guard now - issuedAt <= Double(expected.maximumAge) else { throw .tokenTooOld }
  }
}
