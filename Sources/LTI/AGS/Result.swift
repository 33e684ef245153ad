import Wire

extension AGS {
  /// What a platform's gradebook says for one person in one line item (AGS 2.0 §3.3.4).
  ///
  /// In Moodle it is the final grade: a teacher's override shows here, not the score that the tool posted.
  package struct Result: Equatable, Sendable {
    /// The person, by the platform's `sub`.
    package let userID: Subject
    /// The points in the gradebook; nil when there is a row without a grade.
    package let resultScore: Double?
    /// What they are out of.
    package let resultMaximum: Double?
    /// The comment in the gradebook.
    package let comment: String?
    /// When the grade last changed, which Moodle adds: a score is refused unless it is later than this.
    package let timestamp: Instant?

    init?(_ members: JSONObject) {
      guard let userID = members["userId"]?.identifier(Subject.self) else { return nil }
      self.userID = userID
      resultScore = members["resultScore"]?.doubleValue
      resultMaximum = members["resultMaximum"]?.doubleValue
      comment = members["comment"]?.stringValue
      timestamp = members["timestamp"]?.stringValue.flatMap { Instant(rfc3339: $0) }
    }
  }
}
