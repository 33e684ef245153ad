import Foundation
import HTTPClient
import Wire

/// What steers one browser.
protocol BrowserDriver: AnyObject {
  /// Opens the browser's session (W3C WebDriver §8.1).
  ///
  /// - Parameter capabilities: What it must be able to do.
  /// - Returns: What it is able to do.
  func begin(_ capabilities: JSONValue) throws(WebDriverError) -> JSONValue

  /// One command (W3C WebDriver §6.3): the answer's `value`.
  ///
  /// - Parameters:
  ///   - path: What follows the session in the command's URI template.
  ///   - parameters: Nil for a command that has none.
  func command(_ method: String, _ path: String, _ parameters: JSONValue?) throws(WebDriverError) -> JSONValue

  /// Ends session, browser and driver.
  func stop()
}

extension WebDriverError {
  /// What an answer refuses; nil where it refuses nothing.
  init?(refusal: JSONValue) {
    guard let code = refusal["error"]?.stringValue else { return nil }
    // The lines after the first are the driver's stack.
    let message = refusal["message"]?.stringValue?.split(separator: "\n").first ?? ""
    self = .refused(code: code, message: String(message))
  }
}

/// A driver that speaks HTTP, as W3C WebDriver has it: Chromium's and WebKit's.
final class HTTPDriver: BrowserDriver {
  private let process: DriverProcess
  private let client = HTTPClient(
    policy: .init(
      allowsInsecureHTTP: true, allowsPrivateAddresses: true, maximumResponseBytes: 32 << 20, userAgent: ""))
  private var session = ""

  /// Starts the driver's process.
  init(_ server: DriverProcess.Server) throws(WebDriverError) {
    process = try DriverProcess(server)
  }

  func begin(_ capabilities: JSONValue) throws(WebDriverError) -> JSONValue {
    let answer = try command("POST", "", ["capabilities": ["alwaysMatch": capabilities]])
    guard let id = answer["sessionId"]?.stringValue else { throw .malformed(command: "New Session") }
    session = "/\(id)"
    return answer["capabilities"] ?? [:]
  }

  func command(_ method: String, _ path: String, _ parameters: JSONValue?) throws(WebDriverError) -> JSONValue {
    let name = "\(method) \(path)"
    guard let url = WebURL("http://127.0.0.1:\(process.port)/session\(session)\(path)") else {
      throw .malformed(command: name)
    }
    let request = HTTPRequest(
      method: method, url: url, fields: HTTPFields([("Content-Type", "application/json; charset=utf-8")]),
      body: parameters?.encodedBytes ?? [])
    let answer: JSONValue
    do {
      let response = try client.send(request, timeout: 60_000)
      answer = try JSONValue(parsing: response.body, maxDepth: 64, maxBytes: 32 << 20)
    } catch let failure as TransportFailure {
      throw .transport(failure)
    } catch {
      throw .malformed(command: name)
    }
    guard let value = answer["value"] else { throw .malformed(command: name) }
    if let refusal = WebDriverError(refusal: value) { throw refusal }
    return value
  }

  func stop() {
    if !session.isEmpty { _ = try? command("DELETE", "", nil) }
    session = ""
    process.stop()
  }
}
