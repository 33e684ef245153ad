import Foundation

/// A running WebDriver server on a port of its own.
final class DriverProcess {
  /// Whose.
  enum Server {
    case chromium, webKit
  }

  /// The port it listens on, on the loopback interface.
  let port: Int
  private let process = Process()
  private let isChromium: Bool
  private let input = Pipe()
  private let output = Pipe()

  /// For how long a driver may take until it listens, in seconds: its programs may be read from disk for the first time.
  private static let patience = 30.0

  /// Starts the driver and waits until it listens.
  init(_ server: Server) throws(WebDriverError) {
    isChromium = server == .chromium
    let chosenPort: Int?
    switch server {
    case .chromium:
      chosenPort = nil
      process.executableURL = try Self.find("chromedriver")
      process.arguments = ["--port=0"]
    case .webKit:
      // It names no port, so one is chosen for it. It knows no headless mode, so it gets a screen and a bus to itself,
      // all of which ends when this process lets go of standard input, however it ends itself.
      guard let port = Self.freePort() else { throw .notStarted }
      chosenPort = port
      process.executableURL = try Self.find("dbus-run-session")
      process.arguments = [
        "--", try Self.find("xvfb-run").path, "-a", "sh", "-c", "\"$1\" --port=\"$2\" & cat; kill $!", "webkit",
        try Self.find("WebKitWebDriver").path, String(port),
      ]
    }
    process.standardOutput = isChromium ? output : FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    process.standardInput = input
    guard Self.start(process) else { throw .notStarted }
    let listening =
      chosenPort.flatMap { Self.waitForListener($0) ? $0 : nil }
      ?? Self.port(from: output.fileHandleForReading.fileDescriptor)
    guard let listening else {
      process.terminate()
      throw .notStarted
    }
    port = listening
  }

  deinit { stop() }

  /// Ends the driver, by force when it has not gone after five seconds.
  func stop() {
    guard process.isRunning else { return }
    try? input.fileHandleForWriting.close()
    if isChromium { process.terminate() }
    let deadline = Date(timeIntervalSinceNow: 5)
    while process.isRunning, Date() < deadline { Thread.sleep(forTimeInterval: 0.02) }
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
  }

  /// Starts a program that can be terminated. The threads that run tests block nearly every signal, and a child inherits that.
  static func start(_ process: Process) -> Bool {
    var none = sigset_t()
    var before = sigset_t()
    sigemptyset(&none)
    pthread_sigmask(SIG_SETMASK, &none, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    return (try? process.run()) != nil
  }

  /// Connects a socket to a port of the loopback interface.
  static func connect(_ descriptor: Int32, to port: Int) -> Bool {
    var address = loopback(port)
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
  }

  private static func find(_ program: String) throws(WebDriverError) -> URL {
    guard let path = Stack.program(program) else { throw .notInstalled(program) }
    return URL(fileURLWithPath: path)
  }

  /// A port of the loopback interface on which nobody listens. Not one that the system gives out: the driver takes some
  /// seconds to bind it, and meanwhile the tests beside this one open connections by the hundred.
  private static func freePort() -> Int? {
    for _ in 0..<100 {
      let port = Int.random(in: 20_000..<32_000)
      let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      guard descriptor >= 0 else { return nil }
      defer { close(descriptor) }
      var address = loopback(port)
      let isFree = withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
        }
      }
      if isFree { return port }
    }
    return nil
  }

  private static func waitForListener(_ port: Int) -> Bool {
    let deadline = Date(timeIntervalSinceNow: patience)
    repeat {
      let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      defer { close(descriptor) }
      if connect(descriptor, to: port) { return true }
      Thread.sleep(forTimeInterval: 0.05)
    } while Date() < deadline
    return false
  }

  private static func loopback(_ port: Int) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    return address
  }

  /// Reads "ChromeDriver was started successfully on port 12345." from the driver's standard output.
  private static func port(from descriptor: Int32) -> Int? {
    let deadline = Date(timeIntervalSinceNow: patience)
    var text = ""
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      let left = Int32(max(0, deadline.timeIntervalSinceNow) * 1000)
      var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      guard left > 0, poll(&waiting, 1, left) > 0 else { return nil }
      let count = read(descriptor, &buffer, buffer.count)
      guard count > 0 else { return nil }
      text += String(decoding: buffer[..<count], as: UTF8.self)
      if let match = text.firstMatch(of: /successfully on port (\d+)\./) { return Int(match.1) }
    }
  }
}
