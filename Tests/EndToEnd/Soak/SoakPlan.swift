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
  static let clients = 12
  /// The levels at which transactions begin, a wave each in turn.
  static let levels = ["read committed", "repeatable read", "serializable"]
  /// Seconds that each wave leaves for its grades to settle, of which a lease takes most.
  static let settling = 8

  /// Weights of the grains, in hundredths.
  let weights: [Int]
  /// The load, in waves: after each of them everything is repaired and must be right. What a wave left wrong would
  /// otherwise be mended by the next score.
  let waves: [[Burst]]

  /// Reports of one learner at the same instant, as a page with several grains sends them.
  typealias Burst = [Report]

  /// One report of progress, or a launch that comes before it.
  struct Report {
    let learner: Int
    let grain: Int
    /// In thousandths; nil for "started".
    let score: Int?
    let relaunches: Bool
  }

  /// How long the load of one wave lasts.
  var waveSeconds: Int { max(5, seconds / waves.count - Self.settling) }

  /// How many reports there are.
  var reportCount: Int { waves.reduce(0) { $0 + $1.reduce(0) { $0 + $1.count } } }

  init() {
    let environment = ProcessInfo.processInfo.environment
    seconds = environment["PASSERELLE_SOAK_SECONDS"].flatMap { Int($0) } ?? 180
    seed = environment["PASSERELLE_SOAK_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 1...UInt64.max)
    var generator = SeededGenerator(seed: seed)
    weights = (0..<Self.grains).map { _ in Int.random(in: 25...400, using: &generator) }
    // Each grain of each learner is reported several times: started, and with scores of which the best counts.
    let rounds = max(1, seconds / 90)
    var bursts: [Burst] = []
    for learner in 0..<Self.learners {
      var reports: Burst = []
      for grain in 0..<Self.grains {
        // A score of nothing would change the comment without changing the grade.
        let scores: [Int?] = [nil] + (0..<rounds).map { _ in Int.random(in: 1...1000, using: &generator) }
        for score in scores {
          let relaunches = Int.random(in: 0..<100, using: &generator) == 0
          reports.append(Report(learner: learner, grain: grain, score: score, relaunches: relaunches))
        }
      }
      reports.shuffle(using: &generator)
      while !reports.isEmpty {
        let size = min(reports.count, Int.random(in: 1...4, using: &generator))
        bursts.append(Array(reports.suffix(size)))
        reports.removeLast(size)
      }
    }
    bursts.shuffle(using: &generator)
    let count = max(2, seconds / 36)
    waves = (0..<count).map { Array(bursts[(bursts.count * $0 / count)..<(bursts.count * ($0 + 1) / count)]) }
  }
}
