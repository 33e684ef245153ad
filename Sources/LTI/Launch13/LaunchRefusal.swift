import Wire

/// Why an LTI 1.3 launch is refused: one case per check, in the order in which the checks are made.
///
/// Two of them, `kidUnknown` and `nonceUsed`, depend on what the caller keeps (key sets, consumed nonces) and are
/// raised by the caller, as is `textInvalid`; all others are raised by `IDToken`. No case carries the token or a part of it beyond an
/// identifier or the name of a claim.
package enum LaunchRefusal: Error, Equatable, Sendable, CustomStringConvertible, Coded {
  /// The id_token is not three base64url parts holding JSON objects (RFC 7515 §3.1, RFC 7519 §7.2),
  /// or its header demands an extension with `crit` (RFC 7515 §4.1.11).
  case tokenMalformed
  /// A name occurs twice in the header or the claims (RFC 7519 §4: must be unique).
  case tokenDuplicateKey(String)
  /// The id_token is longer than `IDToken.maximumLength`.
  case tokenTooLarge
  /// `alg` is not RS256 (1EdTech Security Framework §5.1.3; never `none`, never HS*).
  case algorithmUnsupported
  /// The header has no `kid` (LTI 1.3 certification; the platform's key set may hold several keys).
  case kidMissing
  /// The platform's key set has no key of that `kid`. Raised by the caller.
  case kidUnknown(String)
  /// The signature is not the platform's (RFC 7515 §5.2).
  case signatureInvalid
  /// `iss` is missing or is not the platform's (OpenID Connect Core §3.1.3.7 item 2).
  case issuerMismatch
  /// `aud` is missing or does not contain our client_id (OpenID Connect Core §3.1.3.7 item 3).
  case audienceMismatch
  /// `azp` is not our client_id, or is missing although `aud` has several values (OpenID Connect Core §3.1.3.7 items 4, 5).
  case azpMismatch
  /// `exp` is missing or not a number (OpenID Connect Core §2: required).
  case expiryMissing
  /// `iat` is missing or not a number (OpenID Connect Core §2: required).
  case issuedAtMissing
  /// The time is at or past `exp` plus the leeway (RFC 7519 §4.1.4).
  case tokenExpired
  /// `iat` or `nbf` lies further ahead than the leeway, or `nbf` is not a number (RFC 7519 §4.1.5).
  case tokenNotYetValid
  /// `iat` is longer ago than the maximum age (OpenID Connect Core §3.1.3.7 item 10).
  case tokenTooOld
  /// `nonce` is missing or empty (1EdTech Security Framework §5.1.3: required).
  case nonceMissing
  /// `nonce` is not the one this login was started with (OpenID Connect Core §3.1.3.7 item 11).
  case nonceMismatch
  /// The nonce was already consumed: the same launch presented again. Raised by the caller.
  case nonceUsed
  /// `deployment_id` is missing or cannot be an identifier (LTI 1.3 §5.3.3).
  case deploymentMissing
  /// `deployment_id` is not registered for this platform (LTI 1.3 §5.3.3).
  case deploymentUnknown(DeploymentID)
  /// `version` is missing or not `1.3.0` (LTI 1.3 §5.3.2).
  case versionUnsupported
  /// `message_type` is missing or empty (LTI 1.3 §5.3.1).
  case messageTypeMissing
  /// `message_type` names no message this tool takes (LTI 1.3 §5.3.1).
  case messageTypeUnknown
  /// `roles` is missing (LTI 1.3 §5.3.7: required, may be empty).
  case rolesMissing
  /// `roles` is not an array of strings (LTI 1.3 §5.3.7).
  case rolesInvalid
  /// `resource_link` is missing, or its `id` is missing, empty or cannot be an identifier (LTI 1.3 §5.3.5).
  case resourceLinkMissing
  /// A submission review does not name whose submission it is: `for_user.user_id` is missing, empty or cannot be an
  /// identifier (LTI Submission Review 1.0 §4.2).
  case forUserMissing
  /// `target_link_uri` is missing or empty (LTI 1.3 §5.3.4).
  case targetLinkURIMissing
  /// `sub` is missing, empty or cannot be an identifier (LTI 1.3 §5.3.6).
  case subjectMissing
  /// A text somewhere in the message holds a NUL, which no text that people write has. Raised by the caller.
  case textInvalid

  package enum Code: String, StableCode {
    case tokenMalformed = "launch_token_malformed"
    case tokenDuplicateKey = "launch_token_duplicate_key"
    case tokenTooLarge = "launch_token_too_large"
    case algorithmUnsupported = "launch_algorithm_unsupported"
    case kidMissing = "launch_kid_missing"
    case kidUnknown = "launch_kid_unknown"
    case signatureInvalid = "launch_signature_invalid"
    case issuerMismatch = "launch_issuer_mismatch"
    case audienceMismatch = "launch_audience_mismatch"
    case azpMismatch = "launch_azp_mismatch"
    case expiryMissing = "launch_expiry_missing"
    case issuedAtMissing = "launch_issued_at_missing"
    case tokenExpired = "launch_token_expired"
    case tokenNotYetValid = "launch_token_not_yet_valid"
    case tokenTooOld = "launch_token_too_old"
    case nonceMissing = "launch_nonce_missing"
    case nonceMismatch = "launch_nonce_mismatch"
    case nonceUsed = "launch_nonce_used"
    case deploymentMissing = "launch_deployment_missing"
    case deploymentUnknown = "launch_deployment_unknown"
    case versionUnsupported = "launch_version_unsupported"
    case messageTypeMissing = "launch_message_type_missing"
    case messageTypeUnknown = "launch_message_type_unknown"
    case rolesMissing = "launch_roles_missing"
    case rolesInvalid = "launch_roles_invalid"
    case resourceLinkMissing = "launch_resource_link_missing"
    case forUserMissing = "launch_for_user_missing"
    case targetLinkURIMissing = "launch_target_link_uri_missing"
    case subjectMissing = "launch_subject_missing"
    case textInvalid = "launch_text_invalid"
  }

  package var stableCode: any StableCode {
    switch self {
    case .tokenMalformed: Code.tokenMalformed
    case .tokenDuplicateKey: Code.tokenDuplicateKey
    case .tokenTooLarge: Code.tokenTooLarge
    case .algorithmUnsupported: Code.algorithmUnsupported
    case .kidMissing: Code.kidMissing
    case .kidUnknown: Code.kidUnknown
    case .signatureInvalid: Code.signatureInvalid
    case .issuerMismatch: Code.issuerMismatch
    case .audienceMismatch: Code.audienceMismatch
    case .azpMismatch: Code.azpMismatch
    case .expiryMissing: Code.expiryMissing
    case .issuedAtMissing: Code.issuedAtMissing
    case .tokenExpired: Code.tokenExpired
    case .tokenNotYetValid: Code.tokenNotYetValid
    case .tokenTooOld: Code.tokenTooOld
    case .nonceMissing: Code.nonceMissing
    case .nonceMismatch: Code.nonceMismatch
    case .nonceUsed: Code.nonceUsed
    case .deploymentMissing: Code.deploymentMissing
    case .deploymentUnknown: Code.deploymentUnknown
    case .versionUnsupported: Code.versionUnsupported
    case .messageTypeMissing: Code.messageTypeMissing
    case .messageTypeUnknown: Code.messageTypeUnknown
    case .rolesMissing: Code.rolesMissing
    case .rolesInvalid: Code.rolesInvalid
    case .resourceLinkMissing: Code.resourceLinkMissing
    case .forUserMissing: Code.forUserMissing
    case .targetLinkURIMissing: Code.targetLinkURIMissing
    case .subjectMissing: Code.subjectMissing
    case .textInvalid: Code.textInvalid
    }
  }

  /// Whether the refusal comes after the proof: this platform did sign the message, and for this tool, so its return URL
  /// may be offered.
  package var comesAfterProof: Bool {
    switch self {
    case .tokenMalformed, .tokenDuplicateKey, .tokenTooLarge, .algorithmUnsupported, .kidMissing, .kidUnknown,
      .signatureInvalid, .issuerMismatch, .audienceMismatch, .azpMismatch:
      false
    case .expiryMissing, .issuedAtMissing, .tokenExpired, .tokenNotYetValid, .tokenTooOld, .nonceMissing,
      .nonceMismatch, .nonceUsed, .deploymentMissing, .deploymentUnknown, .versionUnsupported, .messageTypeMissing,
      .messageTypeUnknown, .rolesMissing, .rolesInvalid, .resourceLinkMissing, .forUserMissing, .targetLinkURIMissing,
      .subjectMissing, .textInvalid:
      true
    }
  }

  /// One line for the log: the code, and the identifier or claim concerned, made harmless.
  package var logLine: String {
    switch self {
    case .tokenDuplicateKey(let name): "\(code) key=\(loggable(name))"
    case .kidUnknown(let keyID): "\(code) kid=\(loggable(keyID))"
    case .deploymentUnknown(let deployment): "\(code) deployment=\(loggable(deployment.value))"
    case .tokenMalformed, .tokenTooLarge, .algorithmUnsupported, .kidMissing, .signatureInvalid, .issuerMismatch,
      .audienceMismatch, .azpMismatch, .expiryMissing, .issuedAtMissing, .tokenExpired, .tokenNotYetValid,
      .tokenTooOld, .nonceMissing, .nonceMismatch, .nonceUsed, .deploymentMissing, .versionUnsupported,
      .messageTypeMissing, .messageTypeUnknown, .rolesMissing, .rolesInvalid, .resourceLinkMissing, .forUserMissing,
      .targetLinkURIMissing, .subjectMissing, .textInvalid:
      code
    }
  }

  /// The same as `logLine`.
  package var description: String { logLine }
}
