import Foundation
import Postgres
import TestSupport
import Testing

/// The real servers that the tests run against, as the stack starts them.
enum TestServer {
  /// PostgreSQL itself: a superuser, over TCP, with a password.
  static func direct() throws -> URLComponents {
    let url = try Stack.direct("postgres")
    return try #require(URLComponents(string: url), "PASSERELLE_TEST_DATABASE_URL is not a URL")
  }

  /// PgBouncer in transaction mode in front of the same server.
  static func pooledURL() throws -> String { try Stack.pooled("postgres") }

  static func connect(
    pooled: Bool = false, name: String = "postgres-tests", queryTimeout: Int = 30_000
  ) throws -> Connection {
    try Connection(
      conninfo: pooled ? pooledURL() : Stack.direct("postgres"), applicationName: name,
      connectTimeout: 10_000, queryTimeout: queryTimeout)
  }

  /// A schema of the test's own, gone afterwards.
  static func withSchema(pooled: Bool = false, _ body: (Connection, String) throws -> Void) throws {
    let connection = try connect(pooled: pooled)
    let schema = uniqueName("t")
    defer { try? connect().script("drop schema if exists \(schema) cascade") }
    try connection.script("create schema \(schema)")
    try body(connection, schema)
  }

  static func uniqueName(_ prefix: String) -> String {
    prefix + "_" + UUID().uuidString.lowercased().replacingOccurrences(of: "-", with: "")
  }

  /// A keyword string for the direct server with other hosts, ports or password.
  static func conninfo(hosts: [String]? = nil, ports: [String]? = nil, password: String? = nil) throws -> String {
    let url = try direct()
    let host = hosts?.joined(separator: ",") ?? url.host ?? ""
    let port = try ports?.joined(separator: ",") ?? goodPort()
    let password = password ?? url.password ?? ""
    let database = String(url.path.dropFirst())
    return "host=\(host) port=\(port) user=\(url.user ?? "") password='\(password)' dbname=\(database)"
  }

  static func goodPort() throws -> String { String(try direct().port ?? 5432) }
}

/// A port of 127.0.0.1 that takes connections and never says a word, or none when `listens` is false.
final class DeafPort {
  let port: String
  private let socket: Int32

  init(listens: Bool) throws {
    let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        bind(socket, generic, length) == 0 && getsockname(socket, generic, &length) == 0
      }
    }
    self.socket = socket
    port = String(UInt16(bigEndian: address.sin_port))
    // Bound but not listening, the port refuses, and nobody else can take it meanwhile.
    try #require(bound && (!listens || listen(socket, 8) == 0))
  }

  deinit { close(socket) }
}

/// The error that `body` throws.
func postgresError(_ body: () throws -> Void) throws -> PostgresError {
  do {
    try body()
  } catch let error as PostgresError {
    return error
  }
  throw NothingThrown()
}

struct NothingThrown: Error {}

/// How many milliseconds `body` takes.
func milliseconds(_ body: () throws -> Void) rethrows -> Double {
  let clock = ContinuousClock()
  let duration = try clock.measure { try body() }
  return Double(duration.components.seconds) * 1000 + Double(duration.components.attoseconds) / 1e15
}
