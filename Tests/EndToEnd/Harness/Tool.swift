import DemoMoodle
import Foundation
import HTTPClient
import TestSupport
import Wire

/// The way from a browser to the program under test, with what the program logged on the way.
final class Tool: @unchecked Sendable {
  let transport: Transport
  /// The Apache in front of it, if there is one.
  let apache: Apache?
  let base: WebURL
  private let lock = NSLock()
  private var values: [(String, String)]
  private var errors: [UInt8] = []
  private var logStart = 0
  private var formerSettings: Data?

  init(_ transport: Transport, apache: Apache?, base: WebURL, settings: [(String, String)]) throws {
    self.transport = transport
    self.apache = apache
    self.base = base
    values = settings
    if let apache {
      formerSettings = try Data(contentsOf: URL(fileURLWithPath: apache.settingsFile))
      logStart = try Data(contentsOf: URL(fileURLWithPath: apache.errorLog)).count
    }
    try writeSettings()
  }

  /// Puts the Apache's settings back.
  func end() throws {
    if let formerSettings, let apache { try Self.replace(apache.settingsFile, with: formerSettings) }
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
      if let apache {
        let log = try Data(contentsOf: URL(fileURLWithPath: apache.errorLog))
        return String(decoding: log.dropFirst(logStart), as: UTF8.self)
      }
      return String(decoding: lock.withLock { errors }, as: UTF8.self)
    }
  }

  /// Whether a URL is answered by the program under test.
  func owns(_ url: WebURL) -> Bool { url.origin == base.origin }

  /// One exchange with the program, or with whoever else the URL names.
  func send(_ request: HTTPRequest) throws(TransportFailure) -> HTTPResponse {
    guard owns(request.url) else { return try PlainHTTP.send(request, timeout: 60_000) }
    switch transport {
    case .inProcess: return try answer(request)
    case .process: return try start(request)
    case .event, .prefork: return try PlainHTTP.send(request, timeout: 60_000)
    case .tls: return try sendOverTLS(request)
    }
  }

  private func answer(_ request: HTTPRequest) throws(TransportFailure) -> HTTPResponse {
    let output = OwnProcess.answer(
      CGIVariables.of(request, base: base), body: request.body, settings: settings,
      log: { [self] line in lock.withLock { errors += Array((line + "\n").utf8) } })
    guard let response = CGIVariables.response(of: output) else { throw .malformed("\(output.count) bytes") }
    return response
  }

  private func start(_ request: HTTPRequest) throws(TransportFailure) -> HTTPResponse {
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
    policy.maximumResponseBytes = 32 << 20
    do { policy.caDirectory = try Stack.value("PASSERELLE_TEST_CA_DIR") } catch { throw .malformed("\(error)") }
    return try HTTPClient(policy: policy).send(request, timeout: 60_000)
  }

  /// Starts the program once with these variables, whatever the transport, and keeps what it logs.
  func run(_ variables: [(String, String)], arguments: [String] = [], body: [UInt8] = []) throws -> ProgramRun {
    let run = try ProgramRun.run(
      Stack.cgi, arguments: arguments, environment: settings + variables, input: body)
    keep(run)
    return run
  }

  /// Keeps what a program logged that was started in another way.
  func keep(_ run: ProgramRun) { lock.withLock { errors += run.errors } }

  private func writeSettings() throws {
    guard let apache else { return }
    try Self.replace(apache.settingsFile, with: Data(settingsText.utf8))
  }

  /// The settings in force as a file holds them.
  var settingsText: String { settings.map { "\($0.0)=\"\($0.1)\"\n" }.joined() }

  /// Written beside and renamed: a request reads the old settings or the new ones.
  private static func replace(_ path: String, with data: Data) throws {
    let beside = path + ".e2e"
    try data.write(to: URL(fileURLWithPath: beside))
    try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: beside)
    guard rename(beside, path) == 0 else { throw ProgramRun.Failure.system("rename", errno: errno) }
  }
}
