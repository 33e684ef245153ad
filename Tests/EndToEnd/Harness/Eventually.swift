import Foundation
import Testing

/// Waits until something has come about, at most so many seconds.
func eventually(within seconds: Int = 10, _ condition: () throws -> Bool) throws {
  let end = ContinuousClock.now + .seconds(seconds)
  while try !condition() {
    try #require(ContinuousClock.now < end, "waited for too long")
    usleep(5000)
  }
}
