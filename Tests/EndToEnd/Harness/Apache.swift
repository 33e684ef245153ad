import Foundation
import TestSupport

/// One of the stack's Apaches. Its CGI reads one settings file, so it serves one world at a time; the stack has several
/// of each kind.
struct Apache: Sendable {
  /// `event`, `event-2`, …: the name in the stack.
  let name: String

  /// `PASSERELLE_BASE_URL` of a world behind it.
  var baseURL: String { get throws { try Stack.value("PASSERELLE_TEST_APACHE_\(variable)_URL") } }
  /// The mini-site that it serves.
  var minisiteURL: String { get throws { try Stack.value("PASSERELLE_TEST_MINISITE_\(variable)_URL") } }
  /// The settings file that its CGI reads at each request.
  var settingsFile: String { get throws { try Stack.value("PASSERELLE_TEST_SETTINGS_\(variable)") } }
  /// Its error log, where the program's standard error goes.
  var errorLog: String { get throws { try folder + "error.log" } }
  /// Its access log of the site with TLS, or of the other one.
  var accessLog: String { get throws { try folder + (name.hasPrefix("tls") ? "passerelle.log" : "access.log") } }
  /// Where the pages of its mini-site lie; pages that a test puts there are served, too.
  var minisiteFolder: String { get throws { try folder + "minisite/" } }

  private var variable: String { name.uppercased().replacing("-", with: "_") }
  private var folder: String { get throws { try Stack.value("STACK_DIR") + "/apache-\(name)/" } }

  /// Runs `body` with an Apache of that kind which nobody else uses meanwhile; nil for a transport without one.
  static func lend<Value>(_ transport: Transport, _ body: (Apache?) throws -> Value) throws -> Value {
    guard transport.isApache else { return try body(nil) }
    try current.get()
    let apache = try pool.take(transport.rawValue)
    defer { pool.give(apache) }
    return try body(apache)
  }

  private static let pool = Pool()

  /// The stack serves a copy of the program. One that was built after the stack was started takes its place.
  private static let current = Result {
    let served = URL(fileURLWithPath: try Stack.value("STACK_DIR") + "/cgi-bin/passerelle.cgi")
    let built = URL(fileURLWithPath: Stack.cgi)
    let files = FileManager.default
    guard !files.contentsEqual(atPath: served.path, andPath: built.path) else { return }
    let beside = served.appendingPathExtension("new")
    try? files.removeItem(at: beside)
    try files.copyItem(at: built, to: beside)
    try files.setAttributes([.posixPermissions: 0o755], ofItemAtPath: beside.path)
    guard rename(beside.path, served.path) == 0 else { throw ProgramRun.Failure.system("rename", errno: errno) }
  }

  /// The Apaches that no world uses.
  private final class Pool: @unchecked Sendable {
    private let condition = NSCondition()
    private lazy var free = (Stack.optional("PASSERELLE_TEST_APACHES") ?? "").split(separator: " ").map(String.init)
    private lazy var kinds = Set(free.map(Self.kind))

    /// Waits for one of the kind. The first ones are preferred, whose logs are the first to be looked at.
    func take(_ kind: String) throws -> Apache {
      condition.lock()
      defer { condition.unlock() }
      guard kinds.contains(kind) else { throw Missing(kind: kind) }
      while true {
        if let index = free.firstIndex(where: { Self.kind($0) == kind }) { return Apache(name: free.remove(at: index)) }
        condition.wait()
      }
    }

    func give(_ apache: Apache) {
      condition.lock()
      free.append(apache.name)
      free.sort()
      condition.broadcast()
      condition.unlock()
    }

    private static func kind(_ name: String) -> String { String(name.prefix { $0 != "-" }) }
  }

  /// The stack has no Apache of that kind.
  struct Missing: Error { let kind: String }
}
