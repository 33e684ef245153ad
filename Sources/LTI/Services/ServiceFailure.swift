import Wire

/// Why a platform's service gave nothing to read.
package enum ServiceFailure: Error, Equatable, Sendable, CustomStringConvertible, Coded {
  /// 401: the access token is unknown, expired or lacks the scope.
  case unauthorized
  /// 403: not this tool's.
  case forbidden
  /// 404 or 410: no such thing.
  case notFound
  /// 3xx, or a 4xx that is not the service's own answer: something stands in front of the platform.
  case intercepted(afterSeconds: Int?, status: Int)
  /// Any other 4xx: asking again gives the same.
  case rejected(status: Int)
  /// 408, 425, 429 or 5xx: ask later, not before `afterSeconds` when the platform says so.
  case unavailable(afterSeconds: Int?, status: Int)
  /// A 2xx answer that is not what the service promises.
  case malformed
  /// No answer.
  case transport(TransportFailure)

  package enum Code: String, StableCode {
    case unauthorized = "service_unauthorized"
    case forbidden = "service_forbidden"
    case notFound = "service_not_found"
    case rejected = "service_rejected"
    case redirected = "service_redirected"
    case intercepted = "service_intercepted"
    case unavailable = "service_unavailable"
    case malformed = "service_malformed"
  }

  package var stableCode: any StableCode {
    switch self {
    case .unauthorized: Code.unauthorized
    case .forbidden: Code.forbidden
    case .notFound: Code.notFound
    case .rejected: Code.rejected
    case .intercepted(_, status: 300..<400): Code.redirected
    case .intercepted: Code.intercepted
    case .unavailable: Code.unavailable
    case .malformed: Code.malformed
    case .transport(let failure): failure.stableCode
    }
  }

  /// One line for the log: code and status, no body.
  package var logLine: String {
    switch self {
    case .rejected(let status): "\(code) status=\(status)"
    case .unavailable(let seconds, let status), .intercepted(let seconds, let status):
      "\(code) status=\(status)" + (seconds.map { " retry_after=\($0)" } ?? "")
    case .transport(let failure): "\(code) \(failure)"
    case .unauthorized, .forbidden, .notFound, .malformed: code
    }
  }

  /// The same as `logLine`.
  package var description: String { logLine }

  /// The failure that an answer stands for; nil when it is a 2xx.
  init?(_ response: HTTPResponse, now: Instant) {
    switch response.status {
    case 200..<300: return nil
    case 401: self = .unauthorized
    case 408, 425, 429, 500...:
      self = .unavailable(afterSeconds: RetryAfter.seconds(response.fields, now: now), status: response.status)
    case 300..<500 where response.status < 400 || !response.isOfService:
      self = .intercepted(afterSeconds: RetryAfter.seconds(response.fields, now: now), status: response.status)
    case 403: self = .forbidden
    case 404, 410: self = .notFound
    default: self = .rejected(status: response.status)
    }
  }
}
