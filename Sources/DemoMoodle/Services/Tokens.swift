import JOSE
import Wire

/// Why an assertion is refused, in the words of Moodle's JWT library.
struct AssertionRefusal: Error {
  var words: String
}

/// The tool's key set could not be fetched or read: Moodle dies of it with an HTML page.
struct KeySetUnusable: Error {}

extension Platform {
  /// Access tokens live an hour; only the id_token is gone after a minute.
  static let accessTokenLife: Int64 = 3600

  /// token.php: the client-credentials grant (RFC 6749 §4.4) with a signed assertion (RFC 7523).
  ///
  /// The answer's content type is text/html, errors included; some error bodies are not valid JSON; `aud`, `iss` and
  /// `jti` of the assertion are not looked at.
  func token(_ request: MoodleRequest) -> MoodleResponse {
    func text(_ name: String) -> String { ParamText.clean(request.postValue(name) ?? "") }
    guard request.method == "POST", request.mediaType == "application/x-www-form-urlencoded" else {
      return Self.tokenError("invalid_request")
    }
    let assertion = text("client_assertion")
    guard !assertion.isEmpty, !text("client_assertion_type").isEmpty, !text("grant_type").isEmpty,
      !text("scope").isEmpty
    else { return Self.tokenError("invalid_request") }
    guard text("client_assertion_type") == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
      text("grant_type") == "client_credentials"
    else { return Self.tokenError("unsupported_grant_type") }
    let parts = assertion.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 3, let payload = Base64URL.decode(parts[1]), let claims = try? JSONValue(parsing: payload),
      let clientID = claims["sub"]?.stringValue, !clientID.isEmpty
    else { return Self.tokenError("invalid_request") }
    guard let tool = tools.first(where: { $0.clientID == clientID }) else { return Self.tokenError("invalid_client") }
    do {
      try verify(assertion, of: tool)
    } catch let refusal as AssertionRefusal {
      return Self.tokenError(refusal.words)
    } catch {
      return keySetUnusable()
    }
    let scopes = text("scope").split(separator: " ").map(String.init).filter(tool.permittedScopes.contains)
    guard !scopes.isEmpty else { return Self.tokenError("invalid_scope") }
    let token = randomHex(32)
    let validUntil = now().seconds + Self.accessTokenLife
    state.withLock {
      $0.accessTokens[token] = AccessToken(typeID: tool.typeID, scopes: scopes, validUntil: validUntil)
    }
    return Self.tokenAnswer(
      200,
      [
        "\"access_token\" : \"\(token)\"", "\"token_type\" : \"Bearer\"", "\"expires_in\" : \(Self.accessTokenLife)",
        "\"scope\" : \"\(scopes.joined(separator: " "))\"",
      ])
  }

  /// Moodle builds this JSON by hand: the words are not escaped.
  private static func tokenError(_ words: String) -> MoodleResponse { tokenAnswer(400, ["\"error\" : \"\(words)\""]) }

  private static func tokenAnswer(_ status: Int, _ members: [String]) -> MoodleResponse {
    .html("{\r\n" + members.map { "  " + $0 }.joined(separator: ",\r\n") + "\r\n}", status: status)
  }

  /// The page on which Moodle dies when it has no keys to verify with.
  func keySetUnusable() -> MoodleResponse {
    Pages.moodleError(
      "Exception - mod_lti\\helper\\jwks_helper::fix_jwks_alg(): Argument #1 ($jwks) must be of type array, null given",
      site: configuration.siteName)
  }

  /// With the cached keys first; on any failure the key set is fetched anew and the assertion judged again. Keys are
  /// kept only once they verified something.
  /// - Throws: `AssertionRefusal`, or `KeySetUnusable`.
  func verify(_ assertion: String, of tool: Tool) throws {
    if let cached = state.withLock({ $0.toolKeys[tool.typeID] }), (try? judge(assertion, keys: cached)) != nil {
      return
    }
    guard let url = WebURL(tool.keysetURL),
      let answer = try? configuration.send(
        HTTPRequest(
          method: "GET", url: url,
          fields: HTTPFields([("User-Agent", "MoodleBot/4.5 (+\(wwwroot))"), ("Accept", "*/*")]), body: [])),
      answer.status == 200, let keys = try? JWKSet(parsing: answer.body)
    else { throw KeySetUnusable() }
    guard Self.header(of: assertion)["kid"]?.stringValue != nil else {
      throw AssertionRefusal(words: "error/Error: kid must be provided in JWT header.")
    }
    try judge(assertion, keys: keys)
    state.withLock { $0.toolKeys[tool.typeID] = keys }
  }

  private static func header(of token: String) -> JSONObject {
    let encoded = token.prefix { $0 != "." }
    return Base64URL.decode(encoded).flatMap { try? JSONValue(parsing: $0) }?.objectValue ?? JSONObject()
  }

  /// The order of php-jwt: key, algorithm, signature, then the times, without leeway.
  func judge(_ assertion: String, keys: JWKSet) throws {
    let header = Self.header(of: assertion)
    guard let key = header["kid"]?.stringValue.flatMap(keys.key(id:)) else {
      throw AssertionRefusal(words: "\"kid\" invalid, unable to lookup correct key")
    }
    guard header["alg"]?.stringValue == "RS256" else {
      throw AssertionRefusal(words: "Incorrect key for this algorithm")
    }
    guard let jws = try? JWS(compact: assertion), (try? jws.verify(with: key)) != nil,
      let claims = try? JSONValue(parsing: jws.payload)
    else { throw AssertionRefusal(words: "Signature verification failed") }
    let now = now().seconds
    for name in ["nbf", "iat"] {
      if let time = claims[name]?.doubleValue, time > Double(now) {
        throw AssertionRefusal(
          words: "Cannot handle token with \(name) prior to \(PHPDate.iso8601(Int64(time)))")
      }
    }
    if let expiry = claims["exp"]?.doubleValue, Double(now) >= expiry { throw AssertionRefusal(words: "Expired token") }
  }
}
