import Foundation

/// The servers that `Tests/run` has started, as its environment variables name them.
enum Stack {
  /// A variable of `Tests/run` is missing: the tests were started by hand.
  struct NotStarted: Error, CustomStringConvertible {
    let variable: String
    var description: String { "\(variable) is not set; start the tests with Tests/run" }
  }

  /// The value of a variable.
  static func value(_ name: String) throws(NotStarted) -> String {
    guard let value = ProcessInfo.processInfo.environment[name], !value.isEmpty else {
      throw NotStarted(variable: name)
    }
    return value
  }

  /// The project's root.
  static let root: URL = {
    var url = URL(fileURLWithPath: #filePath)
    for _ in 1...4 { url.deleteLastPathComponent() }
    return url
  }()

  private static func built(_ variable: String, _ place: String) -> String {
    (try? value(variable)) ?? root.appendingPathComponent(place).path
  }

  /// The CGI under test.
  static let cgi = built("PASSERELLE_TEST_CGI", "cgi-bin/passerelle.cgi")
  /// The administrator's command under test.
  static let command = built("PASSERELLE_TEST_COMMAND", ".build/release/passerelle")

  /// libpq URL of a database, straight to PostgreSQL as a superuser.
  static func direct(_ database: String) throws(NotStarted) -> String {
    renamed(try value("PASSERELLE_TEST_DATABASE_URL"), to: database)
  }

  /// libpq URL of a database through PgBouncer, transaction pooling.
  static func pooled(_ database: String) throws(NotStarted) -> String {
    renamed(try value("PASSERELLE_TEST_PGBOUNCER_URL"), to: database)
  }

  private static func renamed(_ url: String, to database: String) -> String {
    let question = url.firstIndex(of: "?") ?? url.endIndex
    guard let slash = url[..<question].lastIndex(of: "/") else { return url }
    return String(url[...slash]) + database + String(url[question...])
  }
}
