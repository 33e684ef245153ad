import Wire

/// A form or a query that cannot be read.
extension FormError: Refusable {
  package var notice: RefusalNotice {
    switch self {
    case .invalidEncoding, .tooManyFields: RefusalNotice(stableCode, 400, .info, .requestIncomplete)
    case .duplicate(let name): RefusalNotice(stableCode, 400, .info, .requestIncomplete, detail: name)
    }
  }
}
