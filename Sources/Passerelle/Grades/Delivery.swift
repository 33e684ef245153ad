import LTI
import Learning
import Wire

/// One leased grade and all that its delivery needs, as `passerelle.delivery` makes it.
package struct Delivery {
  /// `public.grades.id`.
  package let grade: String
  /// The lease under which it is delivered.
  package let lease: String
  let version: Int64
  let score: Double
  let maximum: Double
  /// The grade as a part of the whole, 0 to 1.
  let ratio: Double
  let count: GrainCount
  /// What the score is dated: later than every one before it.
  var timestamp: Instant
  /// What the last score was dated of which nobody knows if it was stored; nil without such a doubt.
  let doubtfulTimestamp: Int64?
  /// Whether the result is only to be read once more: it was delivered while an older one was perhaps still on its way.
  let confirms: Bool
  /// Whether the platform has answered with an error 500 for a day.
  let hasErredForADay: Bool
  let subject: Subject
  let locale: String?
  let place: GradePlace
  /// How the platform gives access tokens; nil for a site that is registered for LTI 1.1 alone.
  let access: TokenAccess?
  /// The Basic Outcomes service, where the platform offers no line items.
  let outcomes: OutcomePlace?
  /// The platform, for the log.
  let host: String

  /// Nil when a member is missing or of another type: the database and the program disagree.
  init?(_ json: JSONValue) {
    guard let grade = json["grade"]?.stringValue, let lease = json["lease"]?.stringValue,
      let version = json["version"]?.intValue, let score = json["score"]?.doubleValue,
      let maximum = json["maximum"]?.doubleValue, let ratio = json["ratio"]?.doubleValue,
      let completed = json["completed"]?.intValue, let total = json["total"]?.intValue,
      let seconds = json["timestamp"]?.intValue, let hasErredForADay = json["hasErredForADay"]?.boolValue,
      let confirms = json["confirms"]?.boolValue,
      let subject = json["subject"]?.stringValue.flatMap({ Subject($0) }), let place = GradePlace(json)
    else { return nil }
    self.grade = grade
    self.lease = lease
    self.version = version
    self.score = score
    self.maximum = maximum
    self.ratio = ratio
    count = GrainCount(completed: Int(completed), total: Int(total))
    timestamp = Instant(seconds: seconds, nanoseconds: 0)
    doubtfulTimestamp = json["doubtfulTimestamp"]?.intValue
    self.hasErredForADay = hasErredForADay
    self.confirms = confirms
    self.subject = subject
    locale = json["locale"]?.stringValue
    self.place = place
    access = TokenAccess(json)
    outcomes = OutcomePlace(json)
    host = json["host"]?.stringValue ?? ""
  }

  /// One delivery; nil when it cannot be read.
  init?(text: String) {
    guard let json = try? JSONValue(parsing: text) else { return nil }
    self.init(json)
  }

  /// The deliveries of a JSON array; nil when one cannot be read.
  static func list(_ json: String) -> [Delivery]? {
    guard let values = try? JSONValue(parsing: json).arrayValue else { return nil }
    let deliveries = values.compactMap { Delivery($0) }
    return deliveries.count == values.count ? deliveries : nil
  }

  /// The Basic Outcomes service, when the grade goes through it: there are no line items, or the last launch offered none any
  /// more, which its token's scope says; results carry no dates.
  var undatedPlace: OutcomePlace? {
    let hasLineItems = place.lineItem != nil || place.lineItems != nil
    return hasLineItems && access?.scope != BasicOutcomes.scope ? nil : outcomes
  }

  /// The score to post; nil when its numbers are none that a platform stores.
  var message: Score? {
    Score(
      userID: subject, scoreGiven: score, scoreMaximum: maximum,
      activityProgress: count.isComplete ? .completed : .inProgress,
      comment: count.words[Language(locale: locale) ?? .french], timestamp: timestamp)
  }

  /// Whether a result settles every doubt: it is this grade, and no earlier score can replace it any more.
  ///
  /// A score that is still on its way is refused when it is not later than the one in the gradebook, so the result has to
  /// be as late as the last score sent. A platform that does not date its results is believed when only this very grade
  /// is in doubt.
  func isSettled(by result: AGS.Result?, sent: Int64?) -> Bool {
    guard isEqual(to: result) else { return false }
    guard let stored = result?.timestamp?.seconds else { return doubtfulTimestamp == nil }
    return stored >= max(sent ?? .min, doubtfulTimestamp ?? .min)
  }

  /// Whether a result is this grade, at the five decimals that Moodle stores.
  func isEqual(to result: AGS.Result?) -> Bool {
    guard let score = result?.resultScore, let maximum = result?.resultMaximum, maximum > 0 else { return false }
    return abs(score - ratio * maximum) < 0.000_02
  }
}
