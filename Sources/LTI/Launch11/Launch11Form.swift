import Wire

/// The parameters of an LTI 1.1 message, read under the names that their LTI 1.3 claims have.
///
/// Both versions then share their types and the leniency of their optional values: an empty text counts as not sent.
struct Launch11Form {
  private let form: Form

  init(_ form: Form) { self.form = form }

  /// The parameters this tool reads, other than custom ones: each may be sent once.
  private static var names: [String] {
    [
      "lti_message_type", "lti_version", "resource_link_id", "resource_link_title", "resource_link_description",
      "user_id", "roles", "context_id", "context_label", "context_title", "lis_person_name_full",
      "lis_person_name_given", "lis_person_name_family", "lis_person_contact_email_primary",
      "launch_presentation_locale", "launch_presentation_document_target", "launch_presentation_return_url",
      "lis_result_sourcedid", "lis_outcome_service_url", "tool_consumer_instance_guid", "tool_consumer_instance_name",
      "tool_consumer_info_version", "tool_consumer_info_product_family_code", "custom_lineitem_url",
      "custom_lineitems_url", "custom_gradebookservices_scope", "custom_context_memberships_url",
      "custom_context_memberships_v2_url",
    ]
  }

  func checkEachIsSentOnce() throws(Launch11Refusal) {
    for name in Self.names where form.all(name).count > 1 { throw .messageParameterDuplicate(name) }
  }

  /// The value of a parameter; one that was sent twice has none, two readers could take different ones.
  func value(_ name: String) -> String? { try? form.value(name) }

  /// The parameters as an object, by claim names.
  private func object(_ names: [(claim: String, parameter: String)]) -> JSONObject {
    JSONObject(names.compactMap { name in value(name.parameter).map { (name.claim, .string($0)) } })
  }

  var resourceLink: ResourceLink? {
    ResourceLink(
      object([
        ("id", "resource_link_id"), ("title", "resource_link_title"), ("description", "resource_link_description"),
      ]))
  }

  var context: Context? {
    Context(object([("id", "context_id"), ("label", "context_label"), ("title", "context_title")]))
  }

  var presentation: Presentation {
    Presentation(
      object([
        ("locale", "launch_presentation_locale"), ("document_target", "launch_presentation_document_target"),
        ("return_url", "launch_presentation_return_url"),
      ]))
  }

  var person: Person {
    Person(
      object([
        ("name", "lis_person_name_full"), ("given_name", "lis_person_name_given"),
        ("family_name", "lis_person_name_family"), ("email", "lis_person_contact_email_primary"),
      ]), presentation: presentation)
  }

  /// A comma-separated list (LTI 1.1 §3 `roles`), blanks around the names dropped.
  func list(_ name: String) -> [String] {
    (value(name) ?? "").utf8.split(separator: UInt8(ascii: ",")).compactMap { part in
      var part = part.drop(while: isWhitespace)
      while let last = part.last, isWhitespace(last) { part.removeLast() }
      return part.isEmpty ? nil : String(Substring(part))
    }
  }

  var basicOutcome: BasicOutcomeEndpoint? {
    BasicOutcomeEndpoint(
      object([
        ("lis_result_sourcedid", "lis_result_sourcedid"), ("lis_outcome_service_url", "lis_outcome_service_url"),
      ]))
  }

  var platform: Platform? {
    Platform(
      object([
        ("guid", "tool_consumer_instance_guid"), ("name", "tool_consumer_instance_name"),
        ("version", "tool_consumer_info_version"),
        ("product_family_code", "tool_consumer_info_product_family_code"),
      ]))
  }

  /// What Moodle sends in custom parameters of its own; nil when there is neither URL.
  var ags: AGSEndpoint? {
    var claim = object([("lineitems", "custom_lineitems_url"), ("lineitem", "custom_lineitem_url")])
    claim["scope"] = .array(list("custom_gradebookservices_scope").map { .string($0) })
    let endpoint = AGSEndpoint(claim)
    return endpoint.lineItem == nil && endpoint.lineItems == nil ? nil : endpoint
  }

  var contextMembershipsURL: WebURL? {
    let claim = object([("2", "custom_context_memberships_v2_url"), ("1", "custom_context_memberships_url")])
    return claim.url("2") ?? claim.url("1")
  }

  /// The parameters whose names begin with `custom_`, without it (LTI 1.1 §3); repeated ones all, in order.
  var custom: CustomParameters {
    let prefix = "custom_".utf8
    return CustomParameters(
      items: form.items.compactMap { item in
        guard item.name.utf8.starts(with: prefix), item.name.utf8.count > prefix.count else { return nil }
        return (String(item.name.dropFirst(prefix.count)), item.value)
      })
  }
}

extension CustomParameters {
  init(items: [(name: String, value: String)]) { self.items = items }
}
