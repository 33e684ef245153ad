import DemoMoodle
import Foundation
import TestSupport
import Testing
import Wire

/// What is kept of a world in which a test failed: the program's log is shown, and stays in a folder with the settings and
/// with what Moodle was asked; the database stays, too, for as long as the stack.
enum FailedWorld {
  /// Runs a test's part in a world; keeps the world when an issue is recorded meanwhile, or an error thrown.
  static func watch<Value>(_ world: World, _ body: () throws -> Value) throws -> Value {
    let hasIssue = Flag()
    var result: Result<Value, any Error>?
    // No issue is known: the matcher is asked about each one, and that is all that it is here for.
    withKnownIssue(isIntermittent: true) {
      result = Result { try body() }
    } matching: { _ in
      hasIssue.raise()
      return false
    }
    guard let result else { throw Unanswered() }
    if case .failure = result { hasIssue.raise() }
    if hasIssue.isRaised { keep(world) }
    return try result.get()
  }

  private struct Unanswered: Error {}

  /// Raised once, from any thread.
  private final class Flag: @unchecked Sendable {
    private let lock = NSLock()
    private var raised = false
    var isRaised: Bool { lock.withLock { raised } }
    func raise() { lock.withLock { raised = true } }
  }

  /// How many of the log's last lines are shown.
  private static let shownLines = 40

  private static func keep(_ world: World) {
    world.database.keep()
    let log = (try? world.tool.log) ?? ""
    let folder = URL(fileURLWithPath: Stack.optional("STACK_DIR") ?? NSTemporaryDirectory())
      .appendingPathComponent("failed/\(world.database.name)")
    try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let files = [
      "program.log": log, "settings.env": world.tool.settingsText,
      "moodle.log": world.moodle.requests.map(line).joined(separator: "\n"),
    ]
    for (name, text) in files { try? Data(text.utf8).write(to: folder.appendingPathComponent(name)) }
    let lines = log.split(separator: "\n")
    var words = "▸ A world of “\(Test.current?.displayName ?? Test.current?.name ?? "?")” failed"
    words += " (\(world.transport.testDescription), \(world.shape.testDescription)).\n"
    words += "  Kept: \(folder.path) and database \(world.database.name).\n"
    words += "  The program logged \(lines.count) lines\(lines.isEmpty ? "." : ", at last:")\n"
    for line in lines.suffix(shownLines) { words += "  │ \(line)\n" }
    FileHandle.standardError.write(Data(words.utf8))
  }

  private static func line(_ request: MoodleRequest) -> String {
    "\(request.method) \(request.target)\n  \(String(decoding: request.body.prefix(4000), as: UTF8.self))"
  }
}
