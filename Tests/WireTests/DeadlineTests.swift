import Glibc
import Testing
import Wire

@Suite("The instant by which a wait must be over")
struct DeadlineTests {
  @Test("A deadline far away does not wrap around, and one in the past has nothing left")
  func limits() {
    #expect(Deadline(milliseconds: .max).remainingMilliseconds > 1_000_000_000)
    #expect(Deadline(milliseconds: .max).pollTimeout == .max)
    for milliseconds in [0, -5, .min] {
      let passed = Deadline(milliseconds: milliseconds)
      #expect(passed.hasPassed && passed.remainingMilliseconds == 0 && passed.pollTimeout == 0)
      #expect(passed.share(of: 3).hasPassed)
    }
  }

  @Test("Several attempts share what is left, and no number of them is a trap")
  func shares() {
    let deadline = Deadline(milliseconds: 1_000)
    #expect((240...250).contains(deadline.share(of: 4).remainingMilliseconds))
    for parts in [1, 0, -1] { #expect((900...1_000).contains(deadline.share(of: parts).remainingMilliseconds)) }
  }

  @Test("A wait until the deadline ends when the deadline has passed")
  func wait() {
    let deadline = Deadline(milliseconds: 30)
    #expect((1...30).contains(deadline.pollTimeout))
    while !deadline.hasPassed { poll(nil, 0, deadline.pollTimeout) }
    #expect(deadline.remainingMilliseconds == 0)
  }

  @Test("As a time of the monotonic clock it lies as far ahead as it should")
  func monotonic() {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    let time = Deadline(milliseconds: 2_000).monotonicTime
    #expect((2...3).contains(time.tv_sec - now.tv_sec))
    #expect((0..<1_000_000_000).contains(time.tv_nsec))
  }
}
