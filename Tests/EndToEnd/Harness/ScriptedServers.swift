import Foundation
import Testing

/// Servers of a test's own, which a script of Tests/ starts: it tells what they are, `NAME=VALUE` a line until `ready`, takes
/// orders, and stops them when its input ends.
final class ScriptedServers: @unchecked Sendable {
  /// What the script told.
  let values: [String: String]
  private let process = Process()
  private let orders = Pipe()
  private let answers: FileHandle

  /// Starts them; takes some seconds.
  init(_ script: String, _ arguments: [String] = []) throws {
    let output = Pipe()
    answers = output.fileHandleForReading
    process.executableURL = Stack.root.appendingPathComponent("Tests/\(script)")
    process.arguments = arguments
    process.standardInput = orders
    process.standardOutput = output
    try process.run()
    var values: [String: String] = [:]
    var isReady = false
    while let line = Self.line(from: answers) {
      isReady = line == "ready"
      if isReady { break }
      let parts = line.split(separator: "=", maxSplits: 1).map(String.init)
      values[parts[0]] = parts.last
    }
    self.values = values
    try #require(isReady, "Tests/\(script) did not start its servers")
  }

  /// What the script told under a name.
  func value(_ name: String) throws -> String { try #require(values[name]) }

  /// Gives an order and waits until it is done.
  func order(_ words: String) throws {
    try orders.fileHandleForWriting.write(contentsOf: Data("\(words)\n".utf8))
    try #require(Self.line(from: answers) == "done", "\(words): not done")
  }

  /// Stops them all.
  func stop() {
    try? orders.fileHandleForWriting.close()
    process.waitUntilExit()
  }

  private static func line(from handle: FileHandle) -> String? {
    var bytes: [UInt8] = []
    while let byte = (try? handle.read(upToCount: 1))?.first {
      if byte == UInt8(ascii: "\n") { return String(decoding: bytes, as: UTF8.self) }
      bytes.append(byte)
    }
    return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
  }
}
