import Wire

/// What a platform answers to a registration (LTI Dynamic Registration 1.0 §3.6).
package struct RegisteredTool: Equatable, Sendable {
  /// `client_id`: the tool's name at that platform.
  package let clientID: ClientID
  /// `deployment_id`, when the platform made a deployment at once, as Moodle does.
  package let deploymentID: DeploymentID?
  /// The scopes granted; those asked for when the platform does not say.
  package let scopes: [String]

  init?(_ answer: JSONObject, requestedScopes: [String]) {
    guard let clientID = answer["client_id"]?.stringValue.flatMap(ClientID.init) else { return nil }
    self.clientID = clientID
    switch answer[ToolConfiguration.claim]?["deployment_id"] {
    case nil, .null: deploymentID = nil
    case .some(let value):
      guard let deployment = value.identifier(DeploymentID.self) else { return nil }
      deploymentID = deployment
    }
    scopes = answer.words("scope") ?? requestedScopes
    guard !scopes.contains(where: { $0.holdsNUL }) else { return nil }
  }
}

/// The member that holds what is LTI's in a registration.
enum ToolConfiguration {
  static var claim: String { "https://purl.imsglobal.org/spec/lti-tool-configuration" }
}

extension ToolRegistration {
  /// Registers the tool with a platform. In Moodle the tool is then pending until the administrator activates it.
  ///
  /// - Parameters:
  ///   - token: the `registration_token` that came with the configuration's URL, when one did. Moodle burns it with the
  ///     registration, not with a refusal.
  ///   - now: the time that a `Retry-After` date is measured from.
  /// - Throws: `RegistrationFailure`.
  package func register(
    with platform: PlatformConfiguration, token: String?, now: Instant = .now(), send: HTTPSend
  ) throws(RegistrationFailure) -> RegisteredTool {
    var fields = HTTPFields()
    if let token {
      guard let authorization = HTTPFields(bearer: token) else { throw .tokenRefused("not a token") }
      fields = authorization
    }
    fields.set("Content-Type", "application/json")
    fields.set("Accept", "application/json")
    let body = request(for: platform)
    let message = HTTPRequest(
      method: "POST", url: platform.registrationEndpoint, fields: fields, body: body.encodedBytes)
    let response: HTTPResponse
    do { response = try send(message) } catch { throw .transport(error) }
    guard (200..<300).contains(response.status), let answer = (try? JSONValue(parsing: response.body))?.objectValue,
      let tool = RegisteredTool(answer, requestedScopes: body.words("scope") ?? [])
    else { throw RegistrationFailure(response, now: now) }
    return tool
  }
}
