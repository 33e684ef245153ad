import Wire

/// A proven LTI 1.1 launch (LTI 1.1 §3), in the types of an LTI 1.3 message.
///
/// Optional parameters are read leniently: an empty one, and a URL that is none, count as not sent. Required ones are
/// not: see `Launch11Refusal`.
package struct Launch11Message: Equatable, Sendable {
  /// `user_id`: the person at this platform. In Moodle the same number as `sub` in an LTI 1.3 launch.
  package let subject: Subject
  /// The URL that was launched, query included: what LTI 1.3 calls `target_link_uri`.
  package let targetLinkURI: String
  /// `roles`: as sent, in the platform's order; short names or URNs. May be empty.
  package let roles: [String]
  /// `resource_link_…`. In Moodle the same number as in an LTI 1.3 launch of the same activity.
  package let resourceLink: ResourceLink
  /// `context_…`: the course, when the platform names one.
  package let context: Context?
  /// `lis_person_…`: the person's particulars, as far as the platform shares them.
  package let person: Person
  /// `launch_presentation_…`: how the launch is shown.
  package let presentation: Presentation
  /// `custom_…`: without that prefix, in the order sent.
  package let custom: CustomParameters
  /// `lis_result_sourcedid` and `lis_outcome_service_url`, when both are there.
  package let basicOutcome: BasicOutcomeEndpoint?
  /// The Assignment and Grade Services, which Moodle offers to LTI 1.1 tools in custom parameters; calls are signed with
  /// OAuth 1.0 instead of carrying a token.
  package let ags: AGSEndpoint?
  /// The Names and Role Provisioning Services, likewise.
  package let contextMembershipsURL: WebURL?
  /// `tool_consumer_…`: which installation of which product sent the launch.
  package let platform: Platform?

  /// True for teachers, course designers and administrators: see `InstructorRole`.
  package var isInstructor: Bool { InstructorRole.isHeld(in: roles) }

  /// Reads the parameters of a launch whose signature and timestamp were checked.
  init(_ form: Launch11Form, launchURL: WebURL) throws(Launch11Refusal) {
    if let repeated = form.repeated { throw .messageParameterDuplicate(repeated.rawValue) }
    guard let type = form.value(.messageType), !type.isEmpty else { throw .messageTypeMissing }
    guard sameBytes(type, "basic-lti-launch-request") else { throw .messageTypeUnknown }
    guard let version = form.value(.version), sameBytes(version, "LTI-1p0") else { throw .versionUnsupported }
    guard let resourceLink = form.resourceLink else { throw .resourceLinkMissing }
    self.resourceLink = resourceLink
    guard let subject = form.value(.userID).flatMap(Subject.init) else { throw .userMissing }
    self.subject = subject
    targetLinkURI = launchURL.description
    roles = form.list(.roles)
    context = form.context
    person = form.person
    presentation = form.presentation
    custom = form.custom
    basicOutcome = form.basicOutcome
    ags = form.ags
    contextMembershipsURL = form.contextMembershipsURL
    platform = form.platform
  }
}

extension LaunchMessage {
  /// The LTI 1.1 launch as a resource link launch of LTI 1.3, in a deployment that the caller has for it: LTI 1.1 names
  /// none.
  package init(_ launch: Launch11Message, deploymentID: DeploymentID) {
    self.deploymentID = deploymentID
    messageType = .resourceLink
    subject = launch.subject
    targetLinkURI = launch.targetLinkURI
    roles = launch.roles
    resourceLink = launch.resourceLink
    context = launch.context
    person = launch.person
    presentation = launch.presentation
    custom = launch.custom
    ags = launch.ags
    contextMembershipsURL = launch.contextMembershipsURL
    basicOutcome = launch.basicOutcome
    platform = launch.platform
    forUser = nil
    deepLinkingSettings = nil
    migration = nil
  }
}

extension Launch11Message: CustomStringConvertible, CustomReflectable {
  /// The resource link; not the person, nor the return URL, which holds a session key in Moodle.
  package var description: String { "basic-lti-launch-request resource_link=\(loggable(resourceLink.id))" }

  /// Shows as little as `description`.
  package var customMirror: Mirror { Mirror(self, children: []) }
}
