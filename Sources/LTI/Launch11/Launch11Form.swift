import Wire

/// The parameters of an LTI 1.1 message, read under the names that their LTI 1.3 claims have.
///
/// Both versions then share their types and the leniency of their optional values: an empty text counts as not sent.
struct Launch11Form {
  /// The parameters that this tool reads, other than custom ones: each may be sent once.
  enum Parameter: String {
    case messageType = "lti_message_type"
    case version = "lti_version"
    case resourceLinkID = "resource_link_id"
    case resourceLinkTitle = "resource_link_title"
    case resourceLinkDescription = "resource_link_description"
    case userID = "user_id"
    case roles = "roles"
    case contextID = "context_id"
    case contextLabel = "context_label"
    case contextTitle = "context_title"
    case fullName = "lis_person_name_full"
    case givenName = "lis_person_name_given"
    case familyName = "lis_person_name_family"
    case email = "lis_person_contact_email_primary"
    case locale = "launch_presentation_locale"
    case documentTarget = "launch_presentation_document_target"
    case returnURL = "launch_presentation_return_url"
    case resultSourcedID = "lis_result_sourcedid"
    case outcomeServiceURL = "lis_outcome_service_url"
    case platformGUID = "tool_consumer_instance_guid"
    case platformName = "tool_consumer_instance_name"
    case platformVersion = "tool_consumer_info_version"
    case productFamilyCode = "tool_consumer_info_product_family_code"
  }

  /// The custom parameters: names without the `custom_` that they begin with (LTI 1.1 §3); repeated ones all, in order.
  let custom: CustomParameters
  /// The first parameter that was sent more than once.
  let repeated: Parameter?

  // Side by side, and filled in one pass: looking for each name among all that was sent would cost more than the proof.
  private var parameters: [Parameter] = []
  private var values: [String] = []

  init(_ form: Form) {
    var custom: [(name: String, value: String)] = []
    var repeated: Parameter?
    for item in form.items {
      if item.name.utf8.starts(with: "custom_".utf8), item.name.utf8.count > 7 {
        custom.append((String(item.name.dropFirst(7)), item.value))
      }
      guard let parameter = Parameter(rawValue: item.name), sameBytes(parameter.rawValue, item.name) else { continue }
      if parameters.contains(parameter) { repeated = repeated ?? parameter }
      parameters.append(parameter)
      values.append(item.value)
    }
    self.custom = CustomParameters(items: custom)
    self.repeated = repeated
  }

  /// The value of a parameter; one that was sent twice has none, two readers could take different ones.
  func value(_ parameter: Parameter) -> String? {
    guard let index = parameters.firstIndex(of: parameter), parameters.lastIndex(of: parameter) == index else {
      return nil
    }
    return values[index]
  }

  /// The parameters as an object, by claim names.
  private func object(_ names: [(claim: String, parameter: Parameter)]) -> JSONObject {
    JSONObject(names.compactMap { name in value(name.parameter).map { (name.claim, .string($0)) } })
  }

  var resourceLink: ResourceLink? {
    ResourceLink(
      object([
        ("id", .resourceLinkID), ("title", .resourceLinkTitle), ("description", .resourceLinkDescription),
      ]))
  }

  var context: Context? {
    Context(object([("id", .contextID), ("label", .contextLabel), ("title", .contextTitle)]))
  }

  var presentation: Presentation {
    Presentation(
      object([
        ("locale", .locale), ("document_target", .documentTarget),
        ("return_url", .returnURL),
      ]))
  }

  var person: Person {
    Person(
      object([
        ("name", .fullName), ("given_name", .givenName),
        ("family_name", .familyName), ("email", .email),
      ]), presentation: presentation)
  }

  /// A comma-separated list (LTI 1.1 §3 `roles`), blanks around the names dropped.
  var roles: [String] {
    (value(.roles) ?? "").utf8.split(separator: UInt8(ascii: ",")).compactMap { part in
      let name = trimmed(Substring(part))
      return name.isEmpty ? nil : String(name)
    }
  }

  var basicOutcome: BasicOutcomeEndpoint? {
    BasicOutcomeEndpoint(
      object([
        ("lis_result_sourcedid", .resultSourcedID), ("lis_outcome_service_url", .outcomeServiceURL),
      ]))
  }

  var platform: Platform? {
    Platform(
      object([
        ("guid", .platformGUID), ("name", .platformName),
        ("version", .platformVersion),
        ("product_family_code", .productFamilyCode),
      ]))
  }
}
