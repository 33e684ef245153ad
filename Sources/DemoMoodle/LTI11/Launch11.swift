import Wire

extension Platform {
  /// The form of an LTI 1.1 launch: the recorded fields in their order, signed with HMAC-SHA1 (RFC 5849).
  ///
  /// What the launch URL's query says is signed but not sent again as a field.
  func launchForm11(person: Person, activity: Activity, tool: Tool, sesskey: String) -> MoodleResponse {
    let target = activity.toolURL ?? tool.baseURL
    guard let shared = tool.sharedSecret, let url = WebURL(target) else {
      return Pages.moodleError("Invalid tool URL", site: configuration.siteName)
    }
    let inURL = Set(url.queryItems.map(\.name))
    var fields =
      [
        ("oauth_version", "1.0"), ("oauth_nonce", randomHex(32)), ("oauth_timestamp", String(now().seconds)),
        ("oauth_consumer_key", shared.key),
      ] + message11(person: person, activity: activity, tool: tool, sesskey: sesskey).filter { !inURL.contains($0.0) }
      + [("oauth_signature_method", "HMAC-SHA1")]
    fields.append(
      ("oauth_signature", OAuth1.signature(method: "POST", url: url, parameters: fields, secret: shared.secret)))
    return .html(Pages.autoForm(name: "ltiLaunchForm", encodingAttribute: "encType", action: target, fields))
  }

  private func message11(
    person: Person, activity: Activity, tool: Tool, sesskey: String
  ) -> [(String, String)] {
    let site = wwwroot
    var fields: [(String, String)] = [
      ("user_id", String(person.id)), ("lis_person_sourcedid", person.idNumber), ("roles", person.launchRoles11),
      ("context_id", String(Course.id)), ("context_label", Course.shortName), ("context_title", Course.fullName),
      ("lti_message_type", "basic-lti-launch-request"), ("resource_link_title", activity.name),
      ("resource_link_description", activity.summary), ("resource_link_id", String(activity.instance)),
      ("context_type", "CourseSection"), ("lis_course_section_sourcedid", Course.idNumber),
    ]
    if activity.acceptsGrades {
      fields += [
        ("lis_result_sourcedid", resultSourcedID(person: person, activity: activity, tool: tool)),
        ("lis_outcome_service_url", site + "/mod/lti/service.php"),
      ]
    }
    if tool.sendName.holds(activity.sendName) {
      fields += [
        ("lis_person_name_given", person.givenName), ("lis_person_name_family", person.familyName),
        ("lis_person_name_full", person.name), ("ext_user_username", person.username),
      ]
    }
    if tool.sendEmail.holds(activity.sendEmail) { fields.append(("lis_person_contact_email_primary", person.email)) }
    fields += [
      ("launch_presentation_locale", person.language), ("ext_lms", "moodle-2"),
      ("tool_consumer_info_product_family_code", "moodle"), ("tool_consumer_info_version", "2024100706"),
      ("oauth_callback", "about:blank"), ("lti_version", "LTI-1p0"),
      ("tool_consumer_instance_guid", configuration.guid), ("tool_consumer_instance_name", configuration.siteName),
      ("tool_consumer_instance_description", configuration.siteDescription ?? configuration.siteName),
    ]
    fields += ownCustomParameters(person: person, activity: activity, tool: tool).map {
      ("custom_" + Self.fieldName($0.0), $0.1)
    }
    fields += [
      ("launch_presentation_document_target", activity.container == .iframe ? "iframe" : "window"),
      ("launch_presentation_return_url", returnURL(activity, sesskey: sesskey)),
    ]
    return fields + services11(activity: activity, tool: tool)
  }

  /// The service addresses, which 1.1 carries as custom parameters. Here the link's settings have their id.
  private func services11(activity: Activity, tool: Tool) -> [(String, String)] {
    let services = wwwroot + "/mod/lti/services.php"
    let section = services + "/CourseSection/\(Course.id)/bindings"
    var fields: [(String, String)] = []
    if tool.mayUseGrades {
      let scopes =
        [Scope.lineItemReadOnly, Scope.result, Scope.score] + (tool.mayManageColumns ? [Scope.lineItem] : [])
      fields += [
        ("custom_gradebookservices_scope", scopes.joined(separator: ",")),
        ("custom_lineitems_url", services + "/\(Course.id)/lineitems?type_id=\(tool.typeID)"),
      ]
      if let item = onlyLineItem(of: activity) {
        fields.append(("custom_lineitem_url", lineItemURL(item.id, tool: tool)))
      }
    }
    if tool.mayReadMembers {
      let members = section + "/\(tool.typeID)/memberships"
      fields += [
        ("custom_context_memberships_url", members), ("custom_context_memberships_v2_url", members),
        ("custom_context_memberships_versions", "1.0,2.0"),
      ]
    }
    return fields + [
      ("custom_system_setting_url", services + "/tool/\(tool.typeID)/custom"),
      ("custom_context_setting_url", section + "/tool/\(tool.typeID)/custom"),
      ("custom_link_setting_url", services + "/links/\(activity.instance)/custom"),
    ]
  }

  /// LTI 1.1 §3: letters and digits in lower case, `_` for the rest.
  private static func fieldName(_ name: String) -> String {
    String(name.lowercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
  }
}

extension Tool.Sharing {
  /// Whether something is shared, given what the activity says.
  func holds(_ activity: Bool) -> Bool { self == .always || (self == .delegated && activity) }
}
