import Wire

/// Why an LTI 1.1 launch is refused: one case per check, in the order in which the checks are made.
///
/// Two of them, `consumerKeyUnknown` and `nonceUsed`, depend on what the caller keeps and are raised by the caller; all
/// others by `Launch11Request`. No case carries a value that was sent, only names of parameters that this module reads.
package enum Launch11Refusal: Error, Equatable, Sendable, CustomStringConvertible, Coded {
  /// A parameter that the proof needs is not there, or is empty (RFC 5849 §3.1).
  case parameterMissing(String)
  /// A parameter of the proof was sent more than once (RFC 5849 §3.2: must not).
  case parameterDuplicate(String)
  /// A parameter of the proof cannot be what it should be: too long, control characters, a timestamp that is no number.
  case parameterInvalid(String)
  /// `oauth_version` is there and is not `1.0` (RFC 5849 §3.1).
  case oauthVersionUnsupported
  /// `oauth_signature_method` is neither HMAC-SHA1 nor HMAC-SHA256 (never PLAINTEXT).
  case signatureMethodUnsupported
  /// No platform is registered with that consumer key. Raised by the caller.
  case consumerKeyUnknown
  /// The signature is not one made with the platform's secret for this URL and these parameters (RFC 5849 §3.2).
  case signatureInvalid
  /// `oauth_timestamp` is further from our time than the window allows (RFC 5849 §3.3).
  case timestampRefused
  /// The consumer key's nonce was already consumed: the same launch presented again (RFC 5849 §3.3). Raised by the caller.
  case nonceUsed
  /// A parameter of the message that this tool reads was sent more than once: two readers could take different values.
  case messageParameterDuplicate(String)
  /// `lti_message_type` is missing or empty (LTI 1.1 §3: required).
  case messageTypeMissing
  /// `lti_message_type` is not `basic-lti-launch-request` (LTI 1.1 §3).
  case messageTypeUnknown
  /// `lti_version` is missing or not `LTI-1p0` (LTI 1.1 §3).
  case versionUnsupported
  /// `resource_link_id` is missing, empty or cannot be an identifier (LTI 1.1 §3: required).
  case resourceLinkMissing
  /// `user_id` is missing, empty or cannot be an identifier. LTI 1.1 §3 only recommends it; here each learner has a name.
  case userMissing

  package enum Code: String, StableCode {
    case parameterMissing = "launch11_parameter_missing"
    case parameterDuplicate = "launch11_parameter_duplicate"
    case parameterInvalid = "launch11_parameter_invalid"
    case oauthVersionUnsupported = "launch11_oauth_version_unsupported"
    case signatureMethodUnsupported = "launch11_signature_method_unsupported"
    case consumerKeyUnknown = "launch11_consumer_key_unknown"
    case signatureInvalid = "launch11_signature_invalid"
    case timestampRefused = "launch11_timestamp_refused"
    case nonceUsed = "launch11_nonce_used"
    case messageParameterDuplicate = "launch11_message_parameter_duplicate"
    case messageTypeMissing = "launch11_message_type_missing"
    case messageTypeUnknown = "launch11_message_type_unknown"
    case versionUnsupported = "launch11_version_unsupported"
    case resourceLinkMissing = "launch11_resource_link_missing"
    case userMissing = "launch11_user_missing"
  }

  package var stableCode: any StableCode {
    switch self {
    case .parameterMissing: Code.parameterMissing
    case .parameterDuplicate: Code.parameterDuplicate
    case .parameterInvalid: Code.parameterInvalid
    case .oauthVersionUnsupported: Code.oauthVersionUnsupported
    case .signatureMethodUnsupported: Code.signatureMethodUnsupported
    case .consumerKeyUnknown: Code.consumerKeyUnknown
    case .signatureInvalid: Code.signatureInvalid
    case .timestampRefused: Code.timestampRefused
    case .nonceUsed: Code.nonceUsed
    case .messageParameterDuplicate: Code.messageParameterDuplicate
    case .messageTypeMissing: Code.messageTypeMissing
    case .messageTypeUnknown: Code.messageTypeUnknown
    case .versionUnsupported: Code.versionUnsupported
    case .resourceLinkMissing: Code.resourceLinkMissing
    case .userMissing: Code.userMissing
    }
  }

  /// Whether the refusal comes after the proof: the platform did sign this message, so its return URL may be followed.
  package var comesAfterProof: Bool {
    switch self {
    case .parameterMissing, .parameterDuplicate, .parameterInvalid, .oauthVersionUnsupported,
      .signatureMethodUnsupported, .consumerKeyUnknown, .signatureInvalid:
      false
    case .timestampRefused, .nonceUsed, .messageParameterDuplicate, .messageTypeMissing, .messageTypeUnknown,
      .versionUnsupported, .resourceLinkMissing, .userMissing:
      true
    }
  }

  /// One line for the log: the code, and the parameter's name where there is one, never its value.
  package var logLine: String {
    switch self {
    case .parameterMissing(let name), .parameterDuplicate(let name), .parameterInvalid(let name),
      .messageParameterDuplicate(let name):
      "\(code) parameter=\(name)"
    case .oauthVersionUnsupported, .signatureMethodUnsupported, .consumerKeyUnknown, .signatureInvalid,
      .timestampRefused, .nonceUsed, .messageTypeMissing, .messageTypeUnknown, .versionUnsupported,
      .resourceLinkMissing, .userMissing:
      code
    }
  }

  /// The same as `logLine`.
  package var description: String { logLine }
}
