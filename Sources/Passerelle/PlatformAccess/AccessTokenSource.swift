import LTI
import Postgres
import Store
import Wire

/// Access tokens of platforms' services: from the cache in the database, or asked for with a signed assertion.
struct AccessTokenSource {
  let environment: Environment
  let database: Database

  /// A token and, when it came from the cache or went there, its sealed form.
  struct Token {
    let value: String
    let sealed: [UInt8]?
  }

  /// The cached token, or a new one.
  func token(for access: TokenAccess, until deadline: Deadline) throws(DeliveryProblem) -> Token {
    if let sealed = access.sealedToken {
      // A token sealed under a former secret is replaced like an expired one.
      if let value = environment.settings.sealer.text(of: sealed, as: .accessToken) {
        return Token(value: value, sealed: sealed)
      }
    }
    return try fetch(for: access, until: deadline)
  }

  /// A new token in place of one that the platform does not take.
  func replacement(of token: Token, for access: TokenAccess, until deadline: Deadline) throws(DeliveryProblem) -> Token
  {
    if let sealed = token.sealed {
      do {
        try AccessTokens.discard(sealed, registration: access.registration, scope: access.scope, in: database)
      } catch { throw DeliveryProblem(error) }
    }
    return try fetch(for: access, until: deadline)
  }

  private func fetch(for access: TokenAccess, until deadline: Deadline) throws(DeliveryProblem) -> Token {
    let signing: ToolKeys.Signing?
    do { signing = try ToolKeys.signing(in: database) } catch { throw DeliveryProblem(error) }
    guard let signing, let key = signing.privateKey(environment.settings.sealer) else { throw .toolKeyUnusable }
    let request = AccessTokenRequest(
      tokenURL: access.tokenURL, clientID: access.clientID, keyID: signing.kid, key: key,
      scopes: access.scope.split(separator: " ").map(String.init))
    let token: AccessToken
    do {
      token = try request.fetch(
        now: environment.now(), randomBytes: environment.randomBytes, send: environment.send(until: deadline))
    } catch { throw DeliveryProblem(error) }
    // Not to have cached it costs the next request a token; to fail here would cost this one its grade.
    let sealed = try? environment.settings.sealer.seal(token.value, as: .accessToken)
    if let sealed {
      do {
        try AccessTokens.store(
          sealed, registration: access.registration, scope: access.scope, lifetime: token.expiresIn, in: database)
      } catch { environment.log(.warning, "access token not cached \(error)") }
    }
    return Token(value: token.value, sealed: sealed)
  }
}
