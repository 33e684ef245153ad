import Glibc

/// The instant by which a whole exchange must be over.
///
/// It lives on `CLOCK_MONOTONIC`, so that a clock stepped by NTP neither ends an exchange nor lets one run on.
struct Deadline {
  private let nanoseconds: Int64

  /// A deadline that many milliseconds from now; one that has passed when `milliseconds` is 0 or less.
  init(milliseconds: Int) {
    let wanted = Int64(clamping: milliseconds)
    // A century is as good as any longer wait and keeps the sum far from overflow.
    nanoseconds = Deadline.now() + min(max(wanted, 0), 3_155_760_000_000) * 1_000_000
  }

  private init(nanoseconds: Int64) {
    self.nanoseconds = nanoseconds
  }

  private static func now() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }

  /// Nanoseconds left, 0 once the deadline has passed.
  var remaining: Int64 { max(nanoseconds - Deadline.now(), 0) }

  /// Whether nothing is left.
  var hasPassed: Bool { remaining == 0 }

  /// What is left as poll(2) counts it: milliseconds, rounded up so that a wait never becomes a busy loop.
  var pollTimeout: Int32 { Int32(clamping: (remaining + 999_999) / 1_000_000) }

  /// The same instant as pthread_cond_timedwait(3) wants it, for a condition that keeps `CLOCK_MONOTONIC`.
  var monotonicTime: timespec {
    timespec(tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
  }

  /// An earlier deadline: an equal part of what is left, for the first of `count` attempts in a row.
  func share(of count: Int) -> Deadline {
    let left = remaining
    return Deadline(nanoseconds: nanoseconds - left + left / Int64(max(count, 1)))
  }
}
