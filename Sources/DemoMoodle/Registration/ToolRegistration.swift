import Wire

/// A refused registration: plain text with this status.
struct RegistrationRefusal: Error {
  var status: Int
  var words: String

  init(_ words: String, status: Int = 400) {
    self.words = words
    self.status = status
  }
}

/// A client registration (OpenID Connect Dynamic Client Registration 1.0, LTI Dynamic Registration 1.0) as Moodle reads
/// it and writes it back.
enum ToolRegistration {
  static let configuration = "https://purl.imsglobal.org/spec/lti-tool-configuration"

  /// The tool that a registration describes, still without a type id.
  static func tool(from payload: JSONObject, clientID: String) throws(RegistrationRefusal) -> Tool {
    let responseTypes = try required("response_types", in: payload)
    let initiateLogin = try requiredText("initiate_login_uri", in: payload)
    let redirectURIs = try required("redirect_uris", in: payload)
    let name = try requiredText("client_name", in: payload)
    let keyset = try requiredText("jwks_uri", in: payload)
    let method = try requiredText("token_endpoint_auth_method", in: payload)
    let settings = try required(configuration, in: payload)

    guard let domain = text(settings["domain"]) else { throw RegistrationRefusal("missing_domain") }
    let target = text(settings["target_link_uri"]) ?? "https://\(domain)"
    let stated = Tool.domain(of: domain.contains("://") ? domain : "http://\(domain)")
    guard stated != nil, stated == Tool.domain(of: target) else {
      throw RegistrationRefusal("domain_targetlinkuri_mismatch")
    }
    guard responseTypes.arrayValue?.contains("id_token") == true else {
      throw RegistrationRefusal("invalid_response_types")
    }
    guard let redirects = redirectURIs.arrayValue else { throw RegistrationRefusal("invalid_redirect_uris") }
    guard method == "private_key_jwt" else { throw RegistrationRefusal("invalid_token_endpoint_auth_method") }
    guard ["", "web"].contains(text(payload["application_type"]) ?? "") else {
      throw RegistrationRefusal("invalid_application_type")
    }

    var tool = Tool(
      typeID: 0, name: name, clientID: clientID, baseURL: target, initiateLoginURL: initiateLogin,
      redirectURIs: redirects.compactMap(\.stringValue), keysetURL: keyset)
    tool.summary = text(settings["description"]) ?? ""
    tool.logoURL = text(payload["logo_uri"]) ?? ""
    tool.customParameters = (settings["custom_parameters"]?.objectValue?.members ?? []).map {
      "\($0.key)=\($0.value.stringValue ?? $0.value.encoded)"
    }
    for message in settings["messages"]?.arrayValue ?? [] where message["type"] == "LtiDeepLinkingRequest" {
      tool.contentSelectionURL = text(message["target_link_uri"]) ?? target
    }
    let scopes = (payload["scope"]?.stringValue ?? "").split(separator: " ").map(String.init)
    tool.mayUseGrades = scopes.contains { Scope.grades.contains($0) }
    tool.mayManageColumns = scopes.contains(Scope.lineItem)
    tool.mayReadMembers = scopes.contains(Scope.members)
    let claims = (settings["claims"]?.arrayValue ?? []).compactMap(\.stringValue)
    tool.sendName = claims.contains { ["name", "given_name", "family_name"].contains($0) } ? .always : .never
    tool.sendEmail = claims.contains("email") ? .always : .never
    tool.state = .pending
    return tool
  }

  /// What Moodle answers: of the messages only deep linking, `lineitem` with any grade scope, the value of a custom
  /// parameter up to its first `=`.
  static func json(_ tool: Tool) -> JSONValue {
    let scopes =
      (tool.mayUseGrades ? [Scope.score, Scope.result, Scope.lineItemReadOnly, Scope.lineItem] : [])
      + (tool.mayReadMembers ? [Scope.members] : [])
    var settings: JSONObject = [
      "version": "1.3.0", "deployment_id": .string(String(tool.typeID)), "target_link_uri": .string(tool.baseURL),
      "domain": .string(Tool.domain(of: tool.baseURL) ?? ""), "description": .string(tool.summary),
    ]
    if let url = tool.contentSelectionURL {
      settings["messages"] = [["type": "LtiDeepLinkingRequest", "target_link_uri": .string(url)]]
    }
    if !tool.customParameters.isEmpty {
      settings["custom_parameters"] = .object(
        JSONObject(
          tool.customParameters.map { line in
            let parts = line.split(separator: "=", omittingEmptySubsequences: false)
            return (String(parts[0]), .string(parts.count > 1 ? String(parts[1]) : ""))
          }))
    }
    var claims: [JSONValue] = ["sub", "iss"]
    if tool.sendName != .never { claims += ["name", "family_name", "given_name"] }
    if tool.sendEmail != .never { claims.append("email") }
    settings["claims"] = .array(claims)
    return .object(
      JSONObject([
        ("client_id", .string(tool.clientID)), ("response_types", ["id_token"]),
        ("jwks_uri", .string(tool.keysetURL)), ("initiate_login_uri", .string(tool.initiateLoginURL)),
        ("grant_types", ["client_credentials", "implicit"]),
        ("redirect_uris", .array(tool.redirectURIs.map(JSONValue.string))), ("application_type", "web"),
        ("token_endpoint_auth_method", "private_key_jwt"), ("client_name", .string(tool.name)),
        ("logo_uri", .string(tool.logoURL)), ("scope", .string(scopes.joined(separator: " "))),
        (configuration, .object(settings)),
      ]))
  }

  /// PHP's `empty`: what is absent, null, empty or zero counts as missing.
  private static func required(_ name: String, in payload: JSONObject) throws(RegistrationRefusal) -> JSONValue {
    let missing: [JSONValue] = [.null, .bool(false), "", "0", [], 0, [:]]
    guard let value = payload[name], !missing.contains(value) else {
      throw RegistrationRefusal("missing required attribute \(name)")
    }
    return value
  }

  private static func requiredText(_ name: String, in payload: JSONObject) throws(RegistrationRefusal) -> String {
    text(try required(name, in: payload)) ?? ""
  }

  private static func text(_ json: JSONValue?) -> String? {
    guard let text = json?.stringValue.map(ParamText.clean), !text.isEmpty else { return nil }
    return text
  }
}
