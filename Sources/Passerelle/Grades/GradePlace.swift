import LTI
import Wire

/// Where an activity's grades go, as far as it is known.
struct GradePlace {
  /// The line item, when the platform named one or one was found.
  let lineItem: WebURL?
  /// The course's line items.
  let lineItems: WebURL?
  /// The activity at its platform.
  let resourceLink: String
  /// The activity's title, the label of a line item made for it.
  let title: String?
  /// Whether the line item should be read again for its maximum.
  let isStale: Bool

  init?(_ json: JSONValue) {
    guard let resourceLink = json["resourceLink"]?.stringValue, let isStale = json["lineItemIsStale"]?.boolValue else {
      return nil
    }
    lineItem = json["lineItem"]?.stringValue.flatMap { WebURL($0) }
    lineItems = json["lineItems"]?.stringValue.flatMap { WebURL($0) }
    self.resourceLink = resourceLink
    title = json["title"]?.stringValue
    self.isStale = isStale
  }
}

/// How a platform gives access tokens for the services of an LTI 1.3 registration.
struct TokenAccess {
  let registration: String
  let clientID: ClientID
  let tokenURL: WebURL
  let scope: String
  /// The cached access token, sealed.
  let sealedToken: [UInt8]?

  /// Nil where the database names no registration: the site is registered for LTI 1.1 alone.
  init?(_ json: JSONValue) {
    guard let registration = json["registration"]?.stringValue,
      let clientID = json["clientId"]?.stringValue.flatMap({ ClientID($0) }),
      let tokenURL = json["tokenUrl"]?.stringValue.flatMap({ WebURL($0) }), let scope = json["scope"]?.stringValue
    else { return nil }
    self.registration = registration
    self.clientID = clientID
    self.tokenURL = tokenURL
    self.scope = scope
    sealedToken = json["token"]?.stringValue.flatMap { Hex.decode($0) }
  }
}

extension Delivery {
  /// How the platform gives access tokens; a problem where it has no registration that would.
  func tokenAccess() throws(DeliveryProblem) -> TokenAccess {
    guard let access else { throw .registrationMissing }
    return access
  }
}

/// A person's result in the Basic Outcomes service, and the LTI 1.1 credentials that prove its messages.
struct OutcomePlace {
  let endpoint: BasicOutcomeEndpoint
  /// nil for an LTI 1.3 launch, whose messages carry an access token.
  let consumer: (key: ConsumerKey, sealedSecret: [UInt8])?

  init?(_ json: JSONValue) {
    guard let sourcedID = json["sourcedId"]?.stringValue,
      let url = json["outcomeUrl"]?.stringValue.flatMap({ WebURL($0) })
    else { return nil }
    endpoint = BasicOutcomeEndpoint(sourcedID: sourcedID, serviceURL: url)
    if let key = json["consumerKey"]?.stringValue.flatMap({ ConsumerKey($0) }),
      let secret = json["consumerSecret"]?.stringValue.flatMap({ Hex.decode($0) })
    {
      consumer = (key, secret)
    } else {
      consumer = nil
    }
  }
}
