/// The names of the claims of LTI 1.3 messages (LTI 1.3 §5.3, §5.4; AGS 2.0 §3.1; NRPS 2.0 §3.6.1; LTI-BO; LTI Deep Linking
/// 2.0 §4.4, §4.5; LTI 1.3 Migration Guide).
///
/// Computed, so that each use is a literal and nothing is initialised in a process that lives a millisecond.
enum Claim {
  static var messageType: String { "https://purl.imsglobal.org/spec/lti/claim/message_type" }
  static var version: String { "https://purl.imsglobal.org/spec/lti/claim/version" }
  static var deploymentID: String { "https://purl.imsglobal.org/spec/lti/claim/deployment_id" }
  static var targetLinkURI: String { "https://purl.imsglobal.org/spec/lti/claim/target_link_uri" }
  static var resourceLink: String { "https://purl.imsglobal.org/spec/lti/claim/resource_link" }
  static var roles: String { "https://purl.imsglobal.org/spec/lti/claim/roles" }
  static var context: String { "https://purl.imsglobal.org/spec/lti/claim/context" }
  static var toolPlatform: String { "https://purl.imsglobal.org/spec/lti/claim/tool_platform" }
  static var launchPresentation: String { "https://purl.imsglobal.org/spec/lti/claim/launch_presentation" }
  static var custom: String { "https://purl.imsglobal.org/spec/lti/claim/custom" }
  static var forUser: String { "https://purl.imsglobal.org/spec/lti/claim/for_user" }
  static var lti1p1: String { "https://purl.imsglobal.org/spec/lti/claim/lti1p1" }
  static var assignmentAndGradeService: String { "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint" }
  static var namesRoleService: String { "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice" }
  static var basicOutcome: String { "https://purl.imsglobal.org/spec/lti-bo/claim/basicoutcome" }
  static var deepLinkingSettings: String { "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings" }
  static var contentItems: String { "https://purl.imsglobal.org/spec/lti-dl/claim/content_items" }
  static var deepLinkingData: String { "https://purl.imsglobal.org/spec/lti-dl/claim/data" }
}
