import Glibc

/// A moment on the UTC time line, counted from 1970-01-01T00:00:00Z without leap seconds (POSIX time).
package struct Instant: Comparable, Hashable, Sendable {
  /// Whole seconds since 1970, rounded towards the past.
  package let seconds: Int64
  /// What is left, in 0 ..< 1 000 000 000 nanoseconds.
  package let nanoseconds: Int32

  /// The moment `seconds` and `nanoseconds` after 1970; nanoseconds outside 0 ..< 1 000 000 000 carry over.
  package init(seconds: Int64, nanoseconds: Int32 = 0) {
    let billion: Int64 = 1_000_000_000
    let given = Int64(nanoseconds)
    let carry = given >= 0 ? given / billion : (given - (billion - 1)) / billion
    self.seconds = seconds.addingSaturated(carry)
    self.nanoseconds = Int32(given - carry * billion)
  }

  /// The system's clock (`clock_gettime(CLOCK_REALTIME)`).
  package static func now() -> Instant {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Instant(seconds: Int64(time.tv_sec), nanoseconds: Int32(truncatingIfNeeded: time.tv_nsec))
  }

  /// The moment so many seconds later (earlier when negative); stops at the ends of the range instead of wrapping.
  package func adding(seconds: Int64) -> Instant {
    Instant(seconds: self.seconds.addingSaturated(seconds), nanoseconds: nanoseconds)
  }

  /// Whole and fractional seconds from `earlier` to this moment.
  package func secondsSince(_ earlier: Instant) -> Double {
    Double(seconds.subtractingSaturated(earlier.seconds)) + Double(nanoseconds - earlier.nanoseconds) / 1e9
  }

  /// Earlier moments come first.
  package static func < (left: Instant, right: Instant) -> Bool {
    (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
  }
}

extension Int64 {
  fileprivate func addingSaturated(_ other: Int64) -> Int64 {
    let (sum, overflow) = addingReportingOverflow(other)
    guard overflow else { return sum }
    return other < 0 ? .min : .max
  }

  fileprivate func subtractingSaturated(_ other: Int64) -> Int64 {
    let (difference, overflow) = subtractingReportingOverflow(other)
    guard overflow else { return difference }
    return other < 0 ? .max : .min
  }
}
