import Glibc
import Wire

/// How serious a log line is.
package enum LogLevel: Int, Comparable, Sendable {
  case error
  case warning
  case info
  case debug

  /// The level of that name.
  package init?(name: String) {
    switch name {
    case "error": self = .error
    case "warning": self = .warning
    case "info": self = .info
    case "debug": self = .debug
    default: return nil
    }
  }

  /// `a < b` when `a` is more serious.
  package static func < (a: LogLevel, b: LogLevel) -> Bool { a.rawValue < b.rawValue }

  var name: String {
    switch self {
    case .error: "error"
    case .warning: "warning"
    case .info: "info"
    case .debug: "debug"
    }
  }
}

/// One line for each event, `TIME passerelle: LEVEL: REQUEST MESSAGE`, to the file that `PASSERELLE_LOG_FILE` names, or to standard
/// error, which Apache puts in its error log. Callers pass codes and ids, never tokens, secrets or bodies.
package struct Log {
  /// The least severe level that is written.
  package var level: LogLevel
  /// Writes one finished line.
  package var write: (String) -> Void
  /// What the lines of one request have in common.
  package let request: RequestID

  /// Writes to standard error unless told otherwise.
  package init(
    level: LogLevel, request: RequestID = RequestID(), write: @escaping (String) -> Void = Log.standardError
  ) {
    self.level = level
    self.request = request
    self.write = write
  }

  /// Writes to a file where one is named.
  package init(level: LogLevel, file: String?) {
    self.init(level: level, write: file.map { path in { Log.append($0, to: path) } } ?? Log.standardError)
  }

  /// Logs `message` when `level` is serious enough.
  package func callAsFunction(_ level: LogLevel, _ message: @autoclosure () -> String) {
    guard level <= self.level else { return }
    write("\(Instant.now().rfc3339) passerelle: \(level.name): \(request.text) \(LogText.escaped(message()))")
  }

  /// One `write(2)`, so that lines of several processes do not mix.
  package static func standardError(_ line: String) { raw(line + "\n") }

  /// Text for standard error as it is, such as a progress bar.
  package static func raw(_ text: String) { _ = put(text, to: 2) }

  /// One `write(2)` at the end of a file that is opened for each line, so that it may be renamed at any time. Whoever looks on at a
  /// terminal sees the line, too; where the file takes none, standard error has it.
  private static func append(_ line: String, to path: String) {
    // Made by root, it would be closed to the web server.
    let creates = geteuid() == 0 ? 0 : O_CREAT
    let descriptor = open(path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW | creates, 0o640)
    let text = line + "\n"
    var isWritten = false
    if descriptor >= 0 {
      isWritten = put(text, to: descriptor)
      close(descriptor)
    }
    if !isWritten || isatty(2) == 1 { _ = put(text, to: 2) }
  }

  private static func put(_ text: String, to descriptor: Int32) -> Bool {
    let bytes = Array(text.utf8)
    return bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) } == bytes.count
  }
}
