@testable import DemoMoodle

/// What was owed in each place, step by step, against what Moodle's gradebook was given: never an older grade after a newer one.
struct History: Sendable {
  /// How many of Moodle's changes, and of its requests, were looked at.
  private var (changes, requests) = (0, 0)
  /// The slots of columns, those that are no more too.
  private var slots: [Int: Int] = [:]
  /// Percentages in the order in which they became owed; nil while nothing was.
  private var owed: [School.Place: [Double?]] = [:]
  /// Which of them Moodle was given last.
  private var latest: [School.Place: Int] = [:]

  /// How much two percentages may differ: Moodle keeps five decimals.
  static let tolerance = 0.000_05

  /// A column of a slot.
  mutating func know(column: Int, ofSlot slot: Int) { slots[column] = slot }

  /// What is owed there now.
  mutating func owe(_ percent: Double?, at place: School.Place) {
    let last = owed[place]?.last ?? nil
    let isSame = percent.map { now in last.map { abs($0 - now) < History.tolerance / 10 } ?? false } ?? (last == nil)
    if !isSame || owed[place] == nil { owed[place, default: []].append(percent) }
  }

  /// What Moodle stored since the last time, judged; what must not be, in words.
  mutating func judge(
    _ all: [GradeChange], maximum: (Int) -> Double, isTogether: Bool, passesOver: (Int) -> Bool
  ) -> [String] {
    var found: [String] = []
    for change in all.dropFirst(changes) {
      guard let slot = slots[change.lineItem], !passesOver(slot) else { continue }
      let place = School.Place(user: change.user, slot: slot)
      let values = owed[place] ?? []
      guard let after = change.after else {
        latest[place] = values.indices.last
        continue
      }
      let percent = after / maximum(slot) * 100
      guard let index = values.lastIndex(where: { $0.map { abs($0 - percent) < History.tolerance } ?? false }) else {
        // Of several acts at once one may have been sent before the others counted.
        // A teacher's grade stands, whatever comes.
        if !isTogether, change.before != after {
          found.append("Moodle was given \(percent) % at \(place), which never was owed: \(values)")
        }
        continue
      }
      if let newer = latest[place], index < newer {
        found.append(
          "Moodle was given \(percent) % at \(place) after \(values[newer].map { "\($0) %" } ?? "nothing"), which is newer"
        )
      }
      latest[place] = index
    }
    changes = all.count
    return found
  }

  /// Grades that were sent since the last time for people who are erased, in words.
  mutating func judge(_ all: [LoggedRequest], erased: Set<Int>) -> [String] {
    defer { requests = all.count }
    return all.dropFirst(requests).compactMap { request in
      guard let user = request.user, erased.contains(user), request.endpoint == .score || request.endpoint == .outcome
      else { return nil }
      return "a grade was sent for \(user), who is erased: \(request.method) \(request.path)"
    }
  }
}

extension Platform {
  /// Everything that scores and outcomes have changed, in order.
  var gradeChanges: [GradeChange] { state.withLock { $0.gradebook.changes } }
}
