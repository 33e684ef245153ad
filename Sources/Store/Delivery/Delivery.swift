import LTI
import Wire

/// One leased grade and all that its delivery needs, as `passerelle.delivery` makes it.
package struct Delivery {
  /// `public.grades.id`.
  package let grade: String
  /// The lease under which it is delivered.
  package let lease: String
  package let version: Int64
  package let score: Double
  package let maximum: Double
  /// The grade as a part of the whole, 0 to 1.
  package let ratio: Double
  package let count: GrainCount
  /// What the score is dated: later than every one before it.
  package var timestamp: Instant
  /// What the last score was dated of which nobody knows if it was stored; nil without such a doubt.
  package let doubtfulTimestamp: Int64?
  /// Whether the result is only to be read once more: it was delivered while an older one was perhaps still on its way.
  package let confirms: Bool
  /// Whether the platform has answered with an error 500 for a day.
  package let hasErredForADay: Bool
  /// Whether a grade of this learner's was accepted here before.
  package let wasDelivered: Bool
  /// Whether the result is to be read after it was delivered: it is not known that the platform keeps what it is given.
  package let readsBack: Bool
  /// Whether the maximum is the line item's; otherwise it is a guess, and the grade a per cent.
  package let maximumIsKnown: Bool
  package let subject: Subject
  package let locale: String?
  package let place: GradePlace
  /// How the platform gives access tokens; nil for a site that is registered for LTI 1.1 alone.
  package let access: TokenAccess?
  /// The Basic Outcomes service, where the platform offers no line items.
  package let outcomes: OutcomePlace?
  /// The platform, for the log.
  package let host: String

  /// Nil when a member is missing or of another type: the database and the program disagree.
  package init?(_ json: JSONValue) {
    guard let grade = json[.grade]?.stringValue, let lease = json[.lease]?.stringValue,
      let version = json[.version]?.intValue, let score = json[.score]?.doubleValue,
      let maximum = json[.maximum]?.doubleValue, let ratio = json[.ratio]?.doubleValue,
      let completed = json[.completed]?.intValue, let total = json[.total]?.intValue,
      let seconds = json[.timestamp]?.intValue, let hasErredForADay = json[.hasErredForADay]?.boolValue,
      let confirms = json[.confirms]?.boolValue, let wasDelivered = json[.wasDelivered]?.boolValue,
      let readsBack = json[.readsBack]?.boolValue, let maximumIsKnown = json[.maximumIsKnown]?.boolValue,
      let subject = json[.subject]?.stringValue.flatMap({ Subject($0) }), let place = GradePlace(json)
    else { return nil }
    self.grade = grade
    self.lease = lease
    self.version = version
    self.score = score
    self.maximum = maximum
    self.ratio = ratio
    count = GrainCount(completed: Int(completed), total: Int(total))
    timestamp = Instant(seconds: seconds, nanoseconds: 0)
    doubtfulTimestamp = json[.doubtfulTimestamp]?.intValue
    self.hasErredForADay = hasErredForADay
    self.confirms = confirms
    self.wasDelivered = wasDelivered
    self.readsBack = readsBack
    self.maximumIsKnown = maximumIsKnown
    self.subject = subject
    locale = json[.locale]?.stringValue
    self.place = place
    access = TokenAccess(json)
    outcomes = OutcomePlace(json)
    host = json[.host]?.stringValue ?? ""
  }

  /// One delivery; nil when it cannot be read.
  package init?(text: String) {
    guard let json = try? JSONValue(parsing: text) else { return nil }
    self.init(json)
  }

  /// The deliveries of a JSON array; nil when one cannot be read.
  package static func list(_ json: String) -> [Delivery]? {
    guard let values = try? JSONValue(parsing: json).arrayValue else { return nil }
    let deliveries = values.compactMap { Delivery($0) }
    return deliveries.count == values.count ? deliveries : nil
  }

  /// The Basic Outcomes service, when the grade goes through it: there are no line items, or the last launch offered none any
  /// more, which its token's scope says; results carry no dates.
  package var undatedPlace: OutcomePlace? {
    let hasLineItems = place.lineItem != nil || place.lineItems != nil
    return hasLineItems && access?.scope != BasicOutcomes.scope ? nil : outcomes
  }
}
