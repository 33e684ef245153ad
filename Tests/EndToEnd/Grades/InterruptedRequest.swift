import Foundation
import Testing
import Wire

/// A request to the program that is still running: to be killed, or waited for.
struct InterruptedRequest {
  private let process: Process
  private let output: Pipe

  /// Starts the program with one report of progress.
  init(_ world: World, token: String, body: JSONValue) throws {
    let bytes = Array(body.encoded.utf8)
    let request = HTTPRequest(
      method: "POST", url: try world.url("/api/progress"),
      fields: HTTPFields([("Authorization", "Bearer \(token)"), ("Content-Type", "application/json")]), body: bytes)
    process = Process()
    process.executableURL = URL(fileURLWithPath: Stack.cgi)
    process.environment = Dictionary(
      world.tool.settings + CGIVariables.of(request, base: world.tool.base), uniquingKeysWith: { $1 })
    let input = Pipe()
    output = Pipe()
    process.standardInput = input
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    try input.fileHandleForWriting.write(contentsOf: Data(bytes))
    try input.fileHandleForWriting.close()
  }

  /// Ends it at once, whatever it was doing.
  func kill() {
    Glibc.kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    #expect(process.terminationReason == .uncaughtSignal)
  }

  /// Waits for its answer.
  func answer() throws -> HTTPResponse {
    let bytes = Array(output.fileHandleForReading.readDataToEndOfFile())
    process.waitUntilExit()
    return try #require(CGIVariables.response(of: bytes))
  }
}
