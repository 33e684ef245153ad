import Glibc
import Postgres
import Wire

/// Whether Directus answers from a data cache, in memory or in Redis: it is asked for a translation that is not there, the row is
/// put there by SQL, and it is asked again. (Its health report tells of a cache in some versions only.)
package struct DataCacheProbe {
  /// What was found.
  package enum Finding: Equatable, Sendable {
    /// It keeps answers (CACHE_ENABLED): people may see rows as they were a while ago.
    case on
    /// It keeps none.
    case off
    /// This role may not write the row: the statements that allow it.
    case notLooked(grants: [String])
  }

  private static let prefix = "passerelle_probe_"
  private let server: DirectusServer
  private let connection: Connection

  /// Speaks to that Directus, and writes as the session of that connection.
  package init(_ server: DirectusServer, on connection: Connection) {
    self.server = server
    self.connection = connection
  }

  /// Looks. The row is there for the time of one request, and goes in any case: signals wait for that, and what a killed run left
  /// behind the next one takes away.
  package func run() throws -> Finding {
    let grants = try DirectusRights.missing(for: [.describing], on: connection)
      .filter { $0.contains("public.directus_translations ") }
    guard grants.isEmpty else { return .notLooked(grants: grants) }
    var random = SystemRandomNumberGenerator()
    let key = Self.prefix + String(UInt64.random(in: .min ... .max, using: &random), radix: 16)
    var signals = sigset_t()
    var former = sigset_t()
    sigemptyset(&signals)
    for signal in [SIGINT, SIGTERM, SIGHUP] { sigaddset(&signals, signal) }
    pthread_sigmask(SIG_BLOCK, &signals, &former)
    defer { pthread_sigmask(SIG_SETMASK, &former, nil) }
    try forget()
    defer { try? forget() }
    guard try !isSeen(key) else { throw ServerProblem.notDirectus }
    try connection.execute(
      """
      insert into public.directus_translations (id, language, key, value)
      values (gen_random_uuid(), 'en-US', \(key), 'passerelle doctor looks for a data cache')
      """)
    return try isSeen(key) ? .off : .on
  }

  private func isSeen(_ key: String) throws(ServerProblem) -> Bool {
    let found = try server.get("/translations", [("filter[key][_eq]", key), ("fields", "id"), ("limit", "1")])
    guard let rows = found.arrayValue else { throw .notDirectus }
    return !rows.isEmpty
  }

  private func forget() throws(PostgresError) {
    try connection.execute("delete from public.directus_translations where starts_with(key, \(Self.prefix))")
  }
}
