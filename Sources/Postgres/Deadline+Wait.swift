import Glibc
import Wire

extension Deadline {
  /// Waits until the descriptor is ready for one of `events` or in error; false when the deadline came first. It looks once
  /// even when the deadline has passed.
  func wait(for descriptor: Int32, events: Int32) -> Bool {
    var entry = pollfd(fd: descriptor, events: Int16(events), revents: 0)
    while true {
      let ready = poll(&entry, 1, pollTimeout)
      if ready > 0 { return true }
      if ready == 0 && hasPassed { return false }
      if ready < 0 && errno != EINTR { return true }
    }
  }
}
