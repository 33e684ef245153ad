import Wire

/// The Assignment and Grade Services of a launch (AGS 2.0 §3.1).
package struct AGSEndpoint: Equatable, Sendable {
  /// The scopes that the tool may ask a token for.
  package let scopes: [String]
  /// `lineitems`: the container of the course's line items.
  package let lineItems: WebURL?
  /// `lineitem`: the one line item of this activity. Moodle leaves it out when there is none, or more than one.
  package let lineItem: WebURL?

  init(_ claim: JSONObject) {
    scopes = claim.texts("scope") ?? []
    lineItems = claim.url("lineitems")
    lineItem = claim.url("lineitem")
  }
}
