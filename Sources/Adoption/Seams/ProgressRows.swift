/// What the columns of an adopted progress table mean, as expressions on a row of it.
struct ProgressRows {
  let plan: AdoptionPlan
  let part: AdoptionPlan.Progress

  /// The joins that `learner` and `grain` need.
  func joins(_ alias: String) -> String {
    part.learner.joinForID(from: alias, as: "l") + part.grain.joinForID(from: alias, as: "g")
  }

  func learner(_ alias: String) -> String { part.learner.id(from: alias, as: "l") }

  func grain(_ alias: String) -> String { part.grain.id(from: alias, as: "g") }

  /// The activity whose progress a row is; null is the person's.
  func activity(_ alias: String) -> String {
    part.namesActivities ? SQLText.column(alias, AdoptionPlan.Progress.addedActivity) : "null::uuid"
  }

  /// Whose progress a row is: the activity's, or the learner's.
  func holder(_ alias: String) -> String {
    part.namesActivities ? "coalesce(\(activity(alias)), \(learner(alias)))" : learner(alias)
  }

  /// What narrows rows to those of `p_activity`; nothing where they name none.
  func ofActivity(_ alias: String) -> String {
    part.namesActivities ? " and \(activity(alias)) is not distinct from p_activity" : ""
  }

  func isCompleted(_ alias: String) -> String { part.completed.condition.holds(alias) }

  /// The score as it is stored.
  func score(_ alias: String) -> String { SQLText.column(alias, part.score.column.name) }

  /// The score as a part of 1; null stays null, which `least` and `greatest` would not let it.
  func ratio(_ alias: String) -> String {
    let value = score(alias)
    let number = part.score.column.type == "numeric" ? value : "\(value)::numeric"
    let maximum = part.score.maximum
    return
      "case when \(value) < 0 then 0 when \(value) > \(maximum) then 1 else \(maximum == 1 ? number : "\(number) / \(maximum)") end"
  }

  /// A part of 1 as it would be stored; `isCompleted` says what an empty one stands for, where it cannot be empty.
  func stored(_ ratio: String, isCompleted: String) -> String {
    let column = part.score.column
    let maximum = part.score.maximum
    let value = "(\(maximum == 1 ? ratio : "\(ratio) * \(maximum)"))::\(column.sqlType)"
    return column.isNotNull ? "coalesce(\(value), case when \(isCompleted) then \(maximum) else 0 end)" : value
  }

  /// An order that puts the row first that counts: completed, then whole (without a score), then the best score.
  func bestFirst(_ alias: String) -> String {
    "(\(isCompleted(alias))) desc, \(score(alias)) desc nulls first, \(SQLText.column(alias, part.place.key.name))"
  }

  /// What to store for completed.
  func completedValue(former: String?) -> String {
    let column = part.completed.condition.column
    switch column.kind {
    case .boolean: return "true"
    case .time:
      let now = Self.now(column)
      return former.map { "coalesce(\($0), \(now))" } ?? now
    default: return SQLText.literal(part.completed.condition.words.first ?? "")
    }
  }

  /// What to store for begun.
  var startedValue: String {
    switch part.completed.condition.column.kind {
    case .boolean: "false"
    case .time: "null"
    default: SQLText.literal(part.completed.otherwise ?? "")
    }
  }

  /// This instant in a column's type.
  static func now(_ column: ColumnShape) -> String {
    switch column.type {
    case "timestamptz": "now()"
    case "date": "(now() at time zone 'UTC')::date"
    default: "(now() at time zone 'UTC')"
    }
  }

  /// The columns whose change changes what is owed, and the key that tells rows apart.
  var watched: [String] {
    var names: [String] = []
    for name in [
      part.place.key.name, part.learner.column.name, part.grain.column.name, part.completed.condition.column.name,
      part.score.column.name,
    ] + (part.namesActivities ? [AdoptionPlan.Progress.addedActivity] : []) where !names.contains(name) {
      names.append(name)
    }
    return names
  }
}
