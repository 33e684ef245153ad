import Wire

/// Why a platform could not be registered with (LTI Dynamic Registration 1.0 §3). No case carries a token.
package enum RegistrationFailure: Error, Equatable, Sendable, CustomStringConvertible, Coded {
  /// The configuration's URL, or the named member of the configuration, is plain http where https is asked for.
  case insecure(String)
  /// The configuration was not given: any status but 200, redirects included, which are not followed.
  case configurationRefused(status: Int)
  /// The configuration is not a JSON object.
  case configurationMalformed
  /// A member of the configuration is missing or not what it should be.
  case configurationIncomplete(String)
  /// The named member is not of the origin that the configuration was fetched from.
  case originMismatch(String)
  /// The configuration's URL does not lie under the issuer that the configuration claims to be.
  case issuerMismatch
  /// The platform does not offer what this tool needs; the named member of the configuration says so.
  case unsupported(String)
  /// 401 or 403: the registration token is unknown, expired or used; the platform's words.
  case tokenRefused(String)
  /// The platform does not take the registration: the status and its words.
  case refused(status: Int, words: String)
  /// 408, 425, 429 or 5xx: ask later, not before `afterSeconds` when the platform says so.
  case unavailable(afterSeconds: Int?, status: Int)
  /// A 2xx answer to the registration that names no usable client_id.
  case answerMalformed
  /// No answer. After a registration was sent, the platform may have made a tool all the same.
  case transport(TransportFailure)

  package enum Code: String, StableCode {
    case insecure = "registration_insecure"
    case configurationRefused = "registration_configuration_refused"
    case configurationMalformed = "registration_configuration_malformed"
    case configurationIncomplete = "registration_configuration_incomplete"
    case originMismatch = "registration_origin_mismatch"
    case issuerMismatch = "registration_issuer_mismatch"
    case unsupported = "registration_unsupported"
    case tokenRefused = "registration_token_refused"
    case refused = "registration_refused"
    case unavailable = "registration_unavailable"
    case answerMalformed = "registration_answer_malformed"
  }

  package var stableCode: any StableCode {
    switch self {
    case .insecure: Code.insecure
    case .configurationRefused: Code.configurationRefused
    case .configurationMalformed: Code.configurationMalformed
    case .configurationIncomplete: Code.configurationIncomplete
    case .originMismatch: Code.originMismatch
    case .issuerMismatch: Code.issuerMismatch
    case .unsupported: Code.unsupported
    case .tokenRefused: Code.tokenRefused
    case .refused: Code.refused
    case .unavailable: Code.unavailable
    case .answerMalformed: Code.answerMalformed
    case .transport(let failure): failure.stableCode
    }
  }

  /// One line for the log: the code, the member or status concerned, the platform's words made harmless.
  package var logLine: String {
    switch self {
    case .insecure(let member), .configurationIncomplete(let member), .originMismatch(let member),
      .unsupported(let member):
      "\(code) member=\(member)"
    case .configurationRefused(let status): "\(code) status=\(status)"
    case .tokenRefused(let words): "\(code) words=\(words)"
    case .refused(let status, let words): "\(code) status=\(status) words=\(words)"
    case .unavailable(let seconds, let status):
      "\(code) status=\(status)" + (seconds.map { " retry_after=\($0)" } ?? "")
    case .transport(let failure): "\(code) \(failure)"
    case .configurationMalformed, .issuerMismatch, .answerMalformed: code
    }
  }

  /// The same as `logLine`.
  package var description: String { logLine }

  /// The failure that an answer to a registration stands for.
  init(_ response: HTTPResponse, now: Instant) {
    switch response.status {
    case 200..<300: self = .answerMalformed
    case 401, 403: self = .tokenRefused(Self.words(response))
    case 408, 425, 429, 500...:
      self = .unavailable(afterSeconds: RetryAfter.seconds(response.fields, now: now), status: response.status)
    default: self = .refused(status: response.status, words: Self.words(response))
    }
  }

  /// The platform's words: `error` and `error_description` (RFC 7591 §3.2.2), or the plain text that Moodle sends as
  /// `text/html`. An HTML page has none, only its status.
  private static func words(_ response: HTTPResponse) -> String {
    if let answer = try? JSONValue(parsing: response.body), let error = answer["error"]?.stringValue {
      let words = [error, answer["error_description"]?.stringValue].compactMap { $0 }.joined(separator: ": ")
      return platformWords(Array(words.utf8))
    }
    let body = response.body.drop(while: isWhitespace)
    guard !body.isEmpty, body.count <= 400, !body.contains(UInt8(ascii: "<")), !body.contains(UInt8(ascii: "{")) else {
      return "http_\(response.status)"
    }
    return platformWords(Array(body))
  }
}
