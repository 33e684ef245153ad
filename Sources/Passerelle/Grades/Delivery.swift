import LTI
import Learning
import Wire

/// One leased grade and all that its delivery needs, as `passerelle.delivery` makes it.
public struct Delivery {
  /// `public.grades.id`.
  public let grade: String
  /// The lease under which it is delivered.
  public let lease: String
  let version: Int64
  let score: Double
  let maximum: Double
  let count: GrainCount
  let timestamp: Instant
  let subject: Subject
  let lineItem: WebURL
  let locale: String?
  let registration: String
  let clientID: ClientID
  let tokenURL: WebURL
  let scope: String
  /// The cached access token, sealed.
  let sealedToken: [UInt8]?

  /// Nil when a member is missing or of another type: the database and the program disagree.
  init?(_ json: JSONValue) {
    guard let grade = json["grade"]?.stringValue, let lease = json["lease"]?.stringValue,
      let version = json["version"]?.intValue, let score = json["score"]?.doubleValue,
      let maximum = json["maximum"]?.doubleValue, let completed = json["completed"]?.intValue,
      let total = json["total"]?.intValue, let seconds = json["timestamp"]?.intValue,
      let subject = json["subject"]?.stringValue.flatMap({ Subject($0) }),
      let lineItem = json["lineItem"]?.stringValue.flatMap({ WebURL($0) }),
      let registration = json["registration"]?.stringValue,
      let clientID = json["clientId"]?.stringValue.flatMap({ ClientID($0) }),
      let tokenURL = json["tokenUrl"]?.stringValue.flatMap({ WebURL($0) }), let scope = json["scope"]?.stringValue
    else { return nil }
    self.grade = grade
    self.lease = lease
    self.version = version
    self.score = score
    self.maximum = maximum
    count = GrainCount(completed: Int(completed), total: Int(total))
    timestamp = Instant(seconds: seconds, nanoseconds: 0)
    self.subject = subject
    self.lineItem = lineItem
    locale = json["locale"]?.stringValue
    self.registration = registration
    self.clientID = clientID
    self.tokenURL = tokenURL
    self.scope = scope
    sealedToken = json["token"]?.stringValue.flatMap { Hex.decode($0) }
  }

  /// The deliveries of a JSON array; nil when one cannot be read.
  static func list(_ json: String) -> [Delivery]? {
    guard let values = try? JSONValue(parsing: json).arrayValue else { return nil }
    let deliveries = values.compactMap { Delivery($0) }
    return deliveries.count == values.count ? deliveries : nil
  }

  /// The score to post; nil when its numbers are none that a platform stores.
  var message: Score? {
    Score(
      userID: subject, scoreGiven: score, scoreMaximum: maximum,
      activityProgress: count.isComplete ? .completed : .inProgress,
      comment: count.words[Language(locale: locale) ?? .french], timestamp: timestamp)
  }
}
