import JOSE
import Wire

/// Claim names of LTI 1.3 as Moodle writes them.
enum Claim {
  static let lti = "https://purl.imsglobal.org/spec/lti/claim/"
  static let ags = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
  static let nrps = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
  static let basicOutcome = "https://purl.imsglobal.org/spec/lti-bo/claim/basicoutcome"
}

extension Platform {
  /// The claims of a launch, in Moodle's order and with everything it adds unasked.
  /// - Parameters:
  ///   - person: who launches.
  ///   - activity: what is launched.
  ///   - nonce: echoed from the authentication request.
  ///   - messageType: `LtiResourceLinkRequest`, or `LtiSubmissionReviewRequest` with `forUser`.
  ///   - forUser: whose submission is reviewed.
  ///   - sesskey: the session's key, which `return_url` carries.
  public func launchClaims(
    person: Person, activity: Activity, nonce: String, messageType: String = "LtiResourceLinkRequest",
    forUser: Int? = nil, sesskey: String = "0000000000"
  ) -> JSONObject {
    let (tool, site) = state.withLock { ($0.tool, $0.wwwroot) }
    let services = site + "/mod/lti/services.php"
    let issuedAt = now().seconds
    var claims = JSONObject([
      ("nonce", .string(nonce)), ("iat", .number(Double(issuedAt))), ("exp", .number(Double(issuedAt + 60))),
      ("iss", .string(site)), ("aud", .string(tool.clientID)),
      (Claim.lti + "deployment_id", .string(String(tool.typeID))),
      (Claim.lti + "target_link_uri", .string(activity.toolURL ?? tool.baseURL)),
      ("sub", .string(String(person.id))),
      (
        Claim.lti + "lis",
        ["person_sourcedid": .string(person.idNumber), "course_section_sourcedid": .string(Course.idNumber)]
      ),
      (Claim.lti + "roles", .array(person.launchRoles.map(JSONValue.string))),
      (
        Claim.lti + "context",
        [
          "id": .string(String(Course.id)), "label": .string(Course.shortName), "title": .string(Course.fullName),
          "type": ["CourseSection"],
        ]
      ),
    ])
    if let forUser { claims[Claim.lti + "for_user"] = ["user_id": .string(String(forUser))] }
    claims[Claim.lti + "message_type"] = .string(messageType)
    claims[Claim.lti + "resource_link"] = [
      "title": .string(activity.name), "description": .string(activity.summary),
      "id": .string(String(activity.instance)),
    ]
    if activity.acceptsGrades {
      claims[Claim.basicOutcome] = [
        "lis_result_sourcedid": .string(resultSourcedID(person: person, activity: activity, tool: tool)),
        "lis_outcome_service_url": .string(site + "/mod/lti/service.php"),
      ]
    }
    var ext = JSONObject()
    if activity.sendName {
      claims["given_name"] = .string(person.givenName)
      claims["family_name"] = .string(person.familyName)
      claims["name"] = .string(person.name)
      ext["user_username"] = .string(person.username)
    }
    ext["lms"] = "moodle-2"
    claims[Claim.lti + "ext"] = .object(ext)
    if activity.sendEmail { claims["email"] = .string(person.email) }
    claims[Claim.lti + "launch_presentation"] = [
      "locale": .string(person.language),
      "document_target": activity.container == .iframe ? "iframe" : "window",
      "return_url": .string(
        site + "/mod/lti/return.php?course=\(Course.id)&launch_container=\(activity.container.rawValue)"
          + "&instanceid=\(activity.instance)&sesskey=\(sesskey)"),
    ]
    claims[Claim.lti + "tool_platform"] = [
      "product_family_code": "moodle", "version": "2024100706", "guid": .string(configuration.guid),
      "name": .string(configuration.siteName), "description": .string(configuration.siteName),
    ]
    claims[Claim.lti + "version"] = "1.3.0"
    claims[Claim.lti + "custom"] = .object(custom(person: person, activity: activity, tool: tool, services: services))
    addServices(to: &claims, activity: activity, tool: tool, services: services)
    return claims
  }

  /// `link_setting_url` really arrives with its variable unresolved.
  private func custom(person: Person, activity: Activity, tool: Tool, services: String) -> JSONObject {
    var custom = JSONObject(
      activity.custom.map { ($0.name, .string(Self.substitute($0.value, person: person, activity: activity))) })
    let section = services + "/CourseSection/\(Course.id)/bindings"
    if tool.mayReadMembers { custom["context_memberships_url"] = .string(section + "/\(tool.typeID)/memberships") }
    custom["system_setting_url"] = .string(services + "/tool/\(tool.typeID)/custom")
    custom["context_setting_url"] = .string(section + "/tool/\(tool.typeID)/custom")
    custom["link_setting_url"] = .string(services + "/links/{link_id}/custom")
    return custom
  }

  /// The AGS claim names a line item only when exactly one is tied to the activity.
  private func addServices(to claims: inout JSONObject, activity: Activity, tool: Tool, services: String) {
    if tool.mayUseGrades {
      var endpoint: JSONObject = [
        "scope": .array(Scope.grades.map(JSONValue.string)),
        "lineitems": .string(services + "/\(Course.id)/lineitems?type_id=\(tool.typeID)"),
      ]
      let tied = state.withLock { $0.gradebook.lineItems(linkedTo: activity.instance) }
      if tied.count == 1, activity.acceptsGrades {
        endpoint["lineitem"] = .string(lineItemURL(tied[0].id, tool: tool))
      }
      claims[Claim.ags] = .object(endpoint)
    }
    if tool.mayReadMembers {
      claims[Claim.nrps] = [
        "context_memberships_url": .string(
          services + "/CourseSection/\(Course.id)/bindings/\(tool.typeID)/memberships"),
        "service_versions": ["1.0", "2.0"],
      ]
    }
  }

  /// JSON text with a hash over its data, different at each launch.
  func resultSourcedID(person: Person, activity: Activity, tool: Tool) -> String {
    let launch = Int(randomHex(7), radix: 16) ?? 0
    let data =
      "{\"instanceid\":\"\(activity.instance)\",\"userid\":\"\(person.id)\",\"typeid\":\"\(tool.typeID)\",\"launchid\":\(launch)}"
    let hash = Hex.encode(HMAC.sha256(key: Array(configuration.guid.utf8), Array(data.utf8)))
    return "{\"data\":\(data),\"hash\":\"\(hash)\"}"
  }

  private static func substitute(_ value: String, person: Person, activity: Activity) -> String {
    switch value {
    case "$User.id": String(person.id)
    case "$User.username": person.username
    case "$Person.name.full": person.name
    case "$Person.name.given": person.givenName
    case "$Person.name.family": person.familyName
    case "$Person.email.primary": person.email
    case "$Context.id": String(Course.id)
    case "$ResourceLink.id": String(activity.instance)
    default: value
    }
  }

  /// A line item's address, as launches and services give it.
  func lineItemURL(_ id: Int, tool: Tool, suffix: String = "", extraQuery: String = "") -> String {
    wwwroot + "/mod/lti/services.php/\(Course.id)/lineitems/\(id)/lineitem\(suffix)?type_id=\(tool.typeID)\(extraQuery)"
  }
}
