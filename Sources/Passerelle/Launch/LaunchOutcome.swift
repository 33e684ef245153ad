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
  /// The grain that the activity is about is not one of the module's, or archived.
  case unknownGrain = "unknown_grain"
  /// The platform is to be asked first whether the activity has another resource link id by now.
  case formerLink = "former_link"
}
