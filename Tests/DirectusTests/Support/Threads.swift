import Foundation

/// Work on several threads at once.
enum Threads {
  /// Runs `body` so many times at once and waits; what failed, in words.
  static func run(_ count: Int, _ body: @escaping (Int) throws -> Void) -> [String] {
    let lock = NSLock()
    nonisolated(unsafe) var failures: [String] = []
    nonisolated(unsafe) let body = body
    DispatchQueue.concurrentPerform(iterations: count) { index in
      do { try body(index) } catch { lock.withLock { failures.append("\(error)") } }
    }
    return failures
  }

  static func sleep(milliseconds: Int) { Thread.sleep(forTimeInterval: Double(milliseconds) / 1000) }
}
