/// What `passerelle.login` made of a login initiation.
enum LoginOutcome: String {
  case accepted
  case platformUnknown = "platform_unknown"
  case platformDisabled = "platform_disabled"
  case clientUnknown = "client_unknown"
  case clientIDMissing = "client_id_missing"
}

/// What `passerelle.launch` made of a proven launch, in whichever version of LTI it came.
enum LaunchOutcome: String {
  case accepted
  /// The state or nonce was used meanwhile: the same launch came twice.
  case nonceUsed = "nonce_used"
  case unknownModule = "unknown_module"
}
