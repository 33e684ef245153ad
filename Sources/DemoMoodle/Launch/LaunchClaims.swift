import Wire

/// Claim names of LTI 1.3 as Moodle writes them.
enum Claim {
  static let lti = "https://purl.imsglobal.org/spec/lti/claim/"
  static let ags = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
  static let nrps = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
  static let basicOutcome = "https://purl.imsglobal.org/spec/lti-bo/claim/basicoutcome"
  static let deepLinkingSettings = "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings"
  static let contentItems = "https://purl.imsglobal.org/spec/lti-dl/claim/content_items"
  static let deepLinking = "https://purl.imsglobal.org/spec/lti-dl/claim/"
}

extension Platform {
  /// The claims of a launch, in Moodle's order and with everything it adds unasked.
  /// - Parameters:
  ///   - person: who launches.
  ///   - activity: what is launched; one that no tool shows gets the first tool's claims.
  ///   - nonce: echoed from the authentication request.
  ///   - messageType: `LtiResourceLinkRequest`, or `LtiSubmissionReviewRequest` with `forUser`.
  ///   - forUser: whose submission is reviewed.
  ///   - sesskey: the session's key, which `return_url` carries.
  package func launchClaims(
    person: Person, activity: Activity, nonce: String, messageType: String = "LtiResourceLinkRequest",
    forUser: Int? = nil, sesskey: String = "0000000000"
  ) -> JSONObject {
    let tool = tool(of: activity) ?? self.tool
    var claims = openingClaims(person: person, tool: tool, target: activity.toolURL ?? tool.baseURL, nonce: nonce)
    if let forUser { claims[Claim.lti + "for_user"] = ["user_id": .string(String(forUser))] }
    claims[Claim.lti + "message_type"] = .string(messageType)
    claims[Claim.lti + "resource_link"] = [
      "title": .string(activity.name), "description": .string(activity.summary),
      "id": .string(String(activity.instance)),
    ]
    if activity.acceptsGrades {
      claims[Claim.basicOutcome] = [
        "lis_result_sourcedid": .string(resultSourcedID(person: person, activity: activity, tool: tool)),
        "lis_outcome_service_url": .string(wwwroot + "/mod/lti/service.php"),
      ]
    }
    addIdentity(
      of: person, name: tool.sendName.holds(activity.sendName), email: tool.sendEmail.holds(activity.sendEmail),
      to: &claims)
    claims[Claim.lti + "launch_presentation"] = [
      "locale": .string(person.language),
      "document_target": activity.container == .iframe ? "iframe" : "window",
      "return_url": .string(returnURL(activity, sesskey: sesskey)),
    ]
    addPlatform(to: &claims)
    claims[Claim.lti + "custom"] = .object(custom(person: person, activity: activity, tool: tool))
    if tool.mayUseGrades {
      claims[Claim.ags] = gradeService(tool, lineItem: onlyLineItem(of: activity))
    }
    if tool.mayReadMembers { claims[Claim.nrps] = memberService(tool) }
    return claims
  }

  /// What every message opens with.
  func openingClaims(person: Person, tool: Tool, target: String, nonce: String) -> JSONObject {
    let issuedAt = now().seconds
    // One statement each: all of it in one literal takes Swift 6.0 too long to type-check.
    var claims = JSONObject()
    claims["nonce"] = .string(nonce)
    claims["iat"] = .number(Double(issuedAt))
    claims["exp"] = .number(Double(issuedAt + 60))
    claims["iss"] = .string(wwwroot)
    claims["aud"] = .string(tool.clientID)
    claims[Claim.lti + "deployment_id"] = .string(String(tool.typeID))
    claims[Claim.lti + "target_link_uri"] = .string(target)
    claims["sub"] = .string(String(person.id))
    claims[Claim.lti + "lis"] = [
      "person_sourcedid": .string(person.idNumber), "course_section_sourcedid": .string(Course.idNumber),
    ]
    claims[Claim.lti + "roles"] = .array(person.launchRoles.map(JSONValue.string))
    claims[Claim.lti + "context"] = [
      "id": .string(String(Course.id)), "label": .string(Course.shortName), "title": .string(Course.fullName),
      "type": ["CourseSection"],
    ]
    return claims
  }

  /// Names and address, as far as they are shared.
  func addIdentity(of person: Person, name: Bool, email: Bool, to claims: inout JSONObject) {
    var ext = JSONObject()
    if name {
      claims["given_name"] = .string(person.givenName)
      claims["family_name"] = .string(person.familyName)
      claims["name"] = .string(person.name)
      ext["user_username"] = .string(person.username)
    }
    ext["lms"] = "moodle-2"
    claims[Claim.lti + "ext"] = .object(ext)
    if email { claims["email"] = .string(person.email) }
  }

  /// The site and the version of LTI.
  func addPlatform(to claims: inout JSONObject) {
    claims[Claim.lti + "tool_platform"] = [
      "product_family_code": "moodle", "version": "2024100706", "guid": .string(configuration.guid),
      "name": .string(configuration.siteName),
      "description": .string(configuration.siteDescription ?? configuration.siteName),
    ]
    claims[Claim.lti + "version"] = "1.3.0"
  }

  /// Where a tool sends people back.
  func returnURL(_ activity: Activity, sesskey: String) -> String {
    wwwroot + "/mod/lti/return.php?course=\(Course.id)&launch_container=\(activity.container.rawValue)"
      + "&instanceid=\(activity.instance)&sesskey=\(sesskey)"
  }

  /// Custom parameters of activity and tool, variables resolved. The tool's win: a tool that registers `module` hides
  /// every activity's own (read in Moodle's source, not observed).
  func ownCustomParameters(person: Person, activity: Activity?, tool: Tool) -> [(String, String)] {
    var merged: [(String, String)] = (activity?.custom ?? []).map { ($0.name, $0.value) }
    for line in tool.customParameters {
      let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 2 else { continue }
      if let index = merged.firstIndex(where: { $0.0 == parts[0] }) {
        merged[index].1 = parts[1]
      } else {
        merged.append((parts[0], parts[1]))
      }
    }
    return merged.map { ($0.0, Self.substitute($0.1, person: person, activity: activity)) }
  }

  /// `link_setting_url` really arrives with its variable unresolved; without a link there is none.
  func custom(person: Person, activity: Activity?, tool: Tool) -> JSONObject {
    let services = wwwroot + "/mod/lti/services.php"
    let section = services + "/CourseSection/\(Course.id)/bindings"
    var custom = JSONObject(
      ownCustomParameters(person: person, activity: activity, tool: tool).map { ($0.0, .string($0.1)) })
    if tool.mayReadMembers { custom["context_memberships_url"] = .string(section + "/\(tool.typeID)/memberships") }
    custom["system_setting_url"] = .string(services + "/tool/\(tool.typeID)/custom")
    custom["context_setting_url"] = .string(section + "/tool/\(tool.typeID)/custom")
    if activity != nil { custom["link_setting_url"] = .string(services + "/links/{link_id}/custom") }
    return custom
  }

  /// An activity's line item, named at a launch only when exactly one is tied to it.
  func onlyLineItem(of activity: Activity) -> LineItem? {
    let tied = state.withLock { $0.gradebook.lineItems(linkedTo: activity.instance) }
    return tied.count == 1 && tied[0].isNamed && activity.acceptsGrades ? tied[0] : nil
  }

  /// The AGS claim.
  func gradeService(_ tool: Tool, lineItem: LineItem?) -> JSONValue {
    var endpoint: JSONObject = [
      "scope": .array(tool.gradeScopes.map(JSONValue.string)),
      "lineitems": .string(wwwroot + "/mod/lti/services.php/\(Course.id)/lineitems?type_id=\(tool.typeID)"),
    ]
    if let lineItem { endpoint["lineitem"] = .string(lineItemURL(lineItem.id, tool: tool)) }
    return .object(endpoint)
  }

  /// The NRPS claim.
  func memberService(_ tool: Tool) -> JSONValue {
    let url = wwwroot + "/mod/lti/services.php/CourseSection/\(Course.id)/bindings/\(tool.typeID)/memberships"
    return ["context_memberships_url": .string(url), "service_versions": ["1.0", "2.0"]]
  }

  private static func substitute(_ value: String, person: Person, activity: Activity?) -> String {
    switch value {
    case "$User.id": String(person.id)
    case "$User.username": person.username
    case "$Person.name.full": person.name
    case "$Person.name.given": person.givenName
    case "$Person.name.family": person.familyName
    case "$Person.email.primary": person.email
    // Read in Moodle's source, not observed.
    case "$Moodle.Person.userGroupIds": person.groups.map(String.init).joined(separator: ",")
    case "$Context.id": String(Course.id)
    case "$ResourceLink.id": activity.map { String($0.instance) } ?? value
    default: value
    }
  }

  /// A line item's address, as launches and services give it.
  func lineItemURL(_ id: Int, tool: Tool, suffix: String = "", extraQuery: String = "") -> String {
    wwwroot + "/mod/lti/services.php/\(Course.id)/lineitems/\(id)/lineitem\(suffix)?type_id=\(tool.typeID)\(extraQuery)"
  }
}
