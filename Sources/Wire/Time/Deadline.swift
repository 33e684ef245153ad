import Glibc

/// The instant by which a wait, or several waits in a row, must be over.
///
/// It lives on `CLOCK_MONOTONIC`, so that a clock stepped by NTP neither ends a wait nor lets one run on.
package struct Deadline: Sendable {
  private let nanoseconds: Int64

  private init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  /// A deadline that many milliseconds from now; one that has passed when `milliseconds` is 0 or less.
  package init(milliseconds: Int) {
    // A century is as good as any longer wait and keeps the sum far from overflow.
    nanoseconds = Self.now() + min(max(Int64(milliseconds), 0), 3_155_760_000_000) * 1_000_000
  }

  private static func now() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }

  /// Nanoseconds left, 0 once the deadline has passed.
  private var remaining: Int64 { max(nanoseconds - Self.now(), 0) }

  /// Milliseconds left, rounded up, so that a wait for that long neither ends early nor becomes a busy loop; 0 once the
  /// deadline has passed.
  package var remainingMilliseconds: Int { Int((remaining + 999_999) / 1_000_000) }

  /// Whether nothing is left.
  package var hasPassed: Bool { remaining == 0 }

  /// What is left as poll(2) counts it.
  package var pollTimeout: Int32 { Int32(clamping: remainingMilliseconds) }

  /// The same instant as pthread_cond_timedwait(3) wants it, for a condition that keeps `CLOCK_MONOTONIC`.
  package var monotonicTime: timespec {
    timespec(tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
  }

  /// An earlier deadline: an equal part of what is left, for the first of `parts` attempts in a row.
  package func share(of parts: Int) -> Deadline {
    let left = remaining
    return Deadline(nanoseconds: nanoseconds - left + left / Int64(max(parts, 1)))
  }
}
