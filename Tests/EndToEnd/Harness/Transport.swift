import Testing

/// How requests reach the program under test: the same scenarios run over each.
enum Transport: String, CaseIterable, Sendable, CustomTestStringConvertible {
  /// The application in the test's own process, where breakpoints and coverage reach it.
  case inProcess
  /// The program itself, started with the variables of RFC 3875 and the body on standard input.
  case process
  /// Apache, event + mod_cgid.
  case event
  /// Apache, prefork + mod_cgi.
  case prefork
  /// Apache, event + mod_cgid, over TLS.
  case tls

  var testDescription: String {
    switch self {
    case .inProcess: "in the test's process"
    case .process: "the program itself"
    case .event: "Apache, event"
    case .prefork: "Apache, prefork"
    case .tls: "Apache, TLS"
    }
  }

  /// The transports over which most scenarios run; TLS changes nothing but cookies and addresses.
  static let allCases: [Transport] = [.inProcess, .event, .prefork]
  /// The same and the program itself: for what starting it, its standard input or its output has a part in.
  static let withProgram: [Transport] = [.inProcess, .process, .event, .prefork]

  /// In the test's process and through a web server: for what a second kind of Apache has no part in.
  static let both: [Transport] = [.inProcess, .event]
  /// The two ways through Apache.
  static let apaches: [Transport] = [.event, .prefork]

  /// Whether a web server stands between.
  var isApache: Bool { self != .inProcess && self != .process }
}
