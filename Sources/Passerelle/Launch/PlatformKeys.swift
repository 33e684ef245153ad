import Glibc
import JOSE
import LTI
import Postgres
import Store
import Wire

/// The key that signed a launch, from the cached key set or freshly fetched.
///
/// A key set past its time is fetched again, and so is one that lacks the `kid`, but a platform is asked at most once in
/// 30 seconds whoever needs it, and one that does not answer is believed from the cache.
enum PlatformKeys {
  /// Milliseconds to wait for a platform's key set.
  static let timeout = 5000
  /// Milliseconds for whoever finds as many waiting for the platform as may. A platform in health has answered by then, and a
  /// whole class that opens the activity at once finds the key.
  private static let patienceOfMany = 1000

  static func key(_ kid: String, _ context: Launches.Context, _ exchange: Exchange) throws(Refusal) -> JWK {
    guard let url = context.jwksURL else { throw .internalError("a registration has an unusable JWKS URL") }
    let cached = key(kid, in: context.jwks)
    if let cached, !context.jwksExpired { return cached }
    guard let place = exchange.environment.waitingPlace(WaitingPlace.platform(of: context.issuer?.value ?? "")) else {
      if let cached { return cached }
      return try keyAmongMany(kid, url, exchange)
    }
    defer { withExtendedLifetime(place) {} }

    let mayFetch = try exchange.database { (database) throws(PostgresError) in
      try KeySets.claimFetch(of: url, in: database)
    }
    if mayFetch {
      switch fetch(url, exchange) {
      case .success(let document, let keys, let lifetime):
        try exchange.database { (database) throws(PostgresError) in
          try KeySets.store(document, from: url, lifetime: lifetime, in: database)
        }
        // A key that left the platform's set no longer proves anything, cached or not.
        guard let key = keys.key(id: kid) else { throw .launch(.kidUnknown(kid)) }
        return key
      case .failure(let reason):
        try exchange.database { (database) throws(PostgresError) in try KeySets.markFailed(url, in: database) }
        exchange.environment.log(.warning, "key set not fetched host=\(url.host) \(reason)")
        guard let cached else { throw .platformUnreachable("key set: \(reason)") }
        return cached
      }
    }
    if let cached { return cached }
    return try keyFetchedByAnother(kid, url, exchange)
  }

  /// Many first launches at once: one fetches, the others look for what it brings.
  private static func keyFetchedByAnother(_ kid: String, _ url: WebURL, _ exchange: Exchange) throws(Refusal) -> JWK {
    let deadline = Deadline(milliseconds: timeout + 500)
    while true {
      let state = try exchange.database { (database) throws(PostgresError) in try KeySets.cached(url, in: database) }
      if let key = key(kid, in: state?.document) { return key }
      guard let state, state.isBeingFetched, !deadline.hasPassed else {
        if state?.failed ?? true { throw .platformUnreachable("key set: the last attempt failed") }
        throw .launch(.kidUnknown(kid))
      }
      usleep(50_000)
    }
  }

  /// As many wait for the platform as may: a little patience, and no question to it.
  private static func keyAmongMany(_ kid: String, _ url: WebURL, _ exchange: Exchange) throws(Refusal) -> JWK {
    let deadline = Deadline(milliseconds: patienceOfMany)
    while true {
      let state = try exchange.database { (database) throws(PostgresError) in try KeySets.cached(url, in: database) }
      if let key = key(kid, in: state?.document) { return key }
      guard state?.failed != true, !deadline.hasPassed else {
        throw .platformUnreachable("key set: as many requests wait for this platform as may")
      }
      usleep(50_000)
    }
  }

  private static func key(_ kid: String, in document: String?) -> JWK? {
    guard let document, let keys = try? JWKSet(parsing: Array(document.utf8)) else { return nil }
    return keys.key(id: kid)
  }

  private enum Fetched {
    case success(document: String, keys: JWKSet, lifetime: Int)
    case failure(String)
  }

  private static func fetch(_ url: WebURL, _ exchange: Exchange) -> Fetched {
    let response: HTTPResponse
    do { response = try exchange.environment.send(HTTPRequest(method: "GET", url: url), timeout) } catch {
      return .failure(error.code)
    }
    guard response.status == 200 else { return .failure("status \(response.status)") }
    guard let keys = try? JWKSet(parsing: response.body), !keys.keys.isEmpty else {
      return .failure("the answer is not a key set")
    }
    return .success(
      document: String(decoding: response.body, as: UTF8.self), keys: keys,
      lifetime: KeySetLifetime.lifetime(cacheControl: response.fields["Cache-Control"]))
  }
}
