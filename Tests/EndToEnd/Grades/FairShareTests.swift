import DemoMoodle
import Foundation
import TestSupport
import Testing
import Wire

/// One slow Moodle does not delay another's launches: only so many requests wait for it at once.
@Suite(.needsStack) struct FairShareTests {
  private static let settings = [("PASSERELLE_PLATFORM_CONCURRENCY", "4"), ("PASSERELLE_GRADE_TIMEOUT", "4")]
  /// So long that nobody who answers at once takes as long on a slow machine.
  private static let patient = [("PASSERELLE_PLATFORM_CONCURRENCY", "4"), ("PASSERELLE_GRADE_TIMEOUT", "12")]

  @Test(
    "Four wait for a Moodle that never answers, all others answer pending at once, and the other Moodle launches",
    arguments: [Transport.event, .prefork])
  func silent(transport: Transport) throws {
    try World.run(transport, settings: Self.patient) { world in
      let second = try Moodle(base: world.tool.base, clientID: "second") { (request) throws(TransportFailure) in
        try world.tool.send(request)
      }
      defer { second.stop() }
      try world.register(second)
      let pages = try (101...124).map { try world.session(user: $0) }
      world.strike(.delay(milliseconds: 60_000), at: .score)
      let answers = simultaneously(pages.count + 1) { number -> (status: String, time: Duration) in
        var status = ""
        let time = try ContinuousClock().measure {
          if number < pages.count {
            status = try pages[number].complete("accueil").json.at("grade.status")?.stringValue ?? ""
          } else {
            // While they wait.
            Thread.sleep(forTimeInterval: 1)
            for user in [101, 102, 103] {
              var browser = world.browser(second)
              let trace = try browser.launch(user: user, cmid: 2)
              status = trace.location?.fragment == nil ? "refused" : "launched"
            }
          }
        }
        return (status, time)
      }
      let results = try answers.map { try $0.get() }
      let waited = results.dropLast().filter { $0.time >= .seconds(11) }
      #expect(results.dropLast().allSatisfy { $0.status == "pending" })
      #expect(waited.count == 4, "\(results.map(\.time))")
      #expect(results.last?.status == "launched")
      #expect(results.last.map { $0.time < .seconds(11) } == true, "\(results.map(\.time))")
      #expect(world.posts == 4)
      // Nothing is lost: the timer sends them all.
      world.strike(nil, at: .score)
      try world.closeBreakers()
      try world.endLeases()
      #expect(try world.sync().status == 0)
      #expect((101...124).allSatisfy { world.gradebook(user: $0) == 25 })
    }
  }

  @Test("Launches that need the key of a Moodle that never answers are bounded as well", arguments: [Transport.event])
  func keys(transport: Transport) throws {
    try World.run(transport, settings: Self.settings) { world in
      let attempts = try (0..<16).map { _ in try Attempt(world) }
      let tokens = try attempts.enumerated().map { try $1.token(user: 101 + $0) }
      world.strike(.delay(milliseconds: 60_000), at: .keySet)
      let answers = try simultaneously(16) { number -> (Refused, Duration) in
        var refused = Refused(0, nil)
        let time = try ContinuousClock().measure { refused = Refused(try attempts[number].present(tokens[number])) }
        return (refused, time)
      }.map { try $0.get() }
      #expect(answers.allSatisfy { $0.0 == Refused(503, "platform_unreachable") }, "\(answers.map(\.0))")
      #expect(answers.count { $0.1 > .milliseconds(4500) } <= 4, "\(answers.map(\.1))")
      #expect(world.moodle.count("/certs.php") == 1)
    }
  }

  @Test("While as many wait as may, a teacher is shown the members as they are known")
  func members() throws {
    try World.run(.inProcess, settings: Self.settings) { world in
      let teacher = try Teacher(world)
      let (pages, platform) = (try (101...104).map { try world.session(user: $0) }, world.moodle.platform)
      _ = platform
      world.strike(.delay(milliseconds: 60_000), at: .score)
      let results = simultaneously(5) { number -> Int in
        if number < 4 {
          _ = try pages[number].complete("accueil")
          return 0
        }
        Thread.sleep(forTimeInterval: 1.5)
        return try teacher.roster().learners.count
      }
      #expect(try results[4].get() == 4)
      #expect(world.moodle.membershipRequests == 0)
      try world.closeBreakers()
      #expect(try teacher.roster().learners.count == 56)
    }
  }
}
