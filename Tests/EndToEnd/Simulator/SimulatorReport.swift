/// What simulated schools saw.
struct SimulatorReport: Sendable {
  var schools = 0
  var steps = 0
  var launches = 0
  var reports = 0
  var commands = 0
  var kills = 0
  var failovers = 0
  var faults = 0
  var reckonings = 0
  var grades: [String: Int] = [:]
  /// The first thing that must not be, with what came before.
  var failure: String?

  static func + (left: Self, right: Self) -> Self {
    var sum = left
    sum.schools += right.schools
    sum.steps += right.steps
    sum.launches += right.launches
    sum.reports += right.reports
    sum.commands += right.commands
    sum.kills += right.kills
    sum.failovers += right.failovers
    sum.faults += right.faults
    sum.reckonings += right.reckonings
    sum.grades.merge(right.grades) { $0 + $1 }
    sum.failure = left.failure ?? right.failure
    return sum
  }

  /// In words, on one line.
  var words: String {
    let states = grades.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    return
      "\(schools) schools, \(steps) steps: \(launches) launches, \(reports) reports acknowledged, \(commands) commands, "
      + "\(faults) faults, \(kills) programs killed, \(failovers) failovers, \(reckonings) reckonings (grades there: \(states))"
  }
}
