import Wire

extension LaunchMessage {
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
      guard roles.count == values.count, !roles.contains(where: { $0.holdsNUL }) else { throw .rolesInvalid }
      return roles
    default: throw .rolesInvalid
    }
  }
}
