import Foundation

/// The throwaway servers and the programs under test, as the variables name them that `Tests/stack` prints and
/// `Tests/run` exports.
package enum Stack {
  /// A variable is missing: no stack was started.
  package struct NotStarted: Error, CustomStringConvertible {
    let variable: String
    package var description: String { "\(variable) is not set: \(Stack.advice)" }
  }

  /// What to do about a missing stack.
  package static let advice = "start Tests/stack and export what it prints, or run everything with Tests/run"

  /// The value of a variable.
  package static func value(_ name: String) throws(NotStarted) -> String {
    guard let value = optional(name) else { throw NotStarted(variable: name) }
    return value
  }

  /// The value of a variable; nil where it is unset or empty.
  package static func optional(_ name: String) -> String? {
    guard let value = ProcessInfo.processInfo.environment[name], !value.isEmpty else { return nil }
    return value
  }

  /// Whether PostgreSQL and PgBouncer are there.
  package static var hasPostgres: Bool {
    optional("PASSERELLE_TEST_DATABASE_URL") != nil && optional("PASSERELLE_TEST_PGBOUNCER_URL") != nil
  }

  /// Whether everything is there: databases, both programs, the Apaches.
  package static var isUp: Bool { hasPostgres && optional("PASSERELLE_TEST_APACHES") != nil }

  /// The path of a program on `PATH`; nil where it is not installed.
  package static func program(_ name: String) -> String? {
    let folders = (optional("PATH") ?? "/usr/bin").split(separator: ":")
    return folders.map { "\($0)/\(name)" }.first(where: FileManager.default.isExecutableFile)
  }

  /// The project's root.
  package static let root: URL = {
    var url = URL(fileURLWithPath: #filePath)
    for _ in 1...3 { url.deleteLastPathComponent() }
    return url
  }()

  /// Tests/Fixtures.
  package static let fixtures = root.appendingPathComponent("Tests/Fixtures")

  /// The text of a file of Tests/Fixtures.
  package static func fixture(_ name: String) throws -> String {
    try String(contentsOf: fixtures.appendingPathComponent(name), encoding: .utf8)
  }

  /// The CGI under test.
  package static let cgi = optional("PASSERELLE_TEST_CGI") ?? root.path + "/cgi-bin/passerelle.cgi"
  /// The administrator's command under test.
  package static let command = optional("PASSERELLE_TEST_COMMAND") ?? root.path + "/.build/release/passerelle"

  /// libpq URL of a database, straight to PostgreSQL as a superuser.
  package static func direct(_ database: String) throws(NotStarted) -> String {
    renamed(try value("PASSERELLE_TEST_DATABASE_URL"), to: database)
  }

  /// libpq URL of a database through PgBouncer, transaction pooling.
  package static func pooled(_ database: String) throws(NotStarted) -> String {
    renamed(try value("PASSERELLE_TEST_PGBOUNCER_URL"), to: database)
  }

  /// The stack's role of the web server: it owns nothing, and has the rights that `migrate --web-role` gives.
  package static let webRole = "passerelle_web"

  /// The same as that role.
  package static func asWebRole(_ database: String) throws(NotStarted) -> String {
    let url = try pooled(database)
    guard let scheme = url.range(of: "://"),
      let host = url[scheme.upperBound...].firstIndex(where: { $0 == "@" || $0 == "/" })
    else { return url }
    let rest = url[host] == "@" ? url[url.index(after: host)...] : url[host...]
    return url[..<scheme.upperBound] + webRole + "@" + rest
  }

  private static func renamed(_ url: String, to database: String) -> String {
    let question = url.firstIndex(of: "?") ?? url.endIndex
    guard let slash = url[..<question].lastIndex(of: "/") else { return url }
    return String(url[...slash]) + database + String(url[question...])
  }
}
