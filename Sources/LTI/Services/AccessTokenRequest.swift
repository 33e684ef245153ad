import JOSE
import Wire

/// A request for an access token of a platform's services, by client credentials with a signed assertion.
///
/// 1EdTech Security Framework §4.1.1; RFC 7523 §2.2, §3; RFC 6749 §4.4.
package struct AccessTokenRequest {
  /// The platform's token endpoint.
  package var tokenURL: WebURL
  /// The tool's name at that platform: the assertion's issuer and subject.
  package var clientID: ClientID
  /// The `kid` under which the platform finds the key in the tool's key set.
  package var keyID: String
  /// The tool's private key.
  package var key: RSAPrivateKey
  /// The scopes to ask for.
  package var scopes: [String]

  /// Seconds by which `iat` is set back: Moodle refuses an `iat` in its future, without any leeway.
  package static var backdating: Int64 { 5 }
  /// Seconds from now to `exp`: Moodle refuses a past one, without any leeway, so this is also how far its clock may be ahead.
  package static var lifetime: Int64 { 60 }

  /// Gathers the request; nothing is sent yet.
  package init(tokenURL: WebURL, clientID: ClientID, keyID: String, key: RSAPrivateKey, scopes: [String]) {
    self.tokenURL = tokenURL
    self.clientID = clientID
    self.keyID = keyID
    self.key = key
    self.scopes = scopes
  }

  /// Signs an assertion and trades it for a token.
  ///
  /// The answer is read as JSON whatever its media type: Moodle says `text/html`. Moodle fetches the tool's key set
  /// *during* this request, so the tool must be able to answer another request meanwhile.
  ///
  /// - Throws: `TokenFailure`.
  package func fetch(now: Instant, randomBytes: (Int) -> [UInt8], send: HTTPSend) throws(TokenFailure) -> AccessToken {
    let assertion: String
    do { assertion = try JWT.sign(claims(now: now, identifier: randomBytes(16)), with: key, keyID: keyID) } catch {
      throw .signing(error)
    }
    var fields = HTTPFields()
    _ = fields.set("Content-Type", "application/x-www-form-urlencoded")
    _ = fields.set("Accept", "application/json")
    let body = FormURLEncoded.encode([
      ("grant_type", "client_credentials"),
      ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
      ("client_assertion", assertion),
      ("scope", scopes.joined(separator: " ")),
    ])
    let request = HTTPRequest(method: "POST", url: tokenURL, fields: fields, body: Array(body.utf8))
    let response: HTTPResponse
    do { response = try send(request) } catch { throw .transport(error) }
    if (200..<300).contains(response.status), let answer = try? JSONValue(parsing: response.body),
      let members = answer.objectValue, let token = AccessToken(members, requestedScopes: scopes)
    {
      return token
    }
    throw TokenFailure(response, now: now)
  }

  /// The assertion's claims (RFC 7523 §3). `aud` is one string, `iat` and `exp` are whole seconds: platforms refuse others.
  func claims(now: Instant, identifier: [UInt8]) -> JSONObject {
    [
      "iss": .string(clientID.value),
      "sub": .string(clientID.value),
      "aud": .string(tokenURL.description),
      "iat": .number(Double(now.seconds - Self.backdating)),
      "exp": .number(Double(now.seconds + Self.lifetime)),
      "jti": .string(Base64URL.encode(identifier)),
    ]
  }
}
