import Glibc

/// An instant of the monotonic clock after which nobody waits any more.
struct Deadline {
  private let nanoseconds: Int64

  private init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  /// So many milliseconds from now; none when negative.
  init(milliseconds: Int) {
    let (duration, overflowed) = Int64(max(0, milliseconds)).multipliedReportingOverflow(by: 1_000_000)
    let (sum, overflowedAgain) = Self.now().addingReportingOverflow(duration)
    nanoseconds = overflowed || overflowedAgain ? .max : sum
  }

  /// What is left, rounded up, so that a wait for that long does not end early.
  var remainingMilliseconds: Int {
    let left = nanoseconds - Self.now()
    return left <= 0 ? 0 : Int(left / 1_000_000) + (left % 1_000_000 == 0 ? 0 : 1)
  }

  /// The end of the first of `parts` equal parts of what is left.
  func share(of parts: Int) -> Deadline {
    let now = Self.now()
    return Deadline(nanoseconds: now + max(0, nanoseconds - now) / Int64(max(1, parts)))
  }

  /// Waits until the descriptor is ready for one of `events` or in error; false when the deadline came first.
  func wait(for descriptor: Int32, events: Int32) -> Bool {
    var entry = pollfd(fd: descriptor, events: Int16(events), revents: 0)
    while true {
      let remaining = Int32(clamping: remainingMilliseconds)
      let ready = poll(&entry, 1, remaining)
      if ready > 0 { return true }
      if ready == 0 && remainingMilliseconds == 0 { return false }
      if ready < 0 && errno != EINTR { return true }
    }
  }

  private static func now() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}
