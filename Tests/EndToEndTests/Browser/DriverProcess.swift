import Foundation

/// A running `chromedriver` on a port of its own choice.
final class DriverProcess {
  /// The port it listens on, on the loopback interface.
  let port: Int
  private let process = Process()
  private let output = Pipe()

  /// Starts the driver and waits, at most 10 seconds, until it names its port.
  init() throws(WebDriverError) {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin").split(separator: ":")
    let places = folders.map { "\($0)/chromedriver" }
    guard let path = places.first(where: FileManager.default.isExecutableFile) else { throw .notInstalled }
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = ["--port=0"]
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    process.standardInput = FileHandle.nullDevice
    // The threads that run tests block nearly every signal, and a child inherits that: it could not be terminated.
    var none = sigset_t()
    var before = sigset_t()
    sigemptyset(&none)
    pthread_sigmask(SIG_SETMASK, &none, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    do {
      try process.run()
    } catch {
      throw .notStarted
    }
    guard let port = Self.port(from: output.fileHandleForReading.fileDescriptor) else {
      process.terminate()
      throw .notStarted
    }
    self.port = port
  }

  deinit { stop() }

  /// Ends the driver, by force when it has not gone after five seconds.
  func stop() {
    guard process.isRunning else { return }
    process.terminate()
    let deadline = Date(timeIntervalSinceNow: 5)
    while process.isRunning, Date() < deadline { Thread.sleep(forTimeInterval: 0.02) }
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
  }

  /// Reads "ChromeDriver was started successfully on port 12345." from the driver's standard output.
  private static func port(from descriptor: Int32) -> Int? {
    let deadline = Date(timeIntervalSinceNow: 10)
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
