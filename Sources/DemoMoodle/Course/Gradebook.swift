/// The course's gradebook, with Moodle's rules for what a score changes (facts observed on Moodle 4.5.6).
package struct Gradebook: Sendable {
  /// A person in a column.
  struct Cell: Hashable, Sendable {
    let user: Int
    let lineItem: Int
  }

  /// What a score did.
  package enum Outcome: Sendable, Equatable {
    /// It was stored (also when all it stored is "no grade").
    case stored
    /// The stored timestamp is the same second or later.
    case earlierTimestamp
    /// The grade or its item is locked.
    case locked
  }

  /// A score whose form was accepted.
  struct Score: Sendable {
    var user: Int
    var timestamp: Int64
    var given: Double?
    var maximum: Double
    var comment: String
  }

  private(set) var lineItems: [LineItem]
  /// Cells in order of their first score, the order in which results are listed.
  private var order: [Int: [Int]] = [:]
  private var cells: [Cell: Grade] = [:]
  private(set) var changes: [GradeChange] = []
  private var nextID: Int

  /// A gradebook whose columns are the course total (item 1) and one per activity that accepts grades.
  init(activities: [Activity]) {
    lineItems = [
      LineItem(id: 1, origin: .courseTotal, label: "", maximum: 100, resourceID: "", tag: "", resourceLinkID: nil)
    ]
    nextID = 2
    for activity in activities where activity.acceptsGrades { addColumn(of: activity) }
  }

  mutating func addColumn(of activity: Activity, isNamed: Bool = true) {
    _ = add(
      LineItem(
        id: 0, origin: .activity(instance: activity.instance), label: activity.name, maximum: activity.points,
        resourceID: activity.resourceID, tag: activity.tag, resourceLinkID: String(activity.instance),
        keepsGrades: activity.keepsGrades, isScale: activity.isScale, isNamed: isNamed))
  }

  /// An activity's columns under another instance id; column ids and grades stay.
  mutating func renumber(_ instance: Int, to other: Int) {
    for index in lineItems.indices {
      if lineItems[index].activityInstance == instance { lineItems[index].origin = .activity(instance: other) }
      if lineItems[index].resourceLinkID == String(instance) { lineItems[index].resourceLinkID = String(other) }
    }
  }

  func lineItem(_ id: Int) -> LineItem? { lineItems.first { $0.id == id } }

  func lineItem(ofActivity instance: Int) -> LineItem? { lineItems.first { $0.activityInstance == instance } }

  /// The columns tied to an activity: its own and those the tool linked to it. A launch names a line item only when
  /// there is exactly one.
  func lineItems(linkedTo instance: Int) -> [LineItem] {
    lineItems.filter { $0.activityInstance == instance || $0.resourceLinkID == String(instance) }
  }

  mutating func add(_ item: LineItem) -> LineItem {
    var item = item
    item.id = nextID
    nextID += 1
    lineItems.append(item)
    return item
  }

  /// Replaces a column's settings; another maximum rescales its grades.
  mutating func update(_ item: LineItem) {
    guard let index = lineItems.firstIndex(where: { $0.id == item.id }) else { return }
    let factor = item.maximum / lineItems[index].maximum
    lineItems[index] = item
    guard factor != 1, factor.isFinite else { return }
    for user in order[item.id] ?? [] {
      let cell = Cell(user: user, lineItem: item.id)
      guard var grade = cells[cell] else { continue }
      grade.raw = grade.raw.map { Self.round($0 * factor) }
      grade.final = grade.final.map { Self.round($0 * factor) }
      cells[cell] = grade
    }
  }

  mutating func delete(_ id: Int) {
    lineItems.removeAll { $0.id == id }
    for user in order.removeValue(forKey: id) ?? [] { cells[Cell(user: user, lineItem: id)] = nil }
  }

  /// Whether the row of a person's course total is there: the first grade of the course makes it.
  func hasTotal(of user: Int) -> Bool { cells.keys.contains { $0.user == user } }

  /// What is kept for a person in a column.
  func grade(user: Int, lineItem: Int) -> Grade? { cells[Cell(user: user, lineItem: lineItem)] }

  /// Everybody who has a row in a column, oldest row first.
  func users(in lineItem: Int) -> [Int] { order[lineItem] ?? [] }

  /// Takes a score.
  ///
  /// The score is rescaled to the column's maximum and kept to 5 decimals. Without `given` the grade becomes empty, and
  /// the comment with it: that is how an old grade is erased. A comment alone is dated by the server's clock.
  mutating func store(_ score: Score, in item: LineItem, now: Int64, milliseconds: Int64) -> Outcome {
    let cell = Cell(user: score.user, lineItem: item.id)
    var grade = cells[cell] ?? Grade()
    if let stored = grade.timeModified, stored >= score.timestamp { return .earlierTimestamp }
    guard !grade.isLocked, !item.isLocked else { return .locked }
    guard item.keepsGrades else { return .stored }
    let before = grade.final
    grade.raw = score.given.map { Self.rescale($0, from: score.maximum, to: item.maximum) }
    if !grade.isOverridden {
      grade.final = grade.raw.map { Self.bounded($0, in: item) }
      grade.feedback = score.comment.isEmpty ? nil : score.comment
      grade.timeModified = grade.final != nil ? score.timestamp : grade.feedback != nil ? now : nil
    }
    put(grade, at: cell)
    changes.append(
      GradeChange(user: score.user, lineItem: item.id, before: before, after: grade.final, at: milliseconds))
    return .stored
  }

  /// Takes the raw grade of a Basic Outcome; nil erases it. The last one wins, whatever its time, and a comment stays.
  /// - Returns: whether it was stored; not when the grade or its item is locked.
  mutating func store(raw: Double?, user: Int, in item: LineItem, now: Int64, milliseconds: Int64) -> Bool {
    let cell = Cell(user: user, lineItem: item.id)
    var grade = cells[cell] ?? Grade()
    guard !grade.isLocked, !item.isLocked else { return false }
    let before = grade.final
    grade.raw = raw.map(Self.round)
    if !grade.isOverridden {
      grade.final = grade.raw.map { Self.bounded($0, in: item) }
      grade.timeModified = grade.final == nil ? nil : now
    }
    put(grade, at: cell)
    changes.append(GradeChange(user: user, lineItem: item.id, before: before, after: grade.final, at: milliseconds))
    return true
  }

  /// A teacher types a grade in the gradebook: it stands until they take it back.
  mutating func override(user: Int, lineItem: Int, final: Double, feedback: String?, now: Int64) {
    let cell = Cell(user: user, lineItem: lineItem)
    var grade = cells[cell] ?? Grade()
    grade.final = final
    grade.feedback = feedback
    grade.timeModified = now
    grade.isOverridden = true
    put(grade, at: cell)
  }

  /// Locks or unlocks one grade.
  mutating func setLocked(_ locked: Bool, user: Int, lineItem: Int) {
    let cell = Cell(user: user, lineItem: lineItem)
    var grade = cells[cell] ?? Grade()
    grade.isLocked = locked
    put(grade, at: cell)
  }

  /// Locks or unlocks a whole column.
  mutating func setLocked(_ locked: Bool, lineItem: Int) {
    guard let index = lineItems.firstIndex(where: { $0.id == lineItem }) else { return }
    lineItems[index].isLocked = locked
  }

  /// Empties the rows of a column, or of one person in it, as "reset course" does; history is kept.
  mutating func reset(lineItem: Int, user: Int? = nil) {
    for other in order[lineItem] ?? [] where user == nil || other == user {
      cells[Cell(user: other, lineItem: lineItem)] = nil
    }
    order[lineItem]?.removeAll { user == nil || $0 == user }
  }

  private mutating func put(_ grade: Grade, at cell: Cell) {
    if cells[cell] == nil { order[cell.lineItem, default: []].append(cell.user) }
    cells[cell] = grade
  }

  /// What counts of a raw grade: on a scale the nearest level.
  private static func bounded(_ raw: Double, in item: LineItem) -> Double {
    item.isScale ? min(max((raw + 0.00001).rounded(), 1), item.maximum) : min(max(raw, 0), item.maximum)
  }

  /// A maximum of 0 or the column's own is not rescaled; a negative one is, and Moodle keeps the negative raw grade.
  static func rescale(_ given: Double, from maximum: Double, to itemMaximum: Double) -> Double {
    guard abs(maximum - itemMaximum) > 0.00001, abs(maximum) > 0.00001 else { return round(given) }
    return round(given * itemMaximum / maximum)
  }

  /// Moodle's `numeric(10,5)` columns.
  static func round(_ value: Double) -> Double { (value * 100_000).rounded() / 100_000 }
}
