import Foundation
import Wire

/// Firefox, steered through Marionette: the protocol inside Firefox that W3C WebDriver's commands become in its driver, which
/// Debian does not package. A message is its length in bytes, a colon and JSON: `[0, id, name, parameters]` asks,
/// `[1, id, error, result]` answers.
final class Marionette: BrowserDriver {
  private let browser = Process()
  private let life = Pipe()
  private let profile: URL
  private var connection: Connection?
  private var commands = 0

  /// For how long Firefox may take until it listens, in seconds.
  private static let patience = 60.0

  /// Starts a headless Firefox with a profile of its own, and connects to it.
  init() throws(WebDriverError) {
    guard let program = Stack.program("firefox-esr") else { throw .notInstalled("firefox-esr") }
    profile = FileManager.default.temporaryDirectory.appendingPathComponent("passerelle-firefox-\(UUID().uuidString)")
    // It picks the port, and writes it into its profile. What it would look for in the world, it is not to look for.
    let preferences = """
      user_pref("marionette.port", 0);
      user_pref("app.normandy.enabled", false);
      user_pref("services.settings.server", "data:,");

      """
    do {
      try FileManager.default.createDirectory(at: profile, withIntermediateDirectories: true)
      try preferences.write(to: profile.appendingPathComponent("user.js"), atomically: true, encoding: .utf8)
    } catch {
      throw .unwritable(path: profile.path)
    }
    // It ends when this process lets go of standard input, however it ends itself.
    browser.executableURL = URL(fileURLWithPath: "/bin/sh")
    browser.arguments = [
      "-c", "\"$@\" & cat; kill $!; wait", "firefox", program, "--headless", "--marionette", "--no-remote", "--profile",
      profile.path, "about:blank",
    ]
    browser.standardInput = life
    browser.standardOutput = FileHandle.nullDevice
    browser.standardError = FileHandle.nullDevice
    guard DriverProcess.start(browser) else { throw .notStarted }
    guard let port = waitForPort(), let connection = Connection(port: port), (try? connection.receive()) != nil else {
      stop()
      throw .notStarted
    }
    self.connection = connection
  }

  deinit { stop() }

  func begin(_ capabilities: JSONValue) throws(WebDriverError) -> JSONValue {
    try ask("WebDriver:NewSession", capabilities)["capabilities"] ?? [:]
  }

  func command(_ method: String, _ path: String, _ parameters: JSONValue?) throws(WebDriverError) -> JSONValue {
    var parameters = parameters ?? [:]
    let steps = path.split(separator: "/")
    guard steps.count == 3, steps[0] == "element" else {
      guard let name = Self.names["\(method) \(path)"] else {
        throw .refused(code: "unknown command", message: "\(method) \(path)")
      }
      if path == "/url" {
        // An address that does not answer shows a page that says so, which is what the test sees then.
        do throws(WebDriverError) { return try ask(name, parameters) } catch {
          guard case .refused(_, let message) = error, message.hasPrefix("Reached error page") else { throw error }
          return .null
        }
      }
      if path == "/frame", let element = parameters["id"]?[WebDriver.elementKey] { parameters = ["element": element] }
      return try ask(name, parameters)
    }
    guard let name = Self.ofElements["\(method) \(steps[2])"] else {
      throw .refused(code: "unknown command", message: "\(method) \(path)")
    }
    return try ask(name, ["id": .string(String(steps[1])), "text": parameters["text"] ?? ""])
  }

  func stop() {
    connection = nil
    if browser.isRunning {
      try? life.fileHandleForWriting.close()
      let deadline = Date(timeIntervalSinceNow: 5)
      while browser.isRunning, Date() < deadline { Thread.sleep(forTimeInterval: 0.02) }
      // The shell leads a group of its own, in which the browser is.
      if browser.isRunning { kill(-browser.processIdentifier, SIGKILL) }
    }
    try? FileManager.default.removeItem(at: profile)
  }

  /// Marionette's names of the commands.
  private static let names = [
    "POST /window/rect": "WebDriver:SetWindowRect", "POST /url": "WebDriver:Navigate",
    "POST /refresh": "WebDriver:Refresh", "GET /url": "WebDriver:GetCurrentURL",
    "POST /element": "WebDriver:FindElement",
    "POST /elements": "WebDriver:FindElements", "POST /window/new": "WebDriver:NewWindow",
    "GET /window/handles": "WebDriver:GetWindowHandles", "POST /window": "WebDriver:SwitchToWindow",
    "DELETE /window": "WebDriver:CloseWindow", "POST /frame": "WebDriver:SwitchToFrame",
    "POST /execute/sync": "WebDriver:ExecuteScript", "GET /screenshot": "WebDriver:TakeScreenshot",
  ]
  private static let ofElements = [
    "GET text": "WebDriver:GetElementText", "POST click": "WebDriver:ElementClick",
    "POST value": "WebDriver:ElementSendKeys",
  ]

  private func ask(_ name: String, _ parameters: JSONValue) throws(WebDriverError) -> JSONValue {
    guard let connection else { throw .malformed(command: name) }
    commands += 1
    try connection.send([0, .number(Double(commands)), .string(name), parameters])
    let answer = try connection.receive()
    guard let parts = answer.arrayValue, parts.count == 4, parts[1].doubleValue == Double(commands) else {
      throw .malformed(command: name)
    }
    if let refusal = WebDriverError(refusal: parts[2]) { throw refusal }
    return parts[3]["value"] ?? parts[3]
  }

  private func waitForPort() -> Int? {
    let file = profile.appendingPathComponent("MarionetteActivePort")
    let deadline = Date(timeIntervalSinceNow: Self.patience)
    while browser.isRunning, Date() < deadline {
      if let text = try? String(contentsOf: file, encoding: .utf8), let port = Int(text) { return port }
      Thread.sleep(forTimeInterval: 0.05)
    }
    return nil
  }
}

extension Marionette {
  /// Messages to and from Firefox, over TCP on the loopback interface.
  private final class Connection {
    private let descriptor: Int32
    private var received: [UInt8] = []

    init?(port: Int) {
      descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
      var patience = timeval(tv_sec: 60, tv_usec: 0)
      setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
      guard DriverProcess.connect(descriptor, to: port) else { return nil }
    }

    deinit { close(descriptor) }

    func send(_ message: JSONValue) throws(WebDriverError) {
      let bytes = message.encodedBytes
      var rest = (Array("\(bytes.count):".utf8) + bytes)[...]
      while !rest.isEmpty {
        let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        guard count > 0 else { throw .malformed(command: "send") }
        rest = rest.dropFirst(count)
      }
    }

    func receive() throws(WebDriverError) -> JSONValue {
      while true {
        if let colon = received.firstIndex(of: UInt8(ascii: ":")),
          let length = Int(String(decoding: received[..<colon], as: UTF8.self)), received.count > colon + length
        {
          let message = Array(received[(colon + 1)...(colon + length)])
          received.removeFirst(colon + 1 + length)
          guard let value = try? JSONValue(parsing: message, maxDepth: 64, maxBytes: 32 << 20) else {
            throw .malformed(command: "receive")
          }
          return value
        }
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        let count = read(descriptor, &buffer, buffer.count)
        guard count > 0 else { throw .malformed(command: "receive") }
        received += buffer[..<count]
      }
    }
  }
}
