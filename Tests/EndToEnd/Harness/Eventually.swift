import Foundation
import Testing

/// Waits until something has come about, at most ten seconds.
func eventually(_ condition: () throws -> Bool) throws {
  let end = ContinuousClock.now + .seconds(10)
  while try !condition() {
    try #require(ContinuousClock.now < end, "waited for too long")
    usleep(5000)
  }
}
