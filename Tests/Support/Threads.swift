import Foundation

/// Runs the same work on so many threads that start together.
package func simultaneously<Value: Sendable>(
  _ count: Int, _ body: @escaping @Sendable (Int) throws -> Value
) -> [Result<Value, any Error>] {
  let results = Collected<Value>()
  let (start, done) = (DispatchGroup(), DispatchGroup())
  start.enter()
  for index in 0..<count {
    done.enter()
    let thread = Thread {
      start.wait()
      results.add(Result { try body(index) }, of: index)
      done.leave()
    }
    thread.stackSize = 4 << 20
    thread.start()
  }
  start.leave()
  done.wait()
  return results.inOrder
}

/// Runs the same work on so many threads that start together; what went wrong, in words. What the threads share must be
/// fit for that, or wait its turn by itself: the compiler does not look.
package func onThreads(_ count: Int, _ body: @escaping (Int) throws -> Void) -> [String] {
  nonisolated(unsafe) let body = body
  return simultaneously(count) { try body($0) }.compactMap { result in
    if case .failure(let error) = result { "\(error)" } else { nil }
  }
}

/// What threads have answered so far. (A Mutex that a generic function's closure captures ends the compiler of Swift 6.0.)
private final class Collected<Value: Sendable>: @unchecked Sendable {
  private let lock = NSLock()
  private var results: [Int: Result<Value, any Error>] = [:]

  func add(_ result: Result<Value, any Error>, of index: Int) { lock.withLock { results[index] = result } }

  var inOrder: [Result<Value, any Error>] { lock.withLock { results.sorted { $0.key < $1.key }.map(\.value) } }
}
