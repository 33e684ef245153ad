import JOSE
import LTI
import Learning
import Postgres
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

  private static let purpose = "access token"

  /// The cached token, or a new one.
  func token(for access: TokenAccess, until deadline: Deadline) throws(DeliveryProblem) -> Token {
    if let sealed = access.sealedToken {
      // A token sealed under a former secret is replaced like an expired one.
      if let bytes = try? environment.settings.sealer.open(sealed, purpose: Self.purpose) {
        return Token(value: String(decoding: bytes, as: UTF8.self), sealed: sealed)
      }
    }
    return try fetch(for: access, until: deadline)
  }

  /// A new token in place of one that the platform does not take.
  func replacement(of token: Token, for access: TokenAccess, until deadline: Deadline) throws(DeliveryProblem) -> Token {
    if let sealed = token.sealed {
      do {
        try AccessTokens.discard(sealed, registration: access.registration, scope: access.scope, in: database)
      } catch { throw Self.problem(error) }
    }
    return try fetch(for: access, until: deadline)
  }

  private func fetch(for access: TokenAccess, until deadline: Deadline) throws(DeliveryProblem) -> Token {
    let signing: ToolKeys.Signing?
    do { signing = try ToolKeys.signing(in: database) } catch { throw Self.problem(error) }
    guard let signing, let der = try? environment.settings.sealer.open(signing.sealed, purpose: ToolKey.purpose),
      let key = try? RSAPrivateKey(der: der)
    else {
      throw DeliveryProblem(
        "tool_key_unusable",
        Words(
          fr: "La clé de l’outil manque ou ne s’ouvre pas avec PASSERELLE_SECRET. Lancez « passerelle doctor ».",
          en: "The tool’s key is missing or does not open with PASSERELLE_SECRET. Run “passerelle doctor”."))
    }
    let request = AccessTokenRequest(
      tokenURL: access.tokenURL, clientID: access.clientID, keyID: signing.kid, key: key,
      scopes: access.scope.split(separator: " ").map(String.init))
    let token: AccessToken
    do {
      token = try request.fetch(
        now: environment.now(), randomBytes: environment.randomBytes, send: environment.send(until: deadline))
    } catch { throw DeliveryProblem(error) }
    // Not to have cached it costs the next request a token; to fail here would cost this one its grade.
    let sealed = try? environment.settings.sealer.seal(Array(token.value.utf8), purpose: Self.purpose)
    if let sealed {
      do {
        try AccessTokens.store(
          sealed, registration: access.registration, scope: access.scope, lifetime: token.expiresIn, in: database)
      } catch { environment.log(.warning, "access token not cached \(error)") }
    }
    return Token(value: token.value, sealed: sealed)
  }

  /// The database failed in the middle of a delivery.
  static func problem(_ error: PostgresError) -> DeliveryProblem {
    DeliveryProblem(
      "database_unavailable",
      Words(
        fr: "La base de données n’a pas répondu. Nouvel essai prévu.",
        en: "The database did not answer. It will be tried again."),
      logLine: error.description)
  }
}

/// The tool's signing keys, as they are sealed and made.
package enum ToolKey {
  /// What private keys are sealed for.
  package static let purpose = "tool key"
}

/// LTI 1.1 shared secrets, as they are sealed.
package enum ConsumerSecret {
  /// What they are sealed for.
  package static let purpose = "consumer secret"
}
