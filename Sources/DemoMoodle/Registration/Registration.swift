import JOSE
import Wire

extension Platform {
  /// How long a registration token lives, in seconds.
  static let registrationLife: Int64 = 3600

  /// Begins a registration, as an administrator does who pastes a tool's URL.
  /// - Parameters:
  ///   - toolURL: the registration URL that the tool's side gave.
  ///   - typeID: the tool to update; nil registers a new one.
  /// - Returns: the URL that the tool is opened with, `openid_configuration` and `registration_token` in its query;
  ///   nil for what is no http or https URL, or when OpenSSL cannot sign.
  package func beginRegistration(at toolURL: String, updating typeID: Int? = nil) -> WebURL? {
    let now = now().seconds
    let claims: JSONObject = [
      "sub": .string(typeID.map(String.init) ?? randomClientID()), "scope": typeID == nil ? "reg" : "reg-update",
      "iat": .number(Double(now)), "exp": .number(Double(now + Self.registrationLife)),
    ]
    guard let url = WebURL(toolURL), let token = try? IDTokenFactory(self).token(claims) else { return nil }
    return url.addingQueryItems([
      ("openid_configuration", wwwroot + "/mod/lti/openid-configuration.php"), ("registration_token", token),
    ])
  }

  /// Makes a registered tool usable, as the administrator's click does.
  /// - Returns: false for an unknown type id.
  @discardableResult
  package func activateTool(_ typeID: Int) -> Bool {
    changeTool(typeID: typeID) { $0.state = .configured }
    return tool(typeID: typeID) != nil
  }

  /// openid-registration.php: a tool registers itself, changes its registration (POST) or reads it (GET).
  ///
  /// Refusals are plain words under text/html; a token that does not verify ends on Moodle's error page.
  func registration(_ request: MoodleRequest) -> MoodleResponse {
    let field = request.fields["Authorization"] ?? ""
    do throws(RegistrationRefusal) {
      guard field.hasPrefix("Bearer ") else { throw RegistrationRefusal("missing_registration_token", status: 401) }
      let token = String(field.dropFirst(7))
      let claims: JSONValue
      do {
        try judge(token, keys: JWKSet(keys: [JWK(key.publicKey, kid: keyID)]))
        claims = try JSONValue(parsing: JWS(compact: token).payload)
      } catch {
        let words = (error as? AssertionRefusal)?.words ?? "Wrong number of segments"
        return Pages.moodleError("Exception - \(words)", site: configuration.siteName)
      }
      let tool = try register(request, subject: claims["sub"]?.stringValue ?? "", scope: claims["scope"]?.stringValue)
      return MoodleResponse(
        status: 200, contentType: "application/json; charset=utf-8",
        body: Array(PHPJSON.encode(ToolRegistration.json(tool)).utf8))
    } catch {
      return .html(error.words, status: error.status)
    }
  }

  /// A token for a new tool serves once, and a refused registration does not use it up; one for an update serves until
  /// it expires.
  private func register(
    _ request: MoodleRequest, subject: String, scope: String?
  ) throws(RegistrationRefusal) -> Tool {
    switch scope {
    case "reg":
      let used = RegistrationRefusal("token_already_used", status: 401)
      guard !tools.contains(where: { $0.clientID == subject }) else { throw used }
      var tool = try ToolRegistration.tool(from: payload(request), clientID: subject)
      let id = state.withLock { state -> Int? in
        guard !state.tools.contains(where: { $0.clientID == subject }) else { return nil }
        tool.typeID = (state.tools.map(\.typeID).max() ?? 0) + 1
        state.tools.append(tool)
        return tool.typeID
      }
      guard id != nil else { throw used }
      return tool
    case "reg-update":
      guard let former = Int(subject).flatMap({ tool(typeID: $0) }) else { throw RegistrationRefusal("Unknown client") }
      guard request.method == "POST" else { return former }
      var changed = try ToolRegistration.tool(from: payload(request), clientID: former.clientID)
      changed.typeID = former.typeID
      changed.state = former.state
      changeTool(typeID: former.typeID) { $0 = changed }
      state.withLock { $0.toolKeys[former.typeID] = nil }
      return changed
    default: throw RegistrationRefusal("Incorrect scope", status: 403)
    }
  }

  /// What Moodle does with a body that is no JSON object was not observed.
  private func payload(_ request: MoodleRequest) throws(RegistrationRefusal) -> JSONObject {
    guard let object = (try? JSONValue(parsing: request.body))?.objectValue else {
      throw RegistrationRefusal("missing required attribute response_types")
    }
    return object
  }
}
