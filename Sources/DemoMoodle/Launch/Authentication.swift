import JOSE
import Wire

extension Platform {
  /// auth.php, the OIDC authentication endpoint.
  ///
  /// Errors come in two families: what goes wrong before the redirect URI is trusted is Moodle's own 404 page, which
  /// the tool never sees; the rest is posted to the tool as `error`.
  func authenticate(_ request: MoodleRequest) -> MoodleResponse {
    func text(_ name: String) -> String { ParamText.clean(request.parameter(name) ?? "") }
    let launchID = (try? JSONValue(parsing: text("lti_message_hint")))?["launchid"]?.stringValue
    let cookieless = launchID.flatMap { id in state.withLock { $0.cookielessLaunches[id] } }
    let signedIn = sessionPerson(request) ?? cookieless.flatMap { person($0.user) }
    if signedIn == nil, request.postValue("repost") == nil {
      return repost(request)
    }
    let invalid = Pages.moodleError("Invalid request", site: configuration.siteName)
    guard text("scope") == "openid", text("response_type") == "id_token", !text("client_id").isEmpty,
      !text("redirect_uri").isEmpty, !text("login_hint").isEmpty, !text("nonce").isEmpty, let launchID
    else { return invalid }
    guard let launch = takeLaunch(launchID, request: request) else { return invalid }
    guard let tool = tool(typeID: launch.typeID) else { return invalid }
    let redirectURI = text("redirect_uri")
    guard tool.redirectURIs.contains(redirectURI) else { return invalid }

    var error: (code: String, description: String?)?
    if text("client_id") != tool.clientID {
      error = ("unauthorized_client", nil)
    } else if text("login_hint") != String(launch.user) || signedIn?.id != launch.user {
      error = ("access_denied", nil)
    } else if text("response_mode") != "form_post" {
      error = ("invalid_request", "Invalid response_mode")
    } else if !text("prompt").isEmpty, text("prompt") != "none" {
      error = ("invalid_request", "Invalid prompt")
    }
    var fields: [(String, String)] = []
    if let error {
      fields.append(("error", error.code))
      if let description = error.description { fields.append(("error_description", description)) }
    } else {
      guard let person = person(launch.user) else { return invalid }
      guard person.mayEnterCourse else { return .redirect(to: wwwroot + "/enrol/index.php?id=\(Course.id)") }
      guard let claims = claims(of: launch, person: person, tool: tool, nonce: text("nonce")) else {
        return launch.isDeepLinking ? notPermitted("Manage activities") : invalid
      }
      guard let token = try? IDTokenFactory(self).token(claims) else {
        return MoodleResponse(status: 500, contentType: "text/html; charset=utf-8")
      }
      fields.append(("id_token", token))
    }
    fields.append(("state", text("state")))
    return .html(
      Pages.autoForm(name: "ltiAuthForm", encodingAttribute: "enctype", action: redirectURI, fields))
  }

  /// The message that a launch ends in; nil when its activity is gone, or its person may not choose content.
  private func claims(of launch: Launch, person: Person, tool: Tool, nonce: String) -> JSONObject? {
    switch launch.purpose {
    case .resourceLink(let cmid):
      activity(cmid: cmid).map {
        launchClaims(person: person, activity: $0, nonce: nonce, sesskey: launch.sesskey)
      }
    case .submissionReview(let cmid, let user):
      activity(cmid: cmid).map {
        launchClaims(
          person: person, activity: $0, nonce: nonce, messageType: "LtiSubmissionReviewRequest", forUser: user,
          sesskey: launch.sesskey)
      }
    case .deepLinking(let title, let text):
      person.mayEditCourse
        ? deepLinkingClaims(
          person: person, tool: tool, nonce: nonce, title: title, text: text, sesskey: launch.sesskey) : nil
    }
  }

  /// A launch id serves once, and only in the session that began it.
  private func takeLaunch(_ id: String, request: MoodleRequest) -> Launch? {
    let session = request.cookie(Self.sessionCookie)
    return state.withLock { state in
      let ofSession = session.flatMap { state.sessions[$0]?.launches[id] }
      guard let launch = ofSession ?? state.cookielessLaunches[id] else { return nil }
      state.cookielessLaunches[id] = nil
      state.sessions[launch.session]?.launches[id] = nil
      return launch
    }
  }
}
