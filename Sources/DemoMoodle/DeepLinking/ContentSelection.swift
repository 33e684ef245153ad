import Wire

extension Platform {
  /// contentitem.php: a teacher begins to choose content for an activity (LTI Deep Linking 2.0 §3.1).
  ///
  /// Somebody who may not change the course is turned away by auth.php only.
  func contentItem(_ request: MoodleRequest) -> MoodleResponse {
    var response = MoodleResponse.html("")
    guard let visitor = visitor(request, &response) else { return .redirect(to: wwwroot + "/login/index.php") }
    guard let tool = request.parameter("id").flatMap({ Int($0) }).flatMap({ tool(typeID: $0) }) else {
      return Pages.moodleError("The tool type was not found.", site: configuration.siteName)
    }
    guard request.parameter("course") == String(Course.id) else {
      return Pages.moodleError("Can't find data record in database table course.", site: configuration.siteName)
    }
    // Choosing by LTI 1.1, and a tool that offers no choice, were not observed.
    guard let target = tool.contentSelectionURL, !tool.isLTI11 else {
      return Pages.moodleError("Content selection is not supported by this tool.", site: configuration.siteName)
    }
    let title = ParamText.clean(request.parameter("title") ?? "")
    let launchID = remember(
      .deepLinking(title: title.isEmpty ? tool.name : title, text: request.parameter("text") ?? ""),
      prefix: "ltilaunch_ContentItemSelectionRequest", visitor, tool: tool)
    response.body = Array(
      loginForm(tool, target: target, visitor, hint: "{\"launchid\":\"\(launchID)\"}").utf8)
    return response
  }

  /// The claims of a deep-linking request, in Moodle's order. There is no resource link and no `data`.
  /// - Parameters:
  ///   - person: the teacher.
  ///   - tool: the tool to choose from.
  ///   - nonce: echoed from the authentication request.
  ///   - title: the title of the activity to be.
  ///   - text: its description.
  ///   - sesskey: the session's key, which the return URL carries.
  package func deepLinkingClaims(
    person: Person, tool: Tool, nonce: String, title: String = "", text: String = "", sesskey: String = "0000000000"
  ) -> JSONObject {
    var claims = openingClaims(
      person: person, tool: tool, target: tool.contentSelectionURL ?? tool.baseURL, nonce: nonce)
    claims[Claim.lti + "message_type"] = "LtiDeepLinkingRequest"
    // No activity can say that names are shared: only what is always shared is.
    addIdentity(of: person, name: tool.sendName == .always, email: tool.sendEmail == .always, to: &claims)
    claims[Claim.lti + "launch_presentation"] = ["locale": .string(person.language)]
    addPlatform(to: &claims)
    if tool.mayUseGrades { claims[Claim.ags] = gradeService(tool, lineItem: nil) }
    claims[Claim.lti + "custom"] = .object(custom(person: person, activity: nil, tool: tool))
    if tool.mayReadMembers { claims[Claim.nrps] = memberService(tool) }
    claims[Claim.deepLinkingSettings] = [
      "accept_types": ["ltiResourceLink"], "accept_presentation_document_targets": ["frame", "iframe", "window"],
      "accept_copy_advice": false, "accept_multiple": true, "accept_unsigned": false, "auto_create": false,
      "can_confirm": false,
      "deep_link_return_url": .string(
        wwwroot + "/mod/lti/contentitem_return.php?course=\(Course.id)&id=\(tool.typeID)&sesskey=\(sesskey)"),
      "title": .string(title), "text": .string(text),
    ]
    return claims
  }
}
