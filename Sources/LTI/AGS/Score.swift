import Wire

/// One score for one person in one line item (AGS 2.0 §3.4.5).
///
/// `gradingProgress` is not a choice: anything but `FullyGraded` makes Moodle erase the grade that is there.
package struct Score: Equatable, Sendable {
  /// How far the person is with the activity (AGS 2.0 §3.4.7). Moodle requires it and ignores it.
  package enum ActivityProgress: String, Equatable, Sendable {
    /// Some of the work is done.
    case inProgress = "InProgress"
    /// All of it is done.
    case completed = "Completed"
  }

  /// The person, by the platform's `sub`.
  package let userID: Subject
  /// Points given: finite, zero or more; may exceed the maximum.
  package let scoreGiven: Double
  /// Points that the given ones are out of: finite, above zero. The platform rescales to the line item's maximum.
  package let scoreMaximum: Double
  /// How far the person is.
  package let activityProgress: ActivityProgress
  /// Words for the person. Moodle erases the former comment when this one is empty.
  package let comment: String
  /// When the score was reached. Moodle keeps whole seconds and refuses one that is not later than the last.
  package let timestamp: Instant

  /// Takes a score; nil when a number is not one that a platform can store (AGS 2.0 §3.4.5: `scoreGiven` ≥ 0, `scoreMaximum` > 0).
  package init?(
    userID: Subject, scoreGiven: Double, scoreMaximum: Double, activityProgress: ActivityProgress, comment: String,
    timestamp: Instant
  ) {
    guard scoreGiven.isFinite, scoreGiven >= 0, scoreMaximum.isFinite, scoreMaximum > 0 else { return nil }
    self.userID = userID
    self.scoreGiven = scoreGiven
    self.scoreMaximum = scoreMaximum
    self.activityProgress = activityProgress
    self.comment = comment
    self.timestamp = timestamp
  }

  /// The request body: JSON on one line.
  ///
  /// One line matters: Moodle puts a refused body into its status line, and a line break there makes PHP drop the 400,
  /// so that a refusal comes back as `200 OK`.
  package var body: [UInt8] {
    let score: JSONValue = [
      "userId": .string(userID.value),
      "scoreGiven": .number(scoreGiven),
      "scoreMaximum": .number(scoreMaximum),
      "activityProgress": .string(activityProgress.rawValue),
      "gradingProgress": "FullyGraded",
      "comment": .string(comment),
      "timestamp": .string(timestamp.rfc3339),
    ]
    return Array(score.encoded.utf8)
  }
}
