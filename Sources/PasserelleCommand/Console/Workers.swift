import Glibc

/// Threads that do the same work side by side.
enum Workers {
  /// Swift's strings and OpenSSL's handshakes fit easily, whatever the system's default is.
  private static let stackSize = 4 << 20

  /// Runs the work on so many threads, and comes back when all have ended. Where the system gives no thread at all, the
  /// work is done on this one.
  static func run(_ count: Int, _ work: @escaping @Sendable () -> Void) {
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setstacksize(&attributes, stackSize)
    var threads: [pthread_t] = []
    for _ in 0..<count {
      let task = Unmanaged.passRetained(Task(work))
      var thread = pthread_t()
      let failure = pthread_create(
        &thread, &attributes,
        { task in
          guard let task else { return nil }
          Unmanaged<Task>.fromOpaque(task).takeRetainedValue().work()
          return nil
        }, task.toOpaque())
      if failure == 0 {
        threads.append(thread)
      } else {
        task.release()
      }
    }
    if threads.isEmpty { work() }
    for thread in threads { pthread_join(thread, nil) }
  }

  private final class Task: Sendable {
    let work: @Sendable () -> Void

    init(_ work: @escaping @Sendable () -> Void) { self.work = work }
  }
}
