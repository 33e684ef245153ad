import Foundation
import Testing
import Wire

@testable import DemoMoodle

/// What must be true: after each step, of each answer, and when everything has come to rest.
extension School {
  private var platform: Platform { world.moodle.platform }

  /// A report was answered with 200.
  func acknowledge(_ entries: [Act.Entry], at place: Place) {
    locked { state in
      state.counts.reports += 1
      for entry in entries where entry.isCompleted {
        // Without a score it counts whole, unless there was one before: completed it is in any case.
        state.floors[place, default: [:]][entry.grain] = max(state.floors[place]?[entry.grain] ?? 0, entry.score ?? 0)
      }
    }
  }

  /// An answer that says "delivered" is true, unless Moodle changed on its own and nobody has looked since.
  func checkAnswer(_ answer: JSONValue, at place: Place) {
    let isKnown = locked { !$0.changed.contains(place.slot) && !$0.merged.contains(place.user) }
    guard isKnown, answer.at("grade.status") == "delivered", let column = column(place.slot),
      let score = answer.at("grade.score")?.doubleValue, let maximum = answer.at("grade.maximum")?.doubleValue
    else { return }
    let grade = platform.grade(user: place.user, lineItem: column.id)
    if grade?.isOverridden == true { return }
    guard let found = grade?.final, abs(found / column.maximum - score / maximum) * 100 < History.tolerance else {
      violate(
        "answered as delivered at \(place): \(score) of \(maximum); Moodle has \(grade?.final.map { "\($0)" } ?? "nothing")"
      )
      return
    }
  }

  /// After each step.
  func observe(isTogether: Bool) throws {
    let snapshot = try Snapshot(world)
    let audit = platform.audit()
    let (changes, requests) = (platform.gradeChanges, platform.requests())
    let columns = locked { Array($0.slots.indices) }.map { ($0, column($0)) }
    locked { state in
      for (slot, column) in columns { if let column { state.history.know(column: column.id, ofSlot: slot) } }
      for enrolment in snapshot.enrolments {
        guard let slot = state.slots.firstIndex(where: { $0.instances.contains(enrolment.instance) }) else { continue }
        state.history.owe(
          enrolment.status == "none" ? nil : snapshot.standing(enrolment).ratio * 100,
          at: Place(user: enrolment.user, slot: slot))
      }
      let slots = state.slots
      let found = state.history.judge(
        changes, maximum: { slots[$0].former.points }, isTogether: isTogether,
        // Without dates the last one wins on the way; it is read again, and judged in the end.
        passesOver: { $0 == Schedule.undated || slots[$0].mayBeTwo })
      let sent = state.history.judge(requests, erased: state.erased)
      state.violations += found + sent
    }
    for overlap in audit.overlaps + audit.crossings {
      violate("two grades of \(overlap.first.user ?? 0) at once: \(overlap.first), \(overlap.second)")
    }
  }

  /// When everything has come to rest and was verified; `isStrict` when everybody has been back, too.
  func check(isStrict: Bool) throws {
    let snapshot = try Snapshot(world)
    let (slots, launched, floors) = locked { ($0.slots, $0.launched, $0.floors) }
    for (number, slot) in slots.enumerated() where !slot.mayBeTwo {
      let known = Set(snapshot.enrolments.filter { slot.instances.contains($0.instance) }.map(\.activity))
      if known.count > 1 { violate("slot \(number) is known as \(known.count) activities") }
    }
    func enrolled(_ place: Place) -> Snapshot.Enrolment? {
      snapshot.enrolments.first {
        $0.learner == snapshot.learners[place.user] && slots[place.slot].instances.contains($0.instance)
          && (!slots[place.slot].mayBeTwo || $0.instance == slots[place.slot].instances.last)
      }
    }
    for place in launched where !slots[place.slot].mayBeTwo && enrolled(place) == nil {
      violate("\(place) launched, and is not enrolled")
    }
    for (place, grains) in floors {
      guard let enrolment = enrolled(place) else { continue }
      let kept = snapshot.progress(enrolment)
      for (grain, score) in grains where (kept[grain] ?? -1) < score - 1e-9 {
        violate(
          "\(place): \(grain) was acknowledged with \(score), and is \(kept[grain].map { "\($0)" } ?? "not there")")
      }
    }
    for enrolment in snapshot.enrolments {
      guard let number = slots.firstIndex(where: { $0.instances.contains(enrolment.instance) }) else {
        violate("an activity \(enrolment.instance) that Moodle never had")
        continue
      }
      let slot = slots[number]
      // The one of two that is launched no more.
      if slot.mayBeTwo, enrolment.instance != slot.instances.last { continue }
      if let words = judge(enrolment, snapshot, Place(user: enrolment.user, slot: number), slot, isStrict: isStrict) {
        violate(
          "\(isStrict ? "in the end " : "")\(Place(user: enrolment.user, slot: number)) is \(enrolment.status): \(words)"
        )
      }
      locked { $0.counts.grades[enrolment.status, default: 0] += 1 }
    }
  }

  /// Whether what is said of a grade is true; nil, or what is wrong.
  private func judge(
    _ enrolment: Snapshot.Enrolment, _ snapshot: Snapshot, _ place: Place, _ slot: Slot, isStrict: Bool
  ) -> String? {
    let column = column(place.slot)
    let grade = column.flatMap { platform.grade(user: place.user, lineItem: $0.id) }
    let standing = snapshot.standing(enrolment)
    let isGradable = platform.person(place.user)?.isGradable == true
    let has = grade?.final.map { "Moodle has \($0)" } ?? "Moodle has nothing"
    switch enrolment.status {
    case "delivered":
      guard let column else { return "the activity is no more" }
      guard let found = grade?.final else { return has }
      guard let score = enrolment.score, let maximum = enrolment.maximum,
        abs(score / maximum - standing.ratio) * 100 < History.tolerance
      else { return "\(enrolment.score ?? -1) of \(enrolment.maximum ?? -1), and the progress says \(standing.ratio)" }
      if abs(found / column.maximum - standing.ratio) * 100 < History.tolerance { return nil }
      guard grade?.isOverridden == true else { return "\(has), and the progress says \(standing.ratio)" }
      // A teacher's grade: told, not touched.
      let told =
        enrolment.moodleScore.map { abs($0 / maximum - found / column.maximum) * 100 < History.tolerance } ?? false
      return told
        ? nil : "a teacher's grade is not told: \(found), \(enrolment.moodleScore.map { "\($0)" } ?? "nothing")"
    case "emptied":
      if isStrict { return "everything was sent again" }
      return grade?.final == nil ? nil : has
    case "gone":
      if !slot.wasDeleted { return "the activity never was deleted" }
      return isStrict && column != nil ? "everybody has been back" : nil
    case "failed":
      if !isGradable || !isStrict, enrolment.code == "learner_not_enrolled" { return nil }
      return isStrict || !locked({ $0.wasLong }) ? "\(enrolment.code ?? "no code"), and no day went by" : nil
    case "pending": return "\(enrolment.code ?? "no code"), and nothing is in the way"
    default:
      let (wasKept, mayHaveOld) = locked { state in
        (state.kept.contains(place.user), !state.everErased.union(state.merged).isDisjoint(with: [place.user]))
      }
      // Until somebody launches it, nothing is owed, and pages say that it is gone.
      if standing.isOwed, column != nil, !enrolment.isActivityGone { return "\(standing.ratio) is owed" }
      let isLeft = enrolment.isSetAside && wasKept || mayHaveOld || enrolment.isWithdrawing && !isGradable
      return grade?.final == nil || grade?.isOverridden == true || isLeft ? nil : has
    }
  }
}
