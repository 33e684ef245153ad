/// What the database should say, worked out anew in plain Swift.
struct GradingModel {
  struct Grain {
    var weight: Double
    var isActive = true
    var exists = true
  }

  struct Progress {
    var isCompleted: Bool
    var score: Double?
  }

  var grains: [Grain]
  var isAllOrNothing = false
  /// By learner, then by grain.
  var progress: [[Int: Progress]]

  /// The interface's arithmetic: nil while there is nothing to give.
  func ratio(_ learner: Int) -> Double? {
    let active = grains.indices.filter { grains[$0].exists && grains[$0].isActive }
    let completed = active.filter { progress[learner][$0]?.isCompleted == true }
    guard !completed.isEmpty, !isAllOrNothing || completed.count == active.count else { return nil }
    let weights = active.map { grains[$0].weight }.reduce(0, +)
    return completed.map { grains[$0].weight * (progress[learner][$0]?.score ?? 1) }.reduce(0, +) / weights
  }

  /// What a report does: completed never goes back, the best score is kept.
  mutating func record(_ learner: Int, _ grain: Int, isCompleted: Bool, score: Double?) {
    guard let former = progress[learner][grain] else {
      progress[learner][grain] = Progress(isCompleted: isCompleted, score: isCompleted ? score : nil)
      return
    }
    guard isCompleted else { return }
    if !former.isCompleted {
      progress[learner][grain] = Progress(isCompleted: true, score: score)
    } else if let old = former.score, let score, score > old {
      progress[learner][grain]?.score = score
    }
  }
}

/// SplitMix64: the same seed, the same story.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64
  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
