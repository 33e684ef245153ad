import LTI
import Wire

/// The request that a login be started.
extension LoginRefusal: Refusable {
  package var notice: RefusalNotice {
    switch self {
    case .parameterMissing, .parameterDuplicate, .parameterInvalid:
      RefusalNotice(stableCode, 400, .info, .requestIncomplete, detail: logLine)
    }
  }
}
