import HTTPClient
import JOSE
import Postgres
import Wire

/// Everything the program needs from the world, as values and closures: a test replaces a part by assigning to it.
package struct Environment {
  /// The checked settings.
  package var settings: Settings
  /// The wall clock.
  package var now: () -> Instant
  /// Random bytes fit for secrets.
  package var randomBytes: (_ count: Int) -> [UInt8]
  /// Opens a database session.
  package var connect: () throws(PostgresError) -> Connection
  /// Makes one exchange with a platform, within so many milliseconds.
  package var send: (_ request: HTTPRequest, _ milliseconds: Int) throws(TransportFailure) -> HTTPResponse
  /// Where events are told.
  package var log: Log

  /// Takes answers of so many bytes from platforms, for lists that no request of a browser waits for.
  package mutating func readLongAnswers(upTo bytes: Int) {
    var policy = settings.callingPolicy
    policy.maximumResponseBytes = bytes
    let client = HTTPClient(policy: policy)
    send = { (request, milliseconds) throws(TransportFailure) in try client.send(request, timeout: milliseconds) }
  }

  /// The real world: libpq, OpenSSL, the system's clock and randomness.
  package static func live(_ settings: Settings) -> Environment {
    let client = HTTPClient(policy: settings.callingPolicy)
    return Environment(
      settings: settings,
      now: { Instant.now() },
      randomBytes: { JOSE.randomBytes($0) },
      connect: { () throws(PostgresError) in
        try Connection(
          conninfo: settings.databaseURL, applicationName: "passerelle", connectTimeout: 5000, queryTimeout: 10_000)
      },
      send: { (request, milliseconds) throws(TransportFailure) in
        try client.send(request, timeout: milliseconds)
      },
      log: Log(level: settings.logLevel, file: settings.logFile))
  }
}

extension Settings {
  /// How platforms are called.
  package var callingPolicy: HTTPClient.Policy {
    var policy = HTTPClient.Policy(
      caDirectory: caDirectory, allowsInsecureHTTP: allowsInsecureHTTP, allowsPrivateAddresses: allowsInsecureHTTP,
      userAgent: "Passerelle/\(Version.current)")
    policy.privateHosts = privateHosts
    policy.proxy = proxy
    policy.directHosts = directHosts
    return policy
  }
}

extension Environment {
  /// Exchanges that share the time until a deadline. When it has passed nothing is sent any more: a lease lasts a little
  /// longer, and what is sent after it could meet the next holder's.
  func send(until deadline: Deadline) -> HTTPSend {
    { (request) throws(TransportFailure) in
      let milliseconds = deadline.remainingMilliseconds
      guard milliseconds > 0 else { throw .timedOut(.connect) }
      return try send(request, milliseconds)
    }
  }
}
