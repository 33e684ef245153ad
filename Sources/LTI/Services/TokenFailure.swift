import JOSE
import Wire

/// Why no access token was given.
package enum TokenFailure: Explained, Equatable, Sendable, CustomStringConvertible, Coded {
  /// The platform refuses: its own error code or words (RFC 6749 §5.2), or `http_NNN` when it gives none.
  /// Moodle's words for a wrong clock are `Expired token` and `Cannot handle token with iat prior to …`.
  case refused(error: String)
  /// 408, 425, 429 or 5xx; or a 404 page, which is what Moodle answers when it cannot fetch this tool's key set.
  case unavailable(afterSeconds: Int?, status: Int)
  /// 3xx, or a 4xx that is no answer of a token endpoint: something stands in front of the platform.
  case intercepted(afterSeconds: Int?, status: Int)
  /// A 2xx answer that holds no bearer token.
  case malformed
  /// The assertion could not be signed.
  case signing(JOSEError)
  /// No answer.
  case transport(TransportFailure)

  package enum Code: String, StableCode {
    case refused = "token_refused"
    case unavailable = "token_unavailable"
    case malformed = "token_malformed"
    case redirected = "token_redirected"
    case intercepted = "token_intercepted"
    case signing = "token_signing_failed"
  }

  package var stableCode: any StableCode {
    switch self {
    case .refused: Code.refused
    case .unavailable: Code.unavailable
    case .malformed: Code.malformed
    case .intercepted(_, status: 300..<400): Code.redirected
    case .intercepted: Code.intercepted
    case .signing: Code.signing
    case .transport(let failure): failure.stableCode
    }
  }

  /// One line for the log. The platform's words are cut to 120 characters and never repeat the assertion.
  package var logLine: String {
    switch self {
    case .refused(let error): "\(code) error=\(error)"
    case .unavailable(let seconds, let status), .intercepted(let seconds, let status):
      "\(code) status=\(status)" + (seconds.map { " retry_after=\($0)" } ?? "")
    case .transport(let failure): "\(code) \(failure)"
    case .malformed, .signing: code
    }
  }

  /// The code with what the platform said, or what happened on the way.
  package var words: Words {
    guard case .transport(let failure) = self else { return .same(logLine) }
    return Words { "\(code) \(failure.words[$0])" }
  }

  /// The failure that an answer without a token stands for.
  init(_ response: HTTPResponse, now: Instant) {
    let isTemporary = [408, 425, 429].contains(response.status) || response.status >= 500
    if (300..<400).contains(response.status) {
      self = .intercepted(afterSeconds: RetryAfter.seconds(response.fields, now: now), status: response.status)
    } else if !isTemporary, let error = Self.error(in: response.body) {
      self = .refused(error: error)
    } else if isTemporary || response.status == 404 {
      self = .unavailable(afterSeconds: RetryAfter.seconds(response.fields, now: now), status: response.status)
    } else if (200..<300).contains(response.status) {
      self = .malformed
    } else if !response.isOfService {
      self = .intercepted(afterSeconds: RetryAfter.seconds(response.fields, now: now), status: response.status)
    } else {
      self = .refused(error: "http_\(response.status)")
    }
  }

  /// The `error` of the answer. Moodle quotes inside it without escaping (`{ "error" : ""kid" invalid, …" }`), so when the
  /// body is not JSON the text between the first quote after the name and the last quote of the body is taken.
  private static func error(in body: [UInt8]) -> String? {
    if let answer = try? JSONValue(parsing: body) {
      guard let error = answer["error"]?.stringValue, !error.isEmpty else { return nil }
      return platformWords(Array(error.utf8))
    }
    guard body.first(where: { !isWhitespace($0) }) == UInt8(ascii: "{"), body.count <= 4096 else { return nil }
    let name = Array("\"error\"".utf8)
    guard let start = body.indices.first(where: { body[$0...].starts(with: name) }) else { return nil }
    var rest = body[(start + name.count)...]
    rest = rest.drop { isWhitespace($0) || $0 == UInt8(ascii: ":") }
    guard rest.first == UInt8(ascii: "\""), let end = rest.lastIndex(of: UInt8(ascii: "\"")), end > rest.startIndex
    else {
      return nil
    }
    let words = rest[(rest.startIndex + 1)..<end]
    return words.isEmpty ? nil : platformWords(Array(words))
  }
}
