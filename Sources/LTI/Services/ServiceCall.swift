import Wire

/// A request to a platform's service, as all of them share it: an access token goes with it, and an answer that is no 2xx
/// is a `ServiceFailure`.
enum ServiceCall {
  /// Sends a request and hands back the answer, when it is a 2xx.
  static func answer(
    to request: HTTPRequest, now: Instant, send: HTTPSend
  ) throws(ServiceFailure) -> HTTPResponse {
    let response: HTTPResponse
    do { response = try send(request) } catch { throw .transport(error) }
    if let failure = ServiceFailure(response, now: now) { throw failure }
    return response
  }

  /// Reads a document.
  ///
  /// - Parameter accept: the one media type of the document: Moodle compares `Accept` with one exact string.
  static func read(
    _ url: WebURL, accept: String, token: String, now: Instant, send: HTTPSend
  ) throws(ServiceFailure) -> JSONValue {
    guard var fields = HTTPFields(bearer: token) else { throw .unauthorized }
    _ = fields.set("Accept", accept)
    let response = try answer(to: HTTPRequest(url: url, fields: fields), now: now, send: send)
    do { return try JSONValue(parsing: response.body) } catch { throw .malformed }
  }
}

extension HTTPFields {
  /// `Authorization: Bearer …`, the scheme written exactly so (Moodle compares case); nil when the token cannot stand in a field.
  init?(bearer token: String) {
    self.init()
    guard AccessToken.isToken(token), set("Authorization", "Bearer \(token)") else { return nil }
  }
}
