import Glibc
import Wire

/// A blocking C call, made on a thread of its own, that the caller stops waiting for at a deadline.
///
/// getaddrinfo(3) and PQcancel know no deadline. A call that is given up ends by itself later; nobody reads its answer.
final class BoundedCall<Answer>: @unchecked Sendable {
  private let work: @Sendable () -> Answer
  // Written by the thread before it writes to the socket pair, read by the caller after it has read from it.
  private var answer: Answer?
  private let readEnd: Int32
  private let writeEnd: Int32

  private init?(_ work: @escaping @Sendable () -> Answer) {
    var ends: [Int32] = [-1, -1]
    guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else { return nil }
    self.work = work
    readEnd = ends[0]
    writeEnd = ends[1]
  }

  deinit {
    close(readEnd)
    close(writeEnd)
  }

  /// The answer, or nil when the deadline came first or the system had no thread to give.
  static func run(until deadline: Deadline, _ work: @escaping @Sendable () -> Answer) -> Answer? {
    guard let call = BoundedCall(work), call.start(), deadline.wait(for: call.readEnd, events: POLLIN) else {
      return nil
    }
    var byte: UInt8 = 0
    guard read(call.readEnd, &byte, 1) == 1 else { return nil }
    return call.answer
  }

  private func start() -> Bool {
    let body = Unmanaged.passRetained(
      ThreadBody { [self] in
        answer = work()
        var byte: UInt8 = 1
        _ = write(writeEnd, &byte, 1)
      })
    var thread = pthread_t()
    let status = pthread_create(
      &thread, nil,
      { argument in
        if let argument { Unmanaged<ThreadBody>.fromOpaque(argument).takeRetainedValue().run() }
        return nil
      }, body.toOpaque())
    guard status == 0 else {
      body.release()
      return false
    }
    pthread_detach(thread)
    return true
  }
}

/// A closure that a C function can carry.
private final class ThreadBody {
  let run: () -> Void

  init(_ run: @escaping () -> Void) { self.run = run }
}
