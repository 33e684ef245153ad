/// What the database should say, worked out anew in plain Swift.
struct GradingModel {
  struct Grain {
    var weight: Double
    var isActive = true
    var exists = true
  }

  struct Progress: Equatable {
    var isCompleted: Bool
    var score: Double?

    /// Completed before begun; then whole, which is without a score; then the better score.
    func isBetter(than other: Progress?) -> Bool {
      guard let other else { return true }
      guard isCompleted == other.isCompleted else { return isCompleted }
      guard let theirs = other.score else { return false }
      return score.map { $0 > theirs } ?? true
    }
  }

  /// Whose progress: the person's, or an activity's own.
  enum Holder: Hashable {
    case person
    case activity(Int)
  }

  var grains: [Grain]
  var isAllOrNothing = false
  /// Whether the module's scope is `activity`.
  private(set) var isApart = false
  /// By learner, then by holder and grain.
  private(set) var progress: [[Holder: [Int: Progress]]]
  /// The activities that count their own, by learner.
  private var own: [Set<Int>]

  init(grains: Int, learners: Int) {
    self.grains = Array(repeating: Grain(weight: 1), count: grains)
    progress = Array(repeating: [:], count: learners)
    own = Array(repeating: [], count: learners)
  }

  /// Whose progress counts for a learner in an activity.
  func holder(_ learner: Int, in activity: Int) -> Holder {
    own[learner].contains(activity) ? .activity(activity) : .person
  }

  /// The interface's arithmetic: nil while there is nothing to give.
  func ratio(_ learner: Int, in activity: Int) -> Double? {
    let rows = progress[learner][holder(learner, in: activity)] ?? [:]
    let active = grains.indices.filter { grains[$0].exists && grains[$0].isActive }
    let completed = active.filter { rows[$0]?.isCompleted == true }
    guard !completed.isEmpty, !isAllOrNothing || completed.count == active.count else { return nil }
    let weights = active.map { grains[$0].weight }.reduce(0, +)
    return completed.map { grains[$0].weight * (rows[$0]?.score ?? 1) }.reduce(0, +) / weights
  }

  /// Whether anybody ever did something in a grain.
  func isTouched(_ grain: Int) -> Bool { progress.contains { $0.values.contains { $0[grain] != nil } } }

  /// What a report from an activity does: completed never goes back, the best score is kept. An activity that is to count its own
  /// goes on from what the person has done.
  mutating func report(_ learner: Int, in activity: Int, _ grain: Int, isCompleted: Bool, score: Double?) {
    if isApart, own[learner].insert(activity).inserted {
      progress[learner][.activity(activity)] = progress[learner][.person]
    }
    let holder = holder(learner, in: activity)
    let reported = Progress(isCompleted: isCompleted, score: isCompleted ? score : nil)
    guard let former = progress[learner][holder, default: [:]][grain] else {
      progress[learner][holder, default: [:]][grain] = reported
      return
    }
    guard isCompleted else { return }
    if !former.isCompleted {
      progress[learner][holder]?[grain] = reported
    } else if let old = former.score, let score, score > old {
      progress[learner][holder]?[grain]?.score = score
    }
  }

  /// What staff write into a row that is there; nil deletes it.
  mutating func edit(_ learner: Int, _ holder: Holder, _ grain: Int, to row: Progress?) {
    progress[learner][holder]?[grain] = row
  }

  /// Another scope: the person's from now on is the best of what activities counted, or each activity begins to count.
  mutating func rescope() {
    isApart.toggle()
    guard !isApart else { return }
    for learner in progress.indices {
      own[learner] = []
      for (holder, rows) in progress[learner] where holder != .person {
        for (grain, row) in rows where row.isBetter(than: progress[learner][.person]?[grain]) {
          progress[learner][.person, default: [:]][grain] = row
        }
      }
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
