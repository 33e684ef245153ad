import Wire

/// A proven LTI 1.3 message: what the platform says about the person, the place and the services of this launch.
///
/// Optional claims are read leniently: one of the wrong JSON type, an empty text, a text with a NUL (which PostgreSQL
/// cannot hold) or a URL that is none counts as not sent. Required claims are not: see `LaunchRefusal`.
package struct LaunchMessage: Equatable, Sendable {
  /// Which message it is.
  package let messageType: MessageType
  /// `sub`: the person at this platform.
  package let subject: Subject
  /// `deployment_id`: through which installation of the tool the launch came.
  package let deploymentID: DeploymentID
  /// `target_link_uri`: where the launch is meant to end.
  package let targetLinkURI: String
  /// `roles`: as sent, in the platform's order.
  package let roles: [String]
  /// `resource_link`: always there in a resource link launch, usually in a submission review, never in deep linking.
  package let resourceLink: ResourceLink?
  /// `context`: the course, when the platform names one.
  package let context: Context?
  /// The person's particulars, as far as the platform shares them.
  package let person: Person
  /// `launch_presentation`: how the launch is shown.
  package let presentation: Presentation
  /// `custom`: the parameters that the activity and the tool's registration add.
  package let custom: CustomParameters
  /// The Assignment and Grade Services endpoint, when this launch has one (AGS 2.0 §3.1).
  package let ags: AGSEndpoint?
  /// `context_memberships_url` of the Names and Role Provisioning Services (NRPS 2.0 §3.6.1).
  package let contextMembershipsURL: WebURL?
  /// The Basic Outcomes claim, when this launch has one.
  package let basicOutcome: BasicOutcomeEndpoint?
  /// `tool_platform`: which installation of which product sent the launch.
  package let platform: Platform?
  /// `for_user.user_id`: whose submission is to be reviewed (LTI Submission Review 1.0 §4.2).
  package let forUser: Subject?
  /// `deep_linking_settings`: what a deep linking request asks for; nil when it has none with a usable return URL.
  package let deepLinkingSettings: DeepLinkingSettings?

  /// `lti1p1`: how a platform that migrates named the person in LTI 1.1; worth nothing before `isSigned`.
  package let migration: MigrationClaim?

  /// True for teachers, course designers and administrators: see `InstructorRole`.
  package var isInstructor: Bool { InstructorRole.isHeld(in: roles) }

  /// Reads the claims of a token whose signature, audience, times, nonce, deployment and version were checked.
  init(claims: JSONObject, deploymentID: DeploymentID) throws(LaunchRefusal) {
    self.deploymentID = deploymentID
    guard let type = claims.text(Claim.messageType) else { throw .messageTypeMissing }
    guard let messageType = MessageType(rawValue: type) else { throw .messageTypeUnknown }
    self.messageType = messageType
    roles = try Self.roles(claims[Claim.roles])
    resourceLink = claims[Claim.resourceLink]?.objectValue.flatMap(ResourceLink.init)
    if messageType == .resourceLink, resourceLink == nil { throw .resourceLinkMissing }
    guard let target = claims.text(Claim.targetLinkURI) else { throw .targetLinkURIMissing }
    targetLinkURI = target
    guard let subject = claims["sub"]?.stringValue.flatMap(Subject.init) else { throw .subjectMissing }
    self.subject = subject
    context = claims[Claim.context]?.objectValue.flatMap(Context.init)
    presentation = Presentation(claims[Claim.launchPresentation]?.objectValue)
    person = Person(claims, presentation: presentation)
    custom = CustomParameters(claims[Claim.custom]?.objectValue)
    ags = claims[Claim.assignmentAndGradeService]?.objectValue.map(AGSEndpoint.init)
    contextMembershipsURL = claims[Claim.namesRoleService]?.objectValue?.url("context_memberships_url")
    basicOutcome = claims[Claim.basicOutcome]?.objectValue.flatMap(BasicOutcomeEndpoint.init)
    platform = claims[Claim.toolPlatform]?.objectValue.flatMap(Platform.init)
    forUser = claims[Claim.forUser]?.objectValue?["user_id"]?.stringValue.flatMap(Subject.init)
    if messageType == .submissionReview, forUser == nil { throw .forUserMissing }
    deepLinkingSettings = claims[Claim.deepLinkingSettings]?.objectValue.flatMap(DeepLinkingSettings.init)
    migration = MigrationClaim(claims, deploymentID: deploymentID)
  }

  private static func roles(_ claim: JSONValue?) throws(LaunchRefusal) -> [String] {
    switch claim {
    case nil, .null: throw .rolesMissing
    case .array(let values):
      let roles = values.compactMap(\.stringValue)
      guard roles.count == values.count, !roles.contains(where: { $0.utf8.contains(0) }) else { throw .rolesInvalid }
      return roles
    default: throw .rolesInvalid
    }
  }
}

extension LaunchMessage: CustomStringConvertible, CustomReflectable {
  /// Type, deployment and resource link; not the person, nor the return URL, which holds a session key in Moodle.
  package var description: String {
    "\(messageType.rawValue) deployment=\(loggable(deploymentID.value)) resource_link=\(loggable(resourceLink?.id ?? "none"))"
  }

  /// Shows as little as `description`.
  package var customMirror: Mirror { Mirror(self, children: []) }
}

extension JSONObject {
  /// A text that says something: nil when missing, of another type, empty, or holding a NUL.
  func text(_ name: String) -> String? {
    guard let text = self[name]?.stringValue, !text.isEmpty, !text.utf8.contains(0) else { return nil }
    return text
  }

  /// An absolute http or https URL; nil when missing or anything else.
  func url(_ name: String) -> WebURL? { self[name]?.stringValue.flatMap { WebURL($0) } }
}
