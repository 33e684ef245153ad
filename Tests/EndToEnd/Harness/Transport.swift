import DemoMoodle
import Dispatch
import Foundation
import HTTPClient
import Testing
import Wire

/// How requests reach the program under test: the same scenarios run over each.
enum Transport: String, CaseIterable, Sendable, CustomTestStringConvertible {
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
    case .process: "the program itself"
    case .event: "Apache, event"
    case .prefork: "Apache, prefork"
    case .tls: "Apache, TLS"
    }
  }

  /// The transports over which the scenarios run; TLS changes nothing but cookies and addresses.
  static let allCases: [Transport] = [.process, .event, .prefork]

  /// The program itself and through a web server: for what a second kind of Apache has no part in.
  static let both: [Transport] = [.process, .event]
  /// The two ways through Apache.
  static let apaches: [Transport] = [.event, .prefork]

  /// `PASSERELLE_BASE_URL` of a world over this transport.
  var baseURL: String {
    get throws {
      switch self {
      case .process: "http://tool.example/passerelle"
      case .event: try Stack.value("PASSERELLE_TEST_APACHE_EVENT_URL")
      case .prefork: try Stack.value("PASSERELLE_TEST_APACHE_PREFORK_URL")
      case .tls: try Stack.value("PASSERELLE_TEST_APACHE_TLS_URL")
      }
    }
  }

  /// The settings file that this Apache's CGI reads at each request; nil without an Apache.
  var settingsFile: String? {
    get throws {
      switch self {
      case .process: nil
      case .event: try Stack.value("PASSERELLE_TEST_SETTINGS_EVENT")
      case .prefork: try Stack.value("PASSERELLE_TEST_SETTINGS_PREFORK")
      case .tls: try Stack.value("PASSERELLE_TEST_SETTINGS_TLS")
      }
    }
  }

  /// Apache's error log, where the program's standard error goes.
  var errorLog: String? {
    get throws {
      guard self != .process else { return nil }
      return try Stack.value("STACK_DIR") + "/apache-\(rawValue)/error.log"
    }
  }

  /// One world at a time may own an Apache, because its settings file is one file.
  static let turns: [Transport: DispatchSemaphore] = [
    .event: DispatchSemaphore(value: 1), .prefork: DispatchSemaphore(value: 1), .tls: DispatchSemaphore(value: 1),
  ]
}

/// The way from a browser to the program under test, with what the program logged on the way.
final class Tool: @unchecked Sendable {
  let transport: Transport
  let base: WebURL
  private let lock = NSLock()
  private var values: [(String, String)]
  private var errors: [UInt8] = []
  private var logStart = 0
  private var formerSettings: Data?

  init(_ transport: Transport, base: WebURL, settings: [(String, String)]) throws {
    self.transport = transport
    self.base = base
    values = settings
    if let path = try transport.settingsFile { formerSettings = try Data(contentsOf: URL(fileURLWithPath: path)) }
    if let path = try transport.errorLog { logStart = try Data(contentsOf: URL(fileURLWithPath: path)).count }
    try writeSettings()
  }

  /// Puts the Apache's settings back.
  func end() throws {
    if let formerSettings, let path = try transport.settingsFile { try Self.replace(path, with: formerSettings) }
  }

  /// The settings in force.
  var settings: [(String, String)] { lock.withLock { values } }

  /// Gives a setting another value, or none.
  func set(_ key: String, _ value: String?) throws {
    lock.withLock {
      values.removeAll { $0.0 == key }
      if let value { values.append((key, value)) }
    }
    try writeSettings()
  }

  /// What the program has written to standard error since this world began.
  var log: String {
    get throws {
      if let path = try transport.errorLog {
        return String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)).dropFirst(logStart), as: UTF8.self)
      }
      return String(decoding: lock.withLock { errors }, as: UTF8.self)
    }
  }

  /// Whether a URL is answered by the program under test.
  func owns(_ url: WebURL) -> Bool { url.origin == base.origin }

  /// One exchange with the program, or with whoever else the URL names.
  func send(_ request: HTTPRequest) throws(TransportFailure) -> HTTPResponse {
    if transport == .tls, owns(request.url) { return try sendOverTLS(request) }
    guard transport == .process, owns(request.url) else { return try PlainHTTP.send(request, timeout: 60_000) }
    let run: ProgramRun
    do {
      run = try self.run(CGIVariables.of(request, base: base), body: request.body)
    } catch { throw .malformed("\(error)") }
    guard run.status == 0, let response = CGIVariables.response(of: run.output) else {
      throw .malformed("status \(run.status), \(run.output.count) bytes: \(run.errorText)")
    }
    return response
  }

  /// Trusts the throwaway authority that signed this Apache's certificate, and no other.
  private func sendOverTLS(_ request: HTTPRequest) throws(TransportFailure) -> HTTPResponse {
    var policy = HTTPClient.Policy()
    policy.allowsPrivateAddresses = true
    do { policy.caDirectory = try Stack.value("PASSERELLE_TEST_CA_DIR") } catch { throw .malformed("\(error)") }
    return try HTTPClient(policy: policy).send(request, timeout: 60_000)
  }

  /// Starts the program once with these variables, and keeps what it logs.
  func run(_ variables: [(String, String)], arguments: [String] = [], body: [UInt8] = []) throws -> ProgramRun {
    let run = try ProgramRun.run(
      Stack.cgi, arguments: arguments, environment: settings + variables, input: body)
    lock.withLock { errors += run.errors }
    return run
  }

  private func writeSettings() throws {
    guard let path = try transport.settingsFile else { return }
    let text = settings.map { "\($0.0)=\"\($0.1)\"\n" }.joined()
    try Self.replace(path, with: Data(text.utf8))
  }

  /// Written beside and renamed: a request reads the old settings or the new ones.
  private static func replace(_ path: String, with data: Data) throws {
    let beside = path + ".e2e"
    try data.write(to: URL(fileURLWithPath: beside))
    try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: beside)
    guard rename(beside, path) == 0 else { throw ProgramRun.Failure.system("rename", errno: errno) }
  }
}
