import LTI
import Postgres
import Wire

/// Every reason why a request is not answered as asked: one enum, each case with a stable ``code``, a ``status``, words
/// for the person (`Refusal+Words.swift`) and a line for the log.
package enum Refusal: Error {
  // Any request
  case notFound
  case methodNotAllowed(allowed: [String])
  case unsupportedMediaType(expected: String)
  case bodyTooLarge(limit: Int)
  case bodyUnusable(String)
  case databaseUnavailable(PostgresError)
  case misconfigured(SettingsProblem)
  case internalError(String)

  // The API
  case invalidBody(String)
  case invalidCode
  case tokenMissing
  case invalidToken
  case sessionExpired
  case forbidden
  case unknownGrain(String)
  case moduleNotFound(String)

  // A launch
  case form(FormError)
  case login(LoginRefusal)
  case platformUnknown
  case platformDisabled
  case clientUnknown
  case clientIDMissing
  case authenticationRefused(AuthenticationErrorResponse)
  case launchFieldMissing(String)
  case stateMissing
  case stateUnknown
  case stateExpired
  case stateForeign
  case launch(LaunchRefusal)
  case deploymentUnknown(DeploymentID, issuer: Issuer, clientID: ClientID)
  case launch11(Launch11Refusal)
  case reviewNotAllowed
  case platformUnreachable(String)
  case unknownModule(slugs: [String])
  case noMinisite(module: String)
  case learnerUnknown(String)

  // Registration
  case inviteInvalid
  case registrationFieldMissing(String)
  case registration(RegistrationFailure)

  // Deep linking
  case teachersOnly
  case deepLinkingSettingsMissing
  case deepLinking(DeepLinkingRefusal)

  /// The stable code, which pages show and API answers carry.
  package var code: String {
    switch self {
    case .notFound: "not_found"
    case .methodNotAllowed: "method_not_allowed"
    case .unsupportedMediaType: "unsupported_media_type"
    case .bodyTooLarge: "body_too_large"
    case .bodyUnusable: "body_unusable"
    case .databaseUnavailable: "database_unavailable"
    case .misconfigured: "misconfigured"
    case .internalError: "internal_error"
    case .invalidBody: "invalid_body"
    case .invalidCode: "invalid_code"
    case .tokenMissing, .invalidToken: "invalid_token"
    case .sessionExpired: "session_expired"
    case .forbidden, .teachersOnly, .reviewNotAllowed: "forbidden"
    case .unknownGrain: "unknown_grain"
    case .form(let error): error.code
    case .login(let refusal): refusal.code
    case .platformUnknown: "platform_unknown"
    case .platformDisabled: "platform_disabled"
    case .clientUnknown: "client_unknown"
    case .clientIDMissing: "client_id_missing"
    case .authenticationRefused: "authentication_refused"
    case .launchFieldMissing: "launch_field_missing"
    case .stateMissing: "state_missing"
    case .stateUnknown: "state_unknown"
    case .stateExpired: "state_expired"
    case .stateForeign: "state_foreign"
    case .launch(let refusal): refusal.code
    case .deploymentUnknown(let id, _, _): LaunchRefusal.deploymentUnknown(id).code
    case .launch11(let refusal): refusal.code
    case .platformUnreachable: "platform_unreachable"
    case .unknownModule, .moduleNotFound: "unknown_module"
    case .noMinisite: "minisite_missing"
    case .learnerUnknown: "learner_unknown"
    case .inviteInvalid: "invite_invalid"
    case .registrationFieldMissing: "registration_field_missing"
    case .registration(let failure): failure.code
    case .deepLinkingSettingsMissing: "deep_linking_settings_missing"
    case .deepLinking(let refusal): refusal.code
    }
  }

  /// The HTTP status (RFC 9110, section 15).
  package var status: Int {
    switch self {
    case .notFound: 404
    case .methodNotAllowed: 405
    case .unsupportedMediaType: 415
    case .bodyTooLarge: 413
    case .databaseUnavailable, .platformUnreachable: 503
    case .misconfigured, .internalError, .noMinisite: 500
    case .tokenMissing, .invalidToken, .sessionExpired: 401
    case .unknownGrain, .moduleNotFound: 422
    case .platformDisabled, .forbidden, .teachersOnly, .reviewNotAllowed, .inviteInvalid, .learnerUnknown: 403
    case .registration(.transport(.addressForbidden)): 400
    // What went wrong is on the platform's side of this server.
    case .registration(.transport), .registration(.unavailable), .registration(.answerMalformed): 502
    default: 400
    }
  }

  /// Fields that the status calls for: `Allow`, `Retry-After`, `WWW-Authenticate`.
  var fields: [(String, String)] {
    switch self {
    case .methodNotAllowed(let allowed): [("Allow", allowed.joined(separator: ", "))]
    case .databaseUnavailable: [("Retry-After", "5")]
    case .platformUnreachable: [("Retry-After", "30")]
    // RFC 6750, section 3.1: no error code when no credentials came. `doctor` reads the difference.
    case .tokenMissing: [("WWW-Authenticate", "Bearer")]
    case .invalidToken, .sessionExpired: [("WWW-Authenticate", "Bearer error=\"invalid_token\"")]
    default: []
    }
  }

  /// What the log says beside the code; never a token, a secret or a body.
  var detail: String {
    switch self {
    case .databaseUnavailable(let error): error.description
    case .misconfigured(let problem): problem.description
    case .internalError(let reason), .bodyUnusable(let reason), .invalidBody(let reason),
      .platformUnreachable(let reason):
      reason
    case .unsupportedMediaType(let expected): "expected \(expected)"
    case .bodyTooLarge(let limit): "limit \(limit) bytes"
    case .unknownGrain(let slug): "grain \(slug)"
    case .moduleNotFound(let slug): "module \(slug)"
    case .registrationFieldMissing(let name): name
    case .registration(let failure): failure.logLine
    case .login(let refusal): refusal.logLine
    case .deploymentUnknown(let id, let issuer, let clientID):
      "\(LaunchRefusal.deploymentUnknown(id).logLine); to accept it: passerelle platform add"
        + ShellWord.option("--issuer", issuer.value) + ShellWord.option("--client-id", clientID.value)
        + ShellWord.option("--deployment-id", id.value)
    case .launch(let refusal): refusal.logLine
    case .launch11(let refusal): refusal.logLine
    case .authenticationRefused(let response): response.error
    case .launchFieldMissing(let name): name
    case .unknownModule(let slugs): "active modules: \(slugs.joined(separator: ", "))"
    case .noMinisite(let module): "module \(module) has no URL and PASSERELLE_MINISITE_URL is not set"
    case .form(.duplicate(let name)): name
    case .learnerUnknown(let reason):
      "\(reason); make the person there, mend what they are matched by, or adopt with create = yes"
    default: ""
    }
  }

  /// How serious it is for whoever reads the log.
  var logLevel: LogLevel {
    switch self {
    case .misconfigured, .internalError, .databaseUnavailable, .noMinisite: .error
    case .platformUnreachable, .platformUnknown, .clientUnknown, .launch, .deploymentUnknown, .launch11, .unknownModule,
      .authenticationRefused, .learnerUnknown:
      .warning
    default: .info
    }
  }

  /// A database failure as a request sees it: the server's own refusals are bugs of ours, everything else is absence.
  init(_ error: PostgresError) {
    switch error.kind {
    case .connection, .timeout: self = .databaseUnavailable(error)
    case .decoding: self = .internalError("database: \(error.description)")
    case .server:
      switch error.sqlState?.prefix(2) {
      // Connection exceptions, resources, operator intervention (shutdown, restart), system errors, and a pooler's own.
      case "08", "53", "57", "58": self = .databaseUnavailable(error)
      default:
        // Raised by passerelle.learner_create where adopted collections hold everybody who may come.
        self =
          error.sqlState == "PSA01"
          ? .learnerUnknown(error.description) : .internalError("database: \(error.description)")
      }
    }
  }
}
