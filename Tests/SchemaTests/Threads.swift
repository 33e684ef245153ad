import Foundation
import Postgres
import Synchronization

/// A session that is handed to exactly one thread.
struct Unshared: @unchecked Sendable {
  let connection: Connection
  init(_ connection: Connection) { self.connection = connection }
}

/// Runs the same work on so many threads that start together; answers what went wrong.
func onThreads(_ count: Int, _ work: @escaping @Sendable (Int) throws -> Void) -> [String] {
  let failures = Mutex<[String]>([])
  let (start, done) = (DispatchGroup(), DispatchGroup())
  start.enter()
  for index in 0..<count {
    done.enter()
    Thread.detachNewThread {
      start.wait()
      do { try work(index) } catch { failures.withLock { $0.append("\(error)") } }
      done.leave()
    }
  }
  start.leave()
  done.wait()
  return failures.withLock { $0 }
}
