import Wire

extension AGS {
  /// Of the line items linked to an activity its own: one that a tool linked carries its marks, the activity's own has none.
  package static func own(among items: [LineItem]) -> LineItem? {
    items.first { $0.resourceID == nil && $0.tag == nil } ?? items.first
  }

  /// The line items of a course that belong to one resource link (AGS 2.0 §3.2.9, filter `resource_link_id`).
  ///
  /// Platforms that ignore the filter answer them all, so it is applied here again.
  ///
  /// - Throws: `ServiceFailure`.
  package static func lineItems(
    of resourceLinkID: String, in lineItems: WebURL, token: String, now: Instant = .now(), send: HTTPSend
  ) throws(ServiceFailure) -> [LineItem] {
    let url = lineItems.addingQueryItems([("resource_link_id", resourceLinkID)])
    let answer = try ServiceCall.read(url, accept: AGSMediaType.lineItemContainer, token: token, now: now, send: send)
    guard let rows = answer.arrayValue else { throw .malformed }
    return rows.compactMap { $0.objectValue.flatMap(LineItem.init) }.filter { $0.resourceLinkID == resourceLinkID }
  }

  /// Creates a line item for a resource link (AGS 2.0 §3.2.4).
  ///
  /// - Throws: `ServiceFailure`.
  package static func createLineItem(
    label: String, scoreMaximum: Double, resourceLinkID: String, in lineItems: WebURL, token: String,
    now: Instant = .now(), send: HTTPSend
  ) throws(ServiceFailure) -> LineItem {
    guard var fields = HTTPFields(bearer: token) else { throw .unauthorized }
    _ = fields.set("Content-Type", AGSMediaType.lineItem)
    let body: JSONValue = [
      "label": .string(label),
      "scoreMaximum": .number(scoreMaximum),
      "resourceLinkId": .string(resourceLinkID),
    ]
    let request = HTTPRequest(method: "POST", url: lineItems, fields: fields, body: Array(body.encoded.utf8))
    let response = try ServiceCall.answer(to: request, now: now, send: send)
    guard let members = (try? JSONValue(parsing: response.body))?.objectValue, let item = LineItem(members) else {
      throw .malformed
    }
    return item
  }
}
