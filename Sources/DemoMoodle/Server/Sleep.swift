import Glibc

/// Blocking pauses; the server's threads are its own, so they may sleep.
enum Sleep {
  /// Lets so many milliseconds pass; none when negative.
  static func milliseconds(_ milliseconds: Int) {
    guard milliseconds > 0 else { return }
    var left = timespec(tv_sec: milliseconds / 1000, tv_nsec: milliseconds % 1000 * 1_000_000)
    var rest = timespec()
    while nanosleep(&left, &rest) != 0 && errno == EINTR { left = rest }
  }
}
