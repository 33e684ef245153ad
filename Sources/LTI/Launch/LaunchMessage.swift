import Wire

/// A proven message, in either version of LTI: what the platform says about the person, the place and the services of
/// this launch. The names are those of LTI 1.3; `Launch11Form` has those of LTI 1.1.
///
/// What is optional is read leniently: an empty text, a text with a NUL (which PostgreSQL cannot hold), a URL that is none
/// or a claim of the wrong JSON type counts as not sent. What is required is not: see `LaunchRefusal` and
/// `Launch11Refusal`.
package struct LaunchMessage: Equatable, Sendable {
  /// Which message it is; in LTI 1.1 always a resource link launch.
  package let messageType: MessageType
  /// `sub`: the person at this platform. In Moodle the same number in both versions.
  package let subject: Subject
  /// `deployment_id`: through which installation of the tool the launch came. LTI 1.1 names none; the consumer key stands in
  /// its place.
  package let deploymentID: DeploymentID
  /// `target_link_uri`: where the launch is meant to end. In LTI 1.1 the URL that was launched, query included.
  package let targetLinkURI: String
  /// `roles`: as sent, in the platform's order; short names, URNs or URIs. May be empty.
  package let roles: [String]
  /// `resource_link`: always there in a resource link launch, usually in a submission review, never in deep linking. In
  /// Moodle the same number in both versions.
  package let resourceLink: ResourceLink?
  /// `context`: the course, when the platform names one.
  package let context: Context?
  /// The person's particulars, as far as the platform shares them.
  package let person: Person
  /// `launch_presentation`: how the launch is shown.
  package let presentation: Presentation
  /// `custom`: the parameters that the activity and the tool's registration add.
  package let custom: CustomParameters
  /// The Assignment and Grade Services endpoint, when this launch has one (AGS 2.0 §3.1). Never in LTI 1.1, whose grades go
  /// through Basic Outcomes.
  package let ags: AGSEndpoint?
  /// `context_memberships_url` of the Names and Role Provisioning Services (NRPS 2.0 §3.6.1). Never in LTI 1.1.
  package let contextMembershipsURL: WebURL?
  /// The Basic Outcomes service, when this launch has one.
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
}

extension LaunchMessage: CustomStringConvertible, CustomReflectable {
  /// Type, deployment and resource link; not the person, nor the return URL, which holds a session key in Moodle.
  package var description: String {
    "\(messageType.rawValue) deployment=\(loggable(deploymentID.value)) resource_link=\(loggable(resourceLink?.id ?? "none"))"
  }

  /// Shows as little as `description`.
  package var customMirror: Mirror { Mirror(self, children: []) }
}
