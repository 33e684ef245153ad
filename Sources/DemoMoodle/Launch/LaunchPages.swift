import Wire

extension Platform {
  /// launch.php: a bare form that posts the login initiation to the tool.
  ///
  /// `user=ID` names the person without a session: such a launch is remembered by itself, so that a script may follow
  /// it without cookies. Without either, Moodle still posts, with a login hint of 0, and auth.php then fails.
  func launch(_ request: MoodleRequest) -> MoodleResponse {
    guard let activity = activity(cmid: request.queryValue("id").flatMap { Int($0) }) else {
      return Pages.moodleError("Invalid course module ID", site: configuration.siteName)
    }
    // For a review, `user` is whose work is looked at, and the session says who looks.
    let isReview = request.queryValue("action") == "gradeReport"
    let queried = isReview ? nil : queriedPerson(request)
    let tool = state.withLock { $0.tool }
    var response = MoodleResponse.html("")
    var sessionID = request.cookie(Self.sessionCookie).flatMap { id in
      state.withLock { $0.sessions[id] == nil ? nil : id }
    }
    if let queried, sessionPerson(request) != queried { sessionID = openSession(for: queried, in: &response) }
    let launchID = "ltilaunch\(activity.instance)_\(Int(randomHex(8), radix: 16) ?? 0)"
    let person = queried ?? sessionPerson(request)
    state.withLock { state in
      guard let sessionID, let session = state.sessions[sessionID], let person else { return }
      let launch = Launch(
        session: sessionID, user: person.id, cmid: activity.cmid,
        messageType: isReview ? "LtiSubmissionReviewRequest" : "LtiResourceLinkRequest",
        forUser: isReview ? request.queryValue("user").flatMap { Int($0) } : nil, sesskey: session.sesskey)
      state.sessions[sessionID]?.launches[launchID] = launch
      if queried != nil { state.cookielessLaunches[launchID] = launch }
    }
    let fields: [(String, String)] = [
      ("iss", wwwroot), ("target_link_uri", activity.toolURL ?? tool.baseURL),
      ("login_hint", String(person?.id ?? 0)),
      ("lti_message_hint", "{\"cmid\":\(activity.cmid),\"launchid\":\"\(launchID)\"}"),
      ("client_id", tool.clientID), ("lti_deployment_id", String(tool.typeID)),
    ]
    response.body = Array(
      Pages.autoForm(name: "ltiInitiateLoginForm", encodingAttribute: "encType", action: tool.initiateLoginURL, fields)
        .utf8)
    return response
  }

  /// view.php: asks to log in, marks the activity as viewed, and shows the tool in a frame or a new window.
  func view(_ request: MoodleRequest) -> MoodleResponse {
    guard let activity = activity(cmid: request.queryValue("id").flatMap { Int($0) }) else {
      return Pages.moodleError("Invalid course module ID", site: configuration.siteName)
    }
    let queried = queriedPerson(request)
    guard let person = queried ?? sessionPerson(request) else { return .redirect(to: wwwroot + "/login/index.php") }
    guard person.mayEnterCourse else { return .redirect(to: wwwroot + "/enrol/index.php?id=\(Course.id)") }
    state.withLock { _ = $0.viewed.insert(Viewing(user: person.id, cmid: activity.cmid)) }
    var response = MoodleResponse.html(
      Pages.activity(activity, person: person, tool: tool, wwwroot: wwwroot, frame: self.frame(request)))
    if queried != nil, sessionPerson(request) != queried { _ = openSession(for: person, in: &response) }
    return response
  }

  /// return.php: a tool sends people here, with a message or not; without a session it asks to log in.
  func returnFromTool(_ request: MoodleRequest) -> MoodleResponse {
    guard sessionPerson(request) != nil else { return .redirect(to: wwwroot + "/login/index.php") }
    let error = request.queryValue("lti_errormsg").map(ParamText.clean)
    let message = request.queryValue("lti_msg").map(ParamText.clean)
    return .html(Pages.returned(error: error, message: message, wwwroot: wwwroot, frame: frame(request)))
  }
}
