import JOSE
import Wire

/// The Basic Outcomes service as a tool uses it (LTI 1.1 §6): one result per person and activity, named by an opaque
/// handle, written as plain XML.
///
/// Moodle keeps it open to LTI 1.3 tools too. It answers 200 and `text/html` always; what counts is in the envelope.
package enum BasicOutcomes {
  /// The scope that a Bearer token needs for this service.
  package static var scope: String { "https://purl.imsglobal.org/spec/lti-bo/scope/basicoutcome" }

  /// What proves that a request is the tool's.
  package enum Authorization: Equatable, Sendable, CustomStringConvertible, CustomReflectable {
    /// LTI 1.1: OAuth 1.0 with HMAC-SHA1 and a body hash (LTI 1.1 §4.3); Moodle refuses HMAC-SHA256 here.
    case oauth1(OAuth1Credentials)
    /// LTI 1.3: an access token of `scope`.
    case bearer(String)

    /// Which of the two, not the secret.
    package var description: String {
      switch self {
      case .oauth1(let credentials): "oauth1(\(credentials))"
      case .bearer: "bearer"
      }
    }

    /// Shows as little as `description`.
    package var customMirror: Mirror { Mirror(self, children: []) }
  }

  /// Sets the result to a score, whatever it was: the last one counts (LTI 1.1 §6.1.1, `replaceResult`).
  ///
  /// - Parameters:
  ///   - now: the time that is signed, and that a `Retry-After` date is measured from.
  ///   - randomBytes: makes the nonce and the message identifier.
  package static func replaceResult(
    with score: ResultScore, at endpoint: BasicOutcomeEndpoint, authorization: Authorization, now: Instant = .now(),
    randomBytes: (Int) -> [UInt8] = JOSE.randomBytes, send: HTTPSend
  ) -> ResultOutcome {
    write(.replaceResult(score), endpoint, authorization, now, randomBytes, send)
  }

  /// Removes the result (LTI 1.1 §6.1.3, `deleteResult`). In Moodle the activity is then no longer complete.
  package static func deleteResult(
    at endpoint: BasicOutcomeEndpoint, authorization: Authorization, now: Instant = .now(),
    randomBytes: (Int) -> [UInt8] = JOSE.randomBytes, send: HTTPSend
  ) -> ResultOutcome {
    write(.deleteResult, endpoint, authorization, now, randomBytes, send)
  }

  /// Reads the result, from 0 to 1; nil when there is none (LTI 1.1 §6.1.2, `readResult`).
  ///
  /// - Throws: `ServiceFailure`: `.notFound` when the platform does not know the handle, `.unauthorized` when it does not
  ///   take the authorization, `.rejected` for another failure in the envelope, with the status it came with.
  package static func readResult(
    at endpoint: BasicOutcomeEndpoint, authorization: Authorization, now: Instant = .now(),
    randomBytes: (Int) -> [UInt8] = JOSE.randomBytes, send: HTTPSend
  ) throws(ServiceFailure) -> Double? {
    let message = POXRequest(.readResult, sourcedID: endpoint.sourcedID, randomBytes: randomBytes)
    guard let body = message.body else { throw .notFound }
    guard let request = request(body, endpoint, authorization, now, randomBytes) else { throw .unauthorized }
    let response = try ServiceCall.answer(to: request, now: now, send: send)
    guard let answer = POXResponse(response.body) else { throw .malformed }
    switch answer.verdict(for: message) {
    case .success: break
    case .unauthorized: throw .unauthorized
    case .sourcedIDUnknown: throw .notFound
    case .notStored, .failure: throw .unavailable(afterSeconds: nil, status: response.status)
    case .unclear: throw .malformed
    case .unsupported, .notAccepted, .scoreUnusable: throw .rejected(status: response.status)
    }
    guard let read = answer.operation, sameBytes(read.name, "readResultResponse") else { throw .malformed }
    guard let words = read.descendant("result", "resultScore", "textString")?.text, !words.allSatisfy(\.isWhitespace)
    else { return nil }
    guard let score = ResultScore(parsing: words) else { throw .malformed }
    return score.value
  }

  private static func write(
    _ operation: POXRequest.Operation, _ endpoint: BasicOutcomeEndpoint, _ authorization: Authorization, _ now: Instant,
    _ randomBytes: (Int) -> [UInt8], _ send: HTTPSend
  ) -> ResultOutcome {
    let message = POXRequest(operation, sourcedID: endpoint.sourcedID, randomBytes: randomBytes)
    guard let body = message.body else { return .refused(.sourcedIDUnknown) }
    guard let request = request(body, endpoint, authorization, now, randomBytes) else { return .unauthorized }
    do { return ResultOutcome(try send(request), to: message, now: now) } catch { return .transport(error) }
  }

  /// nil when the token cannot stand in a field.
  private static func request(
    _ body: [UInt8], _ endpoint: BasicOutcomeEndpoint, _ authorization: Authorization, _ now: Instant,
    _ randomBytes: (Int) -> [UInt8]
  ) -> HTTPRequest? {
    var fields = HTTPFields()
    switch authorization {
    case .bearer(let token):
      guard let bearer = HTTPFields(bearer: token) else { return nil }
      fields = bearer
    case .oauth1(let credentials):
      let value = OAuth1.authorization(
        url: endpoint.serviceURL, body: body, credentials: credentials, timestamp: now,
        nonce: Hex.encode(randomBytes(16)))
      fields.set("Authorization", value)
    }
    fields.set("Content-Type", "application/xml")
    return HTTPRequest(method: "POST", url: endpoint.serviceURL, fields: fields, body: body)
  }
}
