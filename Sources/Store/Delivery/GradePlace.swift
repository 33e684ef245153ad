import LTI
import Wire

/// Where an activity's grades go, as far as it is known.
package struct GradePlace {
  /// The line item, when the platform named one or one was found.
  package let lineItem: WebURL?
  /// The course's line items.
  package let lineItems: WebURL?
  /// The activity at its platform.
  package let resourceLink: String
  /// The activity's title, the label of a line item made for it.
  package let title: String?
  /// Whether the line item should be read again for its maximum.
  package let isStale: Bool
  /// Whether a line item may be made where none is found.
  package let mayBeMade: Bool

  init?(_ json: JSONValue) {
    guard let resourceLink = json[.resourceLink]?.stringValue, let isStale = json[.lineItemIsStale]?.boolValue,
      let mayBeMade = json[.mayBeMade]?.boolValue
    else { return nil }
    lineItem = json[.lineItem]?.stringValue.flatMap { WebURL($0) }
    lineItems = json[.lineItems]?.stringValue.flatMap { WebURL($0) }
    self.resourceLink = resourceLink
    title = json[.title]?.stringValue
    self.isStale = isStale
    self.mayBeMade = mayBeMade
  }
}

/// A person's result in the Basic Outcomes service, and the LTI 1.1 credentials that prove its messages.
package struct OutcomePlace {
  /// The result's address and name.
  package let endpoint: BasicOutcomeEndpoint
  /// nil for an LTI 1.3 launch, whose messages carry an access token.
  package let consumer: (key: ConsumerKey, sealedSecret: [UInt8])?

  init?(_ json: JSONValue) {
    guard let sourcedID = json[.sourcedId]?.stringValue,
      let url = json[.outcomeUrl]?.stringValue.flatMap({ WebURL($0) })
    else { return nil }
    endpoint = BasicOutcomeEndpoint(sourcedID: sourcedID, serviceURL: url)
    if let key = json[.consumerKey]?.stringValue.flatMap({ ConsumerKey($0) }),
      let secret = json[.consumerSecret]?.stringValue.flatMap({ Hex.decode($0) })
    {
      consumer = (key, secret)
    } else {
      consumer = nil
    }
  }
}
