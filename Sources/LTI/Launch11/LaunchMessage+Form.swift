import Wire

extension LaunchMessage {
  /// Reads the parameters of an LTI 1.1 launch (LTI 1.1 §3) whose signature and timestamp were checked, as a resource link
  /// launch.
  ///
  /// Optional parameters are read leniently: an empty one, and a URL that is none, count as not sent. Required ones are
  /// not: see `Launch11Refusal`. The Assignment and Grade Services and the Names and Role Provisioning Services, which
  /// Moodle offers to LTI 1.1 tools in custom parameters, are not used there.
  init(form: Launch11Form, consumerKey: ConsumerKey, launchURL: WebURL) throws(Launch11Refusal) {
    if let repeated = form.repeated { throw .messageParameterDuplicate(repeated.rawValue) }
    guard let type = form.value(.messageType), !type.isEmpty else { throw .messageTypeMissing }
    guard sameBytes(type, "basic-lti-launch-request") else { throw .messageTypeUnknown }
    guard let version = form.value(.version), sameBytes(version, "LTI-1p0") else { throw .versionUnsupported }
    guard let resourceLink = form.resourceLink else { throw .resourceLinkMissing }
    self.resourceLink = resourceLink
    guard let subject = form.value(.userID).flatMap(Subject.init) else { throw .userMissing }
    self.subject = subject
    messageType = .resourceLink
    deploymentID = DeploymentID(standingInFor: consumerKey)
    targetLinkURI = launchURL.description
    roles = form.roles
    context = form.context
    person = form.person
    presentation = form.presentation
    custom = form.custom
    basicOutcome = form.basicOutcome
    platform = form.platform
    ags = nil
    contextMembershipsURL = nil
    forUser = nil
    deepLinkingSettings = nil
    migration = nil
  }
}

extension DeploymentID {
  /// LTI 1.1 names no deployment: the consumer key, which is an identifier of the same kind, stands in its place.
  fileprivate init(standingInFor consumerKey: ConsumerKey) { value = consumerKey.value }
}
