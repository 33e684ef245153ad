import Glibc
import Passerelle
import TestSupport
import Testing

/// Places in which requests wait for a platform.
@Suite struct WaitingPlaceTests {
  private let site = "site \(getpid()) \(UInt64.random(in: 0...UInt64.max))"

  private func take(_ platform: String = "moodle.example", of count: Int = 3) -> WaitingPlace? {
    WaitingPlace.take(platform: platform, of: count, site: site)
  }

  @Test("There are so many for each platform, and one that is given back is free")
  func count() {
    var places = (1...3).map { _ in take() }
    #expect(places.allSatisfy { $0 != nil })
    #expect(take() == nil)
    #expect(take("other.example") != nil)
    #expect(WaitingPlace.take(platform: "moodle.example", of: 3, site: "another \(site)") != nil)
    places[1] = nil
    let again = take()
    #expect(again != nil && take() == nil)
    withExtendedLifetime((places, again)) {}
  }

  @Test("However many ask at once, no more than that get one")
  func atOnce() throws {
    for round in 1...20 {
      // Another platform each time: threads may still hold what the last ones got.
      let got = try simultaneously(24) { _ in take("\(round).example", of: 5) }.map { try $0.get() }
      #expect(got.count { $0 != nil } == 5)
      withExtendedLifetime(got) {}
    }
  }
}
