import DemoMoodle

/// What happens in one simulated school: a pure function of its seed.
struct Schedule: Sendable {
  /// The learners' ids in Moodle.
  static let users = Array(3...7)
  /// The activities at the beginning: two of the whole module, one of a single grain, one by LTI 1.1.
  static let slots = 4
  /// The place of the one by LTI 1.1, which neither vanishes nor changes its id.
  static let undated = 3
  /// The grain of the third activity, which is never archived.
  static let single = "bilan"

  let seed: UInt64
  /// How far the second node's clock is ahead, in seconds: within what a launch tolerates.
  let ahead: Int
  /// `modules.scope` at the beginning.
  let scope: String
  /// The grains' weights at the beginning.
  let weights: [Double]
  let steps: [Step]

  /// How many steps lie between two reckonings, and how many such parts there are.
  private static let (length, parts) = (12, 3)

  /// The schedule of a seed.
  init(seed: UInt64) {
    self.seed = seed
    var dice = ScheduleDice(seed: seed)
    ahead = dice.pick([-50, -30, -7, -1, 2, 4, 20, 45])
    scope = dice.chance(0.65) ? "learner" : "activity"
    weights = TestDatabase.grains.map { _ in dice.weight() }
    var steps = Self.users.map { user in
      Step.alone(Act(what: .launch(user: user, slot: 0), node: dice.int(0...1), kill: nil))
    }
    for _ in 0..<Self.parts {
      for _ in 0..<Self.length { steps.append(dice.step()) }
      steps.append(.reckoning)
    }
    self.steps = steps
  }
}

/// Draws a schedule's steps. Each seed leaves out some kinds of steps altogether: what hides a mistake is as seldom there as what
/// shows it.
struct ScheduleDice {
  private enum Kind: CaseIterable {
    case report, together, launch, sync, verify, staff, catalogue, moodle, trouble, pass, restart, merge, erase, retry

    var weight: Int {
      switch self {
      case .report: 24
      case .together: 18
      case .launch: 10
      case .sync: 6
      case .verify: 4
      case .staff: 6
      case .catalogue: 6
      case .moodle: 9
      case .trouble: 8
      case .pass: 5
      case .restart: 4
      case .merge: 2
      case .erase: 2
      case .retry: 2
      }
    }

    /// Never left out.
    var isNeeded: Bool { [.report, .launch, .sync].contains(self) }
  }

  private var generator: SeededGenerator
  private var kinds: [Kind] = []
  private var slots = Schedule.slots
  private var grains = TestDatabase.grains
  private var hasOutage = false
  private let killing: Double

  init(seed: UInt64) {
    generator = SeededGenerator(seed: seed)
    killing = [0, 0.1, 0.25].randomElement(using: &generator) ?? 0
    for kind in Kind.allCases where kind.isNeeded || Bool.random(using: &generator) || Bool.random(using: &generator) {
      kinds += Array(repeating: kind, count: kind.weight)
    }
  }

  mutating func int(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }
  mutating func chance(_ probability: Double) -> Bool { Double.random(in: 0..<1, using: &generator) < probability }
  mutating func pick<Value>(_ values: [Value]) -> Value { values[int(0...values.count - 1)] }
  mutating func weight() -> Double { Double(int(1...16)) / 4 }

  private mutating func user() -> Int { pick(Schedule.users) }
  private mutating func slot() -> Int { int(0...slots - 1) }
  /// One that may vanish or change its id.
  private mutating func datedSlot() -> Int {
    let slot = slot()
    return slot == Schedule.undated ? 0 : slot
  }
  private mutating func score() -> Double { Double(int(1...1000)) / 1000 }

  /// Later calls are likelier: what comes first is loading.
  private mutating func act(_ what: Act.What) -> Act {
    let part = max(Double.random(in: 0..<1, using: &generator), Double.random(in: 0..<1, using: &generator))
    return Act(what: what, node: int(0...1), kill: chance(killing) ? part : nil)
  }

  private mutating func report(user: Int? = nil) -> Act.What {
    let (user, slot) = (user ?? self.user(), slot())
    let entries = (0..<pick([1, 1, 1, 2])).map { _ in
      let isCompleted = chance(0.85)
      return Act.Entry(
        grain: pick(grains), isCompleted: isCompleted, score: isCompleted && chance(0.75) ? score() : nil)
    }
    return .report(user: user, slot: slot, entries)
  }

  /// The next step.
  mutating func step() -> Step {
    switch pick(kinds) {
    case .report: return .alone(act(report()))
    case .launch: return .alone(act(.launch(user: user(), slot: slot())))
    case .together: return together()
    case .sync: return .alone(act(.sync(now: chance(0.7))))
    case .verify: return .alone(act(.verify(resend: chance(0.4))))
    case .retry: return .alone(act(.retry(pick(["failed", "emptied", "delivered"]))))
    case .staff: return .staff(staff())
    case .catalogue: return .staff(catalogue())
    case .moodle: return .moodle(change())
    case .trouble: return .trouble(trouble())
    case .pass: return .pass(pick([20, 90, 700, 4000, 90_000]))
    case .restart:
      return .alone(act(.restart(user: user(), slot: chance(0.7) ? slot() : nil, keeps: chance(0.4))))
    case .merge:
      let from = user()
      return .alone(act(.merge(from: from, into: pick(Schedule.users.filter { $0 != from }))))
    case .erase: return .alone(act(.erase(user: user())))
    }
  }

  /// Several at once: one learner's pages, or several learners', with the timer, a failover or a merge beside them.
  private mutating func together() -> Step {
    let one = chance(0.6) ? user() : nil
    var acts = (0..<int(2...3)).map { _ in act(report(user: one)) }
    if chance(0.5) { acts.append(act(.sync(now: chance(0.7)))) }
    if chance(0.2) { acts.append(act(.launch(user: one ?? user(), slot: slot()))) }
    if chance(0.2) { acts.append(act(.verify(resend: false))) }
    if chance(0.15) { acts.append(act(.loseSessions(after: int(0...40)))) }
    if chance(0.1), kinds.contains(.merge) {
      let from = user()
      acts.append(act(.merge(from: from, into: pick(Schedule.users.filter { $0 != from }))))
    }
    return .together(acts)
  }

  private mutating func staff() -> Edit {
    let (user, grain) = (user(), pick(grains))
    switch int(0...5) {
    case 0, 1: return .score(user: user, grain: grain, score())
    case 2: return .complete(user: user, grain: grain)
    case 3: return .reopen(user: user, grain: grain)
    case 4: return .forget(user: user, grain: grain)
    default: return .sendAgain
    }
  }

  private mutating func catalogue() -> Edit {
    let grain = pick(grains)
    switch int(0...7) {
    case 0, 1:
      let slug = "ajout-\(grains.count)"
      grains.append(slug)
      return .addGrain(slug, weight: weight())
    case 2 where grain != Schedule.single: return .archive(grain: grain)
    case 3: return .restore(grain: grain)
    case 4: return .scope(pick(["learner", "activity"]))
    case 5: return .grading(pick(["proportion", "proportion", "all-or-nothing"]))
    default: return .weigh(grain: grain, weight())
    }
  }

  private mutating func change() -> Change {
    switch int(0...12) {
    case 0, 1: return .resetCourse
    case 2, 3: return .remakeColumn(slot: datedSlot())
    case 4: return .deleteItemsAndGrades
    case 5 where slots < Schedule.slots + 2:
      slots += 1
      return .copy(slot: int(0...1))
    case 6: return .delete(slot: datedSlot())
    case 7, 8: return .restore(slot: datedSlot())
    case 9: return .renumber(slot: datedSlot())
    case 10: return .override(user: user(), slot: slot(), grade: Double(int(1...19)))
    case 11: return chance(0.4) ? .unenrol(user: user()) : .enrol(user: user())
    default: return .revokeTokens
    }
  }

  private mutating func trouble() -> Trouble {
    if hasOutage, chance(0.7) {
      hasOutage = false
      return .end
    }
    let inFront = pick([301, 302, 303, 307, 403, 404, 405, 410, 413, 423, 451])
    if chance(0.25) {
      hasOutage = true
      return .outage(pick([.status(503), .cutBeforeStore, .page(inFront), .cutAfterStore]))
    }
    let endpoint = pick([Endpoint.score, .score, .score, .outcome, .outcome, .token, .results, .lineItem, .lineItems])
    let faults = (0..<int(1...3)).map { _ -> Fault in
      switch int(0...10) {
      case 0: .status(500)
      case 1: .status(503, retryAfter: 1)
      case 2: .status(401)
      case 3: .page(inFront)
      case 4, 5: .cutBeforeStore
      case 6, 7: .cutAfterStore
      case 8: .delay(milliseconds: pick([60, 60, 60, 1300]))
      case 9: .delayAfterStore(milliseconds: pick([60, 60, 60, 1300]))
      default: .drip(milliseconds: 3)
      }
    }
    return .faults(faults, endpoint)
  }
}
