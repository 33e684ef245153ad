import LTI
import Postgres
import Store
import Wire

/// Every reason why a request is not answered as asked: the program's own, and ``of(_:)`` those of the protocols. What a
/// case is answered with stands in `Refusal+Notice.swift`.
package enum Refusal: Error {
  // Any request
  case notFound
  case methodNotAllowed(allowed: [String])
  case unsupportedMediaType(expected: String)
  case bodyTooLarge(limit: Int)
  case bodyUnusable(String)
  case textUnusable(String)
  case databaseUnavailable(PostgresError)
  case misconfigured(SettingsProblem)
  case internalError(String)
  case metricsForbidden(tokenIsSet: Bool)

  // The API
  case invalidBody(String)
  case invalidCode
  case tokenMissing
  case invalidToken
  case sessionExpired
  case forbidden
  case teacherPreview
  case runEnded
  case progressShared
  case unknownGrain(String)
  case moduleNotFound(String)
  /// A page keeps nothing for this grain.
  case noState(String)
  /// What a page keeps is not what another thinks; what it is now.
  case stateChanged(value: String?, tag: String?)

  // A launch
  case platformUnknown
  /// Not known, but it has the keys of one that is: its address has changed.
  case platformMoved(from: String, to: String)
  case platformDisabled
  case clientUnknown
  case clientIDMissing
  case authenticationRefused(AuthenticationErrorResponse)
  case launchFieldMissing(String)
  case stateMissing
  case stateMissingWithoutTLS
  case stateUnknown
  case stateExpired
  case stateForeign
  case deploymentUnknown(DeploymentID, issuer: Issuer, clientID: ClientID)
  case reviewNotAllowed
  case platformUnreachable(String)
  case unknownModule(slugs: [String], isTeacher: Bool)
  case grainNotThere(String)
  case noMinisite(module: String)
  case minisiteUnusable(module: String, MinisiteAddress.Problem)
  case learnerUnknown(String)

  // Registration
  case inviteInvalid
  case inviteForAnother(issuer: String)
  case registrationKnown(issuer: Issuer, clientID: ClientID)
  case registrationFieldMissing(String)

  // Deep linking
  case teachersOnly
  case deepLinkingSettingsMissing

  /// A refusal of another source, which brings its own notice.
  case of(any Refusable)

  static func form(_ error: FormError) -> Refusal { .of(error) }
  static func login(_ refusal: LoginRefusal) -> Refusal { .of(refusal) }
  static func launch(_ refusal: LaunchRefusal) -> Refusal { .of(refusal) }
  static func launch11(_ refusal: Launch11Refusal) -> Refusal { .of(refusal) }
  static func registration(_ failure: RegistrationFailure) -> Refusal { .of(failure) }
  static func deepLinking(_ refusal: DeepLinkingRefusal) -> Refusal { .of(refusal) }

  /// The codes of the cases above; an unknown deployment has that of ``LaunchRefusal``.
  enum Code: String, StableCode {
    case notFound = "not_found"
    case methodNotAllowed = "method_not_allowed"
    case unsupportedMediaType = "unsupported_media_type"
    case bodyTooLarge = "body_too_large"
    case bodyUnusable = "body_unusable"
    case textUnusable = "text_unusable"
    case databaseUnavailable = "database_unavailable"
    case misconfigured
    case internalError = "internal_error"
    case metricsForbidden = "metrics_forbidden"
    case invalidBody = "invalid_body"
    case invalidCode = "invalid_code"
    case invalidToken = "invalid_token"
    case sessionExpired = "session_expired"
    case forbidden
    case teacherPreview = "teacher_preview"
    case runEnded = "run_ended"
    case progressShared = "progress_shared"
    case unknownGrain = "unknown_grain"
    case noState = "no_state"
    case stateChanged = "state_changed"
    case platformUnknown = "platform_unknown"
    case platformDisabled = "platform_disabled"
    case clientUnknown = "client_unknown"
    case clientIDMissing = "client_id_missing"
    case authenticationRefused = "authentication_refused"
    case launchFieldMissing = "launch_field_missing"
    case stateMissing = "state_missing"
    case stateUnknown = "state_unknown"
    case stateExpired = "state_expired"
    case stateForeign = "state_foreign"
    case platformUnreachable = "platform_unreachable"
    case unknownModule = "unknown_module"
    case minisiteMissing = "minisite_missing"
    case minisiteUnusable = "minisite_unusable"
    case minisiteForbidden = "minisite_forbidden"
    case learnerUnknown = "learner_unknown"
    case inviteInvalid = "invite_invalid"
    case inviteForAnother = "invite_for_another"
    case registrationKnown = "registration_known"
    case registrationFieldMissing = "registration_field_missing"
    case deepLinkingSettingsMissing = "deep_linking_settings_missing"
  }
}

extension Refusal {
  /// A database failure as a request sees it: ``DatabaseTrouble`` says which of them pass, all others are bugs of ours.
  init(_ error: PostgresError) {
    // Raised by passerelle.learner_create where adopted collections hold everybody who may come.
    if error.sqlState == "PSA01" {
      self = .learnerUnknown(error.description)
      return
    }
    let trouble = DatabaseTrouble(error)
    switch trouble.status {
    case 503: self = .databaseUnavailable(error)
    case 400: self = .textUnusable("\(trouble.rawValue) \(error.description)")
    default: self = .internalError("\(trouble.rawValue) \(error.description)")
    }
  }
}
