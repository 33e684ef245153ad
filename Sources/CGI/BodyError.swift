/// Why a request's body cannot be used.
package enum BodyError: Error, Equatable, Sendable {
  /// More bytes than allowed, announced or found.
  case tooLarge
  /// Fewer bytes than `CONTENT_LENGTH` announces.
  case truncated
  /// The system refuses to read it.
  case unreadable
  /// `CONTENT_LENGTH` is not a number of digits (RFC 3875 §4.1.2).
  case invalidLength

  /// A stable name for logs.
  package var code: String {
    switch self {
    case .tooLarge: "body_too_large"
    case .truncated: "body_truncated"
    case .unreadable: "body_unreadable"
    case .invalidLength: "body_invalid_length"
    }
  }
}
