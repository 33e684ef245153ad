import Foundation

/// The soak test's own PostgreSQL, PgBouncer and Apache, run by `Tests/soak-servers`.
final class SoakServers: @unchecked Sendable {
  /// Where the servers' files and logs are.
  let directory: String
  /// `PASSERELLE_BASE_URL`.
  let base: String
  /// libpq URL of the site's database, straight to PostgreSQL as a superuser.
  let database: String
  /// The settings file that Apache's CGI reads, and the command too.
  let settings: String

  private let servers: ScriptedServers
  /// libpq URL of the standby alone, as the site's own role; nil without one.
  let standby: String?

  /// Starts them; takes some seconds. With a standby the site has no PgBouncer: its URL names both PostgreSQLs.
  init(withStandby: Bool = false) throws {
    servers = try ScriptedServers("soak-servers", [Stack.cgi] + (withStandby ? ["standby"] : []))
    directory = try servers.value("directory")
    base = try servers.value("base")
    database = try servers.value("database")
    settings = try servers.value("settings")
    standby = servers.values["standby"]
  }

  /// Restarts `postgres` or `pgbouncer` and waits until it is back.
  func restart(_ name: String) throws { try order("restart \(name)") }

  /// `crash primary`, `promote standby` (which then writes), or `rejoin primary` (as a standby, on its old place).
  func order(_ words: String) throws { try servers.order(words) }

  /// Stops them all.
  func stop() { servers.stop() }

  /// The CGI processes of this Apache that run at this instant.
  func programs() -> [pid_t] {
    let program = directory + "/cgi-bin/passerelle.cgi"
    let entries = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return entries.compactMap { pid_t($0) }.filter { pid in
      var target = [CChar](repeating: 0, count: 4096)
      let count = readlink("/proc/\(pid)/exe", &target, target.count)
      return count > 0 && String(decoding: target[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self) == program
    }
  }

  /// Runs the administrator's command on this site.
  @discardableResult
  func command(_ words: String...) throws -> ProgramRun {
    try ProgramRun.run(Stack.command, arguments: words, environment: [("PASSERELLE_CONFIG", settings)], seconds: 120)
  }
}
