import Wire

/// The Assignment and Grade Services as a tool uses them (AGS 2.0), over whatever sends the requests.
package enum AGS {
  /// Where the scores of a line item are posted: `/scores` goes after the path and before the query (AGS 2.0 §3.4.1).
  ///
  /// Moodle's line items end in `?type_id=…`; a path appended to the whole URL is a 400.
  package static func scoresURL(_ lineItem: WebURL) -> WebURL { lineItem.insertingPath("/scores") }

  /// Where the results of a line item are read: `/results`, placed like `/scores` (AGS 2.0 §3.3.1).
  package static func resultsURL(_ lineItem: WebURL) -> WebURL { lineItem.insertingPath("/results") }

  /// Posts a score and says what became of it (AGS 2.0 §3.4).
  ///
  /// - Parameter now: the time a `Retry-After` date is measured from when the answer carries no `Date` of its own.
  package static func post(
    _ score: Score, to lineItem: WebURL, token: String, now: Instant = .now(), send: HTTPSend
  ) -> ScoreOutcome {
    post(score.body, to: lineItem, token, now, send)
  }

  /// Takes a person's result back: a score without `scoreGiven`, which is optional (AGS 2.0 §3.4.5). Moodle's grade is empty
  /// then, its comment gone, and the activity no longer complete.
  ///
  /// - Parameters:
  ///   - timestamp: later than that of the score that is there, like any other score's.
  ///   - now: the time a `Retry-After` date is measured from when the answer carries no `Date` of its own.
  package static func withdraw(
    resultOf userID: Subject, at timestamp: Instant, from lineItem: WebURL, token: String, now: Instant = .now(),
    send: HTTPSend
  ) -> ScoreOutcome {
    let nothing: JSONValue = [
      "userId": .string(userID.value), "activityProgress": "Initialized", "gradingProgress": "NotReady",
      "timestamp": .string(timestamp.rfc3339),
    ]
    return post(Array(nothing.encoded.utf8), to: lineItem, token, now, send)
  }

  private static func post(
    _ body: [UInt8], to lineItem: WebURL, _ token: String, _ now: Instant, _ send: HTTPSend
  ) -> ScoreOutcome {
    guard var fields = HTTPFields(bearer: token) else { return .unauthorized }
    _ = fields.set("Content-Type", AGSMediaType.score)
    let request = HTTPRequest(method: "POST", url: scoresURL(lineItem), fields: fields, body: body)
    do { return ScoreOutcome(try send(request), now: now) } catch { return .transport(error) }
  }

  /// Reads one person's result in a line item (AGS 2.0 §3.3); nil when the platform has none.
  ///
  /// `limit` is never sent: Moodle answers it with an HTML error page.
  ///
  /// - Throws: `ServiceFailure`.
  package static func result(
    of userID: Subject, in lineItem: WebURL, token: String, now: Instant = .now(), send: HTTPSend
  ) throws(ServiceFailure) -> Result? {
    let url = resultsURL(lineItem).addingQueryItems([("user_id", userID.value)])
    let answer = try ServiceCall.read(url, accept: AGSMediaType.resultContainer, token: token, now: now, send: send)
    guard let rows = answer.arrayValue else { throw .malformed }
    for row in rows {
      guard let members = row.objectValue, let result = Result(members) else { throw .malformed }
      if result.userID == userID { return result }
    }
    return nil
  }

  /// Reads a line item (AGS 2.0 §3.2).
  ///
  /// - Throws: `ServiceFailure`.
  package static func lineItem(
    _ url: WebURL, token: String, now: Instant = .now(), send: HTTPSend
  ) throws(ServiceFailure) -> LineItem {
    let answer = try ServiceCall.read(url, accept: AGSMediaType.lineItem, token: token, now: now, send: send)
    guard let members = answer.objectValue, let item = LineItem(members) else { throw .malformed }
    return item
  }
}
