import Wire

extension AGS {
  /// Reads everybody's results in a line item (AGS 2.0 §3.3), all of them or none.
  ///
  /// `limit` is never sent: Moodle answers it with an HTML error page. Where the platform makes pages of its own, they are
  /// followed as its `Link` says; a link to another origin is refused, for the token would go with it, and so is one to a page
  /// that was read already.
  ///
  /// - Parameters:
  ///   - maximumBytes: how long all pages may be together.
  ///   - now: the time that a `Retry-After` date is measured from.
  /// - Throws: `ServiceFailure`; what was read before a failure is not given.
  package static func results(
    in lineItem: WebURL, token: String, maximumBytes: Int = 8 << 20, now: Instant = .now(), send: HTTPSend
  ) throws(ServiceFailure) -> [Result] {
    guard var fields = HTTPFields(bearer: token) else { throw .unauthorized }
    fields.set("Accept", AGSMediaType.resultContainer)
    let first = resultsURL(lineItem)
    var next: WebURL? = first
    var visited: Set<WebURL> = []
    var left = maximumBytes
    var results: [Result] = []
    while let page = next {
      guard visited.insert(page).inserted, page.origin == first.origin else { throw .malformed }
      let response = try ServiceCall.answer(to: HTTPRequest(url: page, fields: fields), now: now, send: send)
      left -= response.body.count
      guard left >= 0 else { throw .transport(.tooLarge) }
      guard let rows = (try? JSONValue(parsing: response.body, maxBytes: maximumBytes))?.arrayValue else {
        throw .malformed
      }
      for row in rows {
        guard let members = row.objectValue, let result = Result(members) else { throw .malformed }
        results.append(result)
      }
      next = try LinkField.target(relation: "next", in: response.fields, context: page)
    }
    return results
  }
}
