import Wire

/// The members of the JSON object that `passerelle.delivery` makes: what SQL writes and what ``Delivery`` reads.
package enum DeliveryKey: String, CaseIterable, Sendable {
  case grade, lease, version, score, maximum, ratio, completed, total, timestamp, doubtfulTimestamp, confirms
  case hasErredForADay, wasDelivered, readsBack, maximumIsKnown, subject, locale, host
  // Where the grade goes.
  case title, resourceLink, lineItem, lineItems, lineItemIsStale, mayBeMade
  case outcomeUrl, sourcedId, consumerKey, consumerSecret
  // How the platform lets this tool in; `passerelle.memberships_of` writes these, too.
  case registration, clientId, tokenUrl, scope, token
}

extension JSONValue {
  /// A member of a delivery.
  subscript(key: DeliveryKey) -> JSONValue? { self[key.rawValue] }
}
