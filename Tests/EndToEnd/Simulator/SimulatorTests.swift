import Foundation
import TestSupport
import Testing

/// Simulated school years over the real programs: whatever happens, nothing says of a grade what is not so.
///
/// A school's schedule follows from its seed. `PASSERELLE_SIMULATOR_SEED` repeats one school; `PASSERELLE_SIMULATOR_SECONDS` lets as
/// many follow each other as that time holds, in place of a minute's.
@Suite(.serialized, .needsStack) struct SimulatorTests {
  @Test("Through school years of every kind no screen and no answer claims a grade that Moodle does not have")
  func schoolYears() throws {
    let plan = SimulatorPlan()
    print("simulator: \(plan.words)")
    let end = ContinuousClock.now + .seconds(plan.seconds)
    let results = simultaneously(plan.isOne ? 1 : 2) { (worker) -> SimulatorReport in
      var sum = SimulatorReport()
      var seed = plan.seed &+ UInt64(worker)
      repeat {
        sum = sum + (try School.simulate(Schedule(seed: seed)))
        seed = seed &+ 2
      } while !plan.isOne && ContinuousClock.now < end && sum.failure == nil
      return sum
    }
    let sum = try results.map { try $0.get() }.reduce(SimulatorReport(), +)
    print("simulator: from seed \(plan.seed): \(sum.words)")
    #expect(sum.failure == nil, "\(sum.failure ?? "")")
    #expect(sum.reports > 0 && sum.reckonings >= sum.schools)
  }

  @Test(
    "A planted fault is found within fifty seeds, and found again by the seed that found it",
    arguments: PlantedFault.allCases)
  func planted(fault: PlantedFault) throws {
    let began = ContinuousClock.now
    func finds(_ seed: UInt64) throws -> Bool {
      try School.simulate(Schedule(seed: seed), planting: fault).failure != nil
    }
    let first = try (1...50 as ClosedRange<UInt64>).first(where: finds)
    let found = try #require(first, "not found: \(fault.testDescription)")
    print("simulator: \(fault.testDescription): found by seed \(found) after \(ContinuousClock.now - began)")
    // What happens at once may happen in another order.
    let again = try (0..<3).contains { _ in try finds(found) }
    #expect(again, "seed \(found) does not find it again: \(fault.testDescription)")
  }

  @Test("A schedule is a function of its seed, and holds every kind of step somewhere")
  func schedule() {
    var all = ""
    for seed in 0..<200 as Range<UInt64> {
      let words = "\(Schedule(seed: seed))"
      #expect(words == "\(Schedule(seed: seed))", "seed \(seed)")
      all += words
    }
    let wanted = [
      "launch", "report", "sync", "verify", "retry", "restart", "merge", "erase", "loseSessions",
      "resetCourse", "remakeColumn", "deleteItemsAndGrades", "copy", "delete", "restore", "renumber", "override",
      "enrol", "unenrol", "revokeTokens", "score", "complete", "reopen", "forget", "archive", "weigh", "addGrain",
      "scope", "grading", "sendAgain", "faults", "outage", "end", "pass", "reckoning",
    ]
    for kind in wanted { #expect(all.contains(".\(kind)"), "\(kind) never happens") }
    #expect("\(Schedule(seed: 1))" != "\(Schedule(seed: 2))")
  }

  @Test("A traced program has its own clock, and dies at the call that was named")
  func tracer() throws {
    let plain = try TracedRun.run("/bin/date", arguments: ["+%s"], environment: [])
    #expect(plain.ended.status == 0 && plain.calls > 10)
    let now = Int(Date().timeIntervalSince1970)
    let ahead = try TracedRun.run("/bin/date", arguments: ["+%s"], environment: [], ahead: 86_400)
    let told = try #require(Int(ahead.ended.text.trimmingCharacters(in: .whitespacesAndNewlines)))
    #expect((now + 86_400...now + 86_460).contains(told) && ahead.ended.status == 0 && !ahead.wasKilled)
    for call in [1, plain.calls / 2, plain.calls] {
      let run = try TracedRun.run("/bin/date", arguments: ["+%s"], environment: [], killedAt: call)
      #expect(run.wasKilled && run.calls == call && run.ended.status == 128 + SIGKILL)
    }
    #expect(
      try TracedRun.run("/bin/date", arguments: ["+%s"], environment: [], killedAt: plain.calls + 50).ended.status == 0)
    #expect(throws: ProgramRun.Failure.self) { try TracedRun.run("/nowhere", environment: []) }
  }
}

/// How long simulated schools follow each other, and from which seed.
struct SimulatorPlan: Sendable {
  let seed: UInt64
  let seconds: Int
  /// A seed was named, and no time: that school alone.
  let isOne: Bool

  init() {
    let environment = ProcessInfo.processInfo.environment
    let named = environment["PASSERELLE_SIMULATOR_SEED"].flatMap { UInt64($0) }
    let time = environment["PASSERELLE_SIMULATOR_SECONDS"].flatMap { Int($0) }
    seed = named ?? UInt64.random(in: 1...999_999_999)
    seconds = time ?? 60
    isOne = named != nil && time == nil
  }

  var words: String { isOne ? "the school of seed \(seed)" : "schools of seeds from \(seed) on, for \(seconds) s" }
}
