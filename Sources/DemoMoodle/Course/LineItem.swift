/// One column of the gradebook: Moodle's grade item, the LTI line item.
package struct LineItem: Sendable, Equatable {
  /// Where the column comes from.
  package enum Origin: Sendable, Equatable {
    /// The course total, always item 1. It is nobody's line item, yet it passes Moodle's access checks.
    case courseTotal
    /// The grade of an activity, by its instance id.
    case activity(instance: Int)
    /// Made by the tool through the service.
    case tool(typeID: Int)
  }

  /// The grade item's id.
  package var id: Int
  /// Where it comes from.
  package var origin: Origin
  /// The column's heading.
  package var label: String
  /// The highest grade.
  package var maximum: Double
  /// The tool's own identifier, empty when none was given.
  package var resourceID: String
  /// The tool's tag, empty when none was given.
  package var tag: String
  /// The activity it is linked to, by instance id as a string; a PUT without it forgets it.
  package var resourceLinkID: String?
  /// The column's grade type is not "none".
  package var keepsGrades = true
  /// The column's grade type is a scale of as many levels as its maximum: a grade is a whole level, one at least.
  package var isScale = false
  /// Launches name it. One that Moodle 5.1 made anew after "delete all items and grades" they do not, yet the list does.
  package var isNamed = true
  /// The item is locked: every score answers 500.
  package var isLocked = false

  /// The instance of the activity whose grade this is.
  package var activityInstance: Int? {
    if case .activity(let instance) = origin { return instance }
    return nil
  }
}

/// One grade: what Moodle keeps for a person in a column.
package struct Grade: Sendable, Equatable {
  /// The last score received, rescaled to the item but not clamped.
  package var raw: Double?
  /// The grade that counts, clamped to 0…maximum.
  package var final: Double?
  /// The comment, Moodle's feedback.
  package var feedback: String?
  /// Seconds since 1970 of the score's own timestamp (whole seconds), or of the edit; nil while nothing is kept.
  package var timeModified: Int64?
  /// A teacher set the grade by hand: scores no longer change it.
  package var isOverridden = false
  /// This grade is locked: every score answers 500.
  package var isLocked = false
}

/// One score as it was stored; the sequence shows whether a grade ever went down.
package struct GradeChange: Sendable, Equatable {
  /// The person.
  package var user: Int
  /// The grade item.
  package var lineItem: Int
  /// The grade before.
  package var before: Double?
  /// The grade after.
  package var after: Double?
  /// Platform time in milliseconds since 1970.
  package var at: Int64

  /// The grade fell or was erased.
  package var isDecrease: Bool {
    guard let before else { return false }
    return after.map { $0 < before } ?? true
  }
}
