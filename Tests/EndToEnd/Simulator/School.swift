import DemoMoodle
import Foundation
import Wire

/// A simulated school: one world in which a schedule happens, and what was promised there.
///
/// Steps come one after another; within one, acts may run at once, so what they share is behind a lock.
final class School: @unchecked Sendable {
  let world: World
  let schedule: Schedule
  private let lock = NSLock()
  private var state = State()

  /// A learner in an activity.
  struct Place: Hashable, Sendable {
    let user: Int
    let slot: Int
  }

  /// An activity's place in the course.
  struct Slot: Sendable {
    /// As Moodle has it; nil while it is deleted.
    var activity: Activity?
    /// As it was before that.
    var former: Activity
    /// Every `resource_link.id` that it has had.
    var instances: [Int]
    /// Somebody launched it since its column was made: the line item is known.
    var isKnown = false
    /// It has another id since it was last launched.
    var isRenumbered = false
    /// It may rightly be known as two activities: nothing tells that they are one.
    var mayBeTwo = false
    var wasDeleted = false
  }

  /// What was promised, and what became of it.
  struct State {
    var slots: [Slot] = []
    var tokens: [Place: String] = [:]
    /// Acknowledged launches.
    var launched: Set<Place> = []
    /// The best score of each grain that was acknowledged, where nobody has lowered it since.
    var floors: [Place: [String: Double]] = [:]
    /// People whose record was joined with another's.
    var merged: Set<Int> = []
    /// People who are erased, and have not come again.
    var erased: Set<Int> = []
    var everErased: Set<Int> = []
    /// People who began anew and kept their grade.
    var kept: Set<Int> = []
    /// Columns that Moodle changed since everything was last verified.
    var changed: Set<Int> = []
    var wasRescoped = false
    /// More than a day went by: what was tried for so long is parked.
    var wasLong = false
    var history = History()
    var usualCalls: [String: Int] = [:]
    var counts = SimulatorReport()
    var trace: [String] = []
    /// What must not be, in words.
    var violations: [String] = []
  }

  init(_ world: World, _ schedule: Schedule) throws {
    self.world = world
    self.schedule = schedule
    state.slots = world.moodle.platform.activities.map { Slot(activity: $0, former: $0, instances: [$0.instance]) }
    try world.database.execute("update public.modules set scope = \(schedule.scope)")
    for (grain, weight) in zip(TestDatabase.grains, schedule.weights) {
      try world.database.execute("update public.grains set weight = \(weight) where slug = \(grain)")
    }
  }

  /// The activities with which each school begins.
  static let activities: [Activity] = [
    Activity(), Activity(cmid: 3, instance: 2, name: "Suite", custom: [(name: "module", value: TestDatabase.module)]),
    Activity(
      cmid: 4, instance: 3, name: "Bilan",
      custom: [
        (name: "module", value: TestDatabase.module), (name: "passerelle_grain", value: Schedule.single),
      ]),
    Activity(
      cmid: 5, instance: 4, name: "Quiz 1.1", custom: [(name: "module", value: TestDatabase.module)], points: 20,
      typeID: 2),
  ]

  /// Makes a school of this seed, lets all of it happen, or as much as comes before the first violation, and answers how it was.
  static func simulate(_ schedule: Schedule, planting fault: PlantedFault? = nil) throws -> SimulatorReport {
    do {
      return try World.run(.process, settings: [("PASSERELLE_GRADE_TIMEOUT", "1")], activities: activities) {
        (world) -> SimulatorReport in
        _ = try Launch11Consumer(world)
        try fault?.plant(in: world.database)
        let school = try School(world, schedule)
        try school.happen()
        let report = school.report
        // Thrown, so that the world is kept.
        if fault == nil, report.failure != nil { throw Violated(report: report) }
        return report
      }
    } catch let violated as Violated {
      return violated.report
    }
  }

  private struct Violated: Error { let report: SimulatorReport }

  /// Reads or changes what is shared.
  func locked<Value>(_ body: (inout State) throws -> Value) rethrows -> Value { try lock.withLock { try body(&state) } }

  /// Something must not be.
  func violate(_ words: String) { locked { $0.violations.append(words) } }

  /// Everything in order, then once more with everybody back at school.
  private func happen() throws {
    for (number, step) in schedule.steps.enumerated() {
      try take(step, number)
      if locked({ !$0.violations.isEmpty }) { return }
    }
    locked { $0.trace.append("back to school") }
    try backToSchool()
  }

  private func take(_ step: Step, _ number: Int) throws {
    let words: String
    switch step {
    case .alone(let act):
      let outcome = try perform(act, isAlone: true)
      words = "\(act.what): \(outcome)"
    case .together(let acts):
      let texts = try simultaneousActs(acts)
      words = zip(acts, texts).map { "\($0.what): \($1)" }.joined(separator: " | ")
    case .moodle(let change):
      make(change)
      words = "\(change)"
    case .staff(let edit):
      try make(edit)
      words = "\(edit)"
    case .trouble(let trouble):
      begin(trouble)
      words = "\(trouble)"
    case .pass(let seconds):
      try pass(seconds)
      words = "\(seconds) s go by"
    case .reckoning:
      try reckon()
      words = "reckoning"
    }
    locked {
      $0.counts.steps += 1
      $0.trace.append("\(number) \(words)")
    }
    var isTogether = false
    if case .together = step { isTogether = true }
    try observe(isTogether: isTogether)
  }

  /// How it was, so far.
  var report: SimulatorReport {
    let audit = world.moodle.platform.audit()
    return locked { state in
      var report = state.counts
      report.schools = 1
      report.faults = audit.injectedTotal
      if let first = state.violations.first {
        report.failure =
          "seed \(schedule.seed) (PASSERELLE_SIMULATOR_SEED=\(schedule.seed) repeats it), second clock \(schedule.ahead) s, "
          + "scope \(schedule.scope): \(first)\n" + state.violations.dropFirst().prefix(4).joined(separator: "\n")
          + "\nafter:\n" + state.trace.suffix(40).joined(separator: "\n")
      }
      return report
    }
  }
}
