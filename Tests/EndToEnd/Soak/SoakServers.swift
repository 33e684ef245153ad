import Foundation
import Testing

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

  private let process = Process()
  private let orders = Pipe()
  private let answers: FileHandle

  /// Starts them; takes some seconds.
  init() throws {
    let output = Pipe()
    answers = output.fileHandleForReading
    process.executableURL = Stack.root.appendingPathComponent("Tests/soak-servers")
    process.arguments = [Stack.cgi]
    process.standardInput = orders
    process.standardOutput = output
    try process.run()
    var values: [String: String] = [:]
    while let line = Self.line(from: answers), line != "ready" {
      let parts = line.split(separator: "=", maxSplits: 1).map(String.init)
      values[parts[0]] = parts.last
    }
    directory = try #require(values["directory"])
    base = try #require(values["base"])
    database = try #require(values["database"])
    settings = try #require(values["settings"])
  }

  /// Restarts `postgres` or `pgbouncer` and waits until it is back.
  func restart(_ name: String) throws {
    try orders.fileHandleForWriting.write(contentsOf: Data("restart \(name)\n".utf8))
    try #require(Self.line(from: answers) == "done", "\(name) did not come back")
  }

  /// Stops them all.
  func stop() {
    try? orders.fileHandleForWriting.close()
    process.waitUntilExit()
  }

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

  private static func line(from handle: FileHandle) -> String? {
    var bytes: [UInt8] = []
    while let byte = (try? handle.read(upToCount: 1))?.first {
      if byte == UInt8(ascii: "\n") { return String(decoding: bytes, as: UTF8.self) }
      bytes.append(byte)
    }
    return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
  }
}
