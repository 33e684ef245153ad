import Wire

/// The Names and Role Provisioning Services as a tool uses them (NRPS 2.0), over whatever sends the requests.
package enum NRPS {
  /// The scope that a token needs to read memberships.
  package static var scope: String { "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly" }

  /// NRPS 2.0 §2.1. Moodle compares `Accept` with this one exact string.
  static var mediaType: String { "application/vnd.ims.lti-nrps.v2.membershipcontainer+json" }

  /// Reads who is in a course, page by page (NRPS 2.0 §2.3, §2.4).
  ///
  /// The next page is where the platform's `Link` says, byte for byte; a link to another origin is refused, for the token
  /// would go with it, and so is one to a page that was read already.
  ///
  /// - Parameters:
  ///   - url: the launch's `context_memberships_url`.
  ///   - pageSize: how many members a page should have (`limit`), a hint to the platform; nil leaves it the choice.
  ///   - maximumPages: how many requests are made at most.
  ///   - maximumMembers: how many members are kept at most.
  ///   - now: the time that a `Retry-After` date is measured from.
  /// - Throws: `ServiceFailure`; what was read before a failure is not given.
  package static func memberships(
    _ url: WebURL, token: String, pageSize: Int? = 250, maximumPages: Int = 40, maximumMembers: Int = 10_000,
    now: Instant = .now(), send: HTTPSend
  ) throws(ServiceFailure) -> Memberships {
    guard var fields = HTTPFields(bearer: token) else { throw .unauthorized }
    fields.set("Accept", mediaType)
    var next: WebURL? = pageSize.map { url.addingQueryItems([("limit", String($0))]) } ?? url
    var memberships = Memberships()
    var visited: Set<WebURL> = []
    while let page = next {
      guard visited.count < maximumPages, memberships.members.count < maximumMembers else { return memberships }
      guard visited.insert(page).inserted, page.origin == url.origin else { throw .malformed }
      let response = try ServiceCall.answer(to: HTTPRequest(url: page, fields: fields), now: now, send: send)
      guard let container = (try? JSONValue(parsing: response.body))?.objectValue,
        memberships.add(container, maximumMembers: maximumMembers)
      else { throw .malformed }
      next = try LinkField.target(relation: "next", in: response.fields, context: page)
    }
    memberships.isComplete = !memberships.isTruncated
    return memberships
  }
}
