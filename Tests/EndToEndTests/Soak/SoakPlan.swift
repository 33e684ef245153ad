import DemoMoodle
import Foundation

/// What a run of the soak test does: all of it follows from the seed, except when processes happen to run.
struct SoakPlan {
  /// How long the load lasts, in seconds: `PASSERELLE_SOAK_SECONDS`, three minutes by default.
  let seconds: Int
  /// `PASSERELLE_SOAK_SEED`, or one that nobody chose.
  let seed: UInt64

  static let learners = 30
  static let grains = 20
  static let clients = 8

  /// Weights of the grains, in hundredths.
  let weights: [Int]
  /// What the clients report, in order.
  let reports: [Report]

  /// One report of progress, or a launch that comes before it.
  struct Report {
    let learner: Int
    let grain: Int
    /// In thousandths; nil for "started".
    let score: Int?
    let relaunches: Bool
  }

  init() {
    let environment = ProcessInfo.processInfo.environment
    let seconds = environment["PASSERELLE_SOAK_SECONDS"].flatMap { Int($0) } ?? 180
    let seed = environment["PASSERELLE_SOAK_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 1...UInt64.max)
    var generator = SeededGenerator(seed: seed)
    weights = (0..<Self.grains).map { _ in Int.random(in: 25...400, using: &generator) }
    // Each grain of each learner is reported several times: started, then with scores that rise.
    let rounds = max(2, seconds / 60)
    var turns: [[Report]] = []
    for learner in 0..<Self.learners {
      var reports: [[Report]] = []
      for grain in 0..<Self.grains {
        let scores = (0..<rounds).map { _ in Int.random(in: 0...1000, using: &generator) }.sorted()
        reports.append(
          ([nil] + scores.map(Optional.some)).map {
            Report(
              learner: learner, grain: grain, score: $0, relaunches: Int.random(in: 0..<100, using: &generator) == 0)
          })
      }
      turns.append(Self.shuffledKeepingOrder(reports, using: &generator))
    }
    reports = Self.shuffledKeepingOrder(turns, using: &generator)
    self.seconds = seconds
    self.seed = seed
  }

  /// One sequence out of many, at random, each keeping its own order.
  private static func shuffledKeepingOrder(_ sequences: [[Report]], using generator: inout SeededGenerator) -> [Report]
  {
    var order = sequences.enumerated().flatMap { Array(repeating: $0.offset, count: $0.element.count) }
    order.shuffle(using: &generator)
    var next = [Int](repeating: 0, count: sequences.count)
    return order.map { number in
      next[number] += 1
      return sequences[number][next[number] - 1]
    }
  }
}
