import Wire

extension Platform {
  /// launch.php: a bare form that posts the login initiation to the tool, or, for LTI 1.1, the signed message itself.
  ///
  /// `user=ID` names the person without a session: such a launch is remembered by itself, so that a script may follow
  /// it without cookies. Without either, Moodle still posts by LTI 1.3, with a login hint of 0, and auth.php then fails;
  /// by LTI 1.1 it asks to log in.
  func launch(_ request: MoodleRequest) -> MoodleResponse {
    guard let activity = activity(cmid: request.queryValue("id").flatMap { Int($0) }) else {
      return Pages.moodleError("Invalid course module ID", site: configuration.siteName)
    }
    // What Moodle does about an activity that no tool shows was not observed.
    guard let tool = tool(of: activity) else {
      return Pages.moodleError("The tool type was not found.", site: configuration.siteName)
    }
    // For a review, `user` is whose work is looked at, and the session says who looks.
    let isReview = request.queryValue("action") == "gradeReport"
    var response = MoodleResponse.html("")
    let visitor = visitor(request, mayBeNamed: !isReview, &response)
    if tool.isLTI11 {
      guard let visitor else { return .redirect(to: wwwroot + "/login/index.php") }
      guard visitor.person.mayEnterCourse else {
        return .redirect(to: wwwroot + "/enrol/index.php?id=\(Course.id)")
      }
      response.body =
        launchForm11(person: visitor.person, activity: activity, tool: tool, sesskey: visitor.session.sesskey).body
      return response
    }
    let purpose: Launch.Purpose =
      isReview
      ? .submissionReview(cmid: activity.cmid, of: request.queryValue("user").flatMap { Int($0) })
      : .resourceLink(cmid: activity.cmid)
    let launchID = remember(purpose, prefix: "ltilaunch\(activity.instance)_", visitor, tool: tool)
    response.body = Array(
      loginForm(
        tool, target: activity.toolURL ?? tool.baseURL, visitor,
        hint: "{\"cmid\":\(activity.cmid),\"launchid\":\"\(launchID)\"}"
      ).utf8)
    return response
  }

  /// Keeps what a launch is for, under a new id that auth.php takes once. Without anybody there is nothing to keep.
  func remember(_ purpose: Launch.Purpose, prefix: String, _ visitor: Visitor?, tool: Tool) -> String {
    let id = prefix + String(Int(randomHex(8), radix: 16) ?? 0)
    guard let visitor else { return id }
    let launch = Launch(
      session: visitor.sessionID, user: visitor.person.id, typeID: tool.typeID, purpose: purpose,
      sesskey: visitor.session.sesskey)
    state.withLock { state in
      state.sessions[visitor.sessionID]?.launches[id] = launch
      if visitor.wasNamed { state.cookielessLaunches[id] = launch }
    }
    return id
  }

  /// The login initiation (OpenID Connect Core §4; LTI Security Framework §5.1.1.1) as a form that posts itself.
  func loginForm(_ tool: Tool, target: String, _ visitor: Visitor?, hint: String) -> String {
    let fields: [(String, String)] = [
      ("iss", wwwroot), ("target_link_uri", target), ("login_hint", String(visitor?.person.id ?? 0)),
      ("lti_message_hint", hint), ("client_id", tool.clientID), ("lti_deployment_id", String(tool.typeID)),
    ]
    return Pages.autoForm(
      name: "ltiInitiateLoginForm", encodingAttribute: "encType", action: tool.initiateLoginURL, fields)
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
      Pages.activity(
        activity, person: person, tool: tool(of: activity), wwwroot: wwwroot, frame: self.frame(request)))
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
