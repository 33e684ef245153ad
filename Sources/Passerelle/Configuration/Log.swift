import Glibc

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

/// One line to standard error for each event, which Apache puts in its error log. Callers pass codes and ids, never
/// tokens, secrets or bodies; control characters are replaced so that a line stays one line.
package struct Log {
  /// The least severe level that is written.
  package var level: LogLevel
  /// Writes one finished line.
  package var write: (String) -> Void

  /// Writes to standard error unless told otherwise.
  package init(level: LogLevel, write: @escaping (String) -> Void = Log.standardError) {
    self.level = level
    self.write = write
  }

  /// Logs `message` when `level` is serious enough.
  package func callAsFunction(_ level: LogLevel, _ message: @autoclosure () -> String) {
    guard level <= self.level else { return }
    var line = Array("passerelle: \(level.name): ".utf8)
    for byte in message().utf8 { line.append(byte < 0x20 || byte == 0x7F ? UInt8(ascii: "?") : byte) }
    write(String(decoding: line, as: UTF8.self))
  }

  /// One `write(2)`, so that lines of several processes do not mix.
  package static func standardError(_ line: String) { raw(line + "\n") }

  /// Text for standard error as it is, such as a progress bar.
  package static func raw(_ text: String) {
    let bytes = Array(text.utf8)
    _ = bytes.withUnsafeBytes { Glibc.write(2, $0.baseAddress, $0.count) }
  }
}
