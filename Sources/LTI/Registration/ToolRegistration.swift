import Wire

/// What the tool says of itself when it registers (LTI Dynamic Registration 1.0 §3.5).
package struct ToolRegistration: Sendable {
  /// A text with its translations, as `name` and `name#fr` (OpenID Connect Registration §2.1).
  package struct LocalizedText: Sendable {
    /// The text for everybody else.
    package var text: String
    /// Language tags (BCP 47) and the text in that language.
    package var translations: [(language: String, text: String)]

    /// A text with its translations.
    package init(_ text: String, translations: [(language: String, text: String)] = []) {
      self.text = text
      self.translations = translations
    }

    func put(_ name: String, into object: inout JSONObject) {
      object[name] = .string(text)
      for (language, text) in translations { object["\(name)#\(language)"] = .string(text) }
    }
  }

  /// `client_name`: what the administrator sees in the list of tools.
  package var name: LocalizedText
  /// The tool configuration's `description`.
  package var summary: LocalizedText
  /// `initiate_login_uri`.
  package var initiateLoginURI: WebURL
  /// `redirect_uris`: compared exactly by the platform.
  package var redirectURIs: [WebURL]
  /// `jwks_uri`: the tool's key set.
  package var keySetURL: WebURL
  /// `logo_uri`: the icon, when there is one.
  package var logoURI: WebURL?
  /// `target_link_uri` of resource link launches. Its host and port are the tool's `domain`, which Moodle compares.
  package var targetLinkURI: WebURL
  /// `target_link_uri` of deep linking requests, and what the button says.
  package var deepLinking: (targetLinkURI: WebURL, label: LocalizedText)
  /// `custom_parameters` that come with each launch.
  package var customParameters: [(name: String, value: String)]

  /// Gathers the registration.
  package init(
    name: LocalizedText, summary: LocalizedText, initiateLoginURI: WebURL, redirectURIs: [WebURL], keySetURL: WebURL,
    logoURI: WebURL?, targetLinkURI: WebURL, deepLinking: (targetLinkURI: WebURL, label: LocalizedText),
    customParameters: [(name: String, value: String)]
  ) {
    self.name = name
    self.summary = summary
    self.initiateLoginURI = initiateLoginURI
    self.redirectURIs = redirectURIs
    self.keySetURL = keySetURL
    self.logoURI = logoURI
    self.targetLinkURI = targetLinkURI
    self.deepLinking = deepLinking
    self.customParameters = customParameters
  }

  /// The scopes that this tool uses: line items, scores and results, names and roles, Basic Outcomes.
  package static var scopes: [String] {
    [
      AGSScope.lineItem, AGSScope.lineItemReadOnly, AGSScope.resultReadOnly, AGSScope.score, NRPS.scope,
      BasicOutcomes.scope,
    ]
  }

  /// The registration as the platform is sent it: what its configuration does not offer is not asked for.
  package func request(for platform: PlatformConfiguration) -> JSONObject {
    let scopes = Self.scopes.filter { platform.scopes?.contains($0) ?? true }
    var request: JSONObject = [
      "application_type": "web",
      "response_types": ["id_token"],
      "grant_types": ["implicit", "client_credentials"],
      "initiate_login_uri": .string(initiateLoginURI.description),
      "redirect_uris": .array(redirectURIs.map { .string($0.description) }),
    ]
    name.put("client_name", into: &request)
    request["jwks_uri"] = .string(keySetURL.description)
    request["logo_uri"] = logoURI.map { .string($0.description) }
    request["token_endpoint_auth_method"] = "private_key_jwt"
    request["scope"] = .string(scopes.joined(separator: " "))
    request[ToolConfiguration.claim] = .object(toolConfiguration(for: platform))
    return request
  }

  private func toolConfiguration(for platform: PlatformConfiguration) -> JSONObject {
    var messages: [JSONValue] = [
      [
        "type": .string(MessageType.resourceLink.rawValue), "target_link_uri": .string(targetLinkURI.description),
      ]
    ]
    if platform.messageTypes?.contains(MessageType.deepLinking.rawValue) ?? true {
      var message: JSONObject = [
        "type": .string(MessageType.deepLinking.rawValue),
        "target_link_uri": .string(deepLinking.targetLinkURI.description),
      ]
      deepLinking.label.put("label", into: &message)
      message["placements"] = ["ContentArea"]
      messages.append(.object(message))
    }
    var configuration: JSONObject = ["domain": .string(targetLinkURI.authority)]
    summary.put("description", into: &configuration)
    configuration["target_link_uri"] = .string(targetLinkURI.description)
    configuration["custom_parameters"] = .object(
      JSONObject(customParameters.map { ($0.name, .string($0.value)) }))
    configuration["claims"] = ["iss", "sub", "name", "given_name", "family_name", "email"]
    configuration["messages"] = .array(messages)
    return configuration
  }
}
