import Wire

extension Platform {
  /// The administrator at the browser, or the page that turns somebody else away.
  private func administrator(
    _ request: MoodleRequest, _ response: inout MoodleResponse
  ) -> (visitor: Visitor?, refusal: MoodleResponse) {
    guard let visitor = visitor(request, &response) else { return (nil, .redirect(to: wwwroot + "/login/index.php")) }
    guard visitor.person.role == .administrator else { return (nil, notPermitted("Change site configuration")) }
    return (visitor, response)
  }

  /// startltiadvregistration.php?url=URL&sesskey=KEY[&type=ID]: sends the frame it stands in to the tool, or asks first
  /// which tool is meant when one of the same domain is there.
  ///
  /// Without a session key, which Moodle refuses, it leads to the page that shows the frame.
  func startRegistration(_ request: MoodleRequest) -> MoodleResponse {
    var response = MoodleResponse.html("")
    let (visitor, refusal) = administrator(request, &response)
    guard let visitor else { return refusal }
    guard let url = request.queryValue("url"), WebURL(url) != nil else {
      return Pages.moodleError("A required parameter (url) was missing", site: configuration.siteName)
    }
    guard let sesskey = request.queryValue("sesskey") else {
      response.status = 303
      response.fields.append("Location", "/mod/lti/toolconfigure.php?" + FormURLEncoded.encode([("url", url)]))
      return response
    }
    guard sesskey == visitor.session.sesskey else { return wrongSesskey() }
    let type = request.queryValue("type").flatMap { Int($0) }
    let alike = tools.filter { Tool.domain(of: $0.baseURL) == Tool.domain(of: url) }
    if type == nil, !alike.isEmpty {
      response.body = Array(
        Pages.registrationChoice(alike, url: url, sesskey: sesskey, frame: frame(request)).utf8)
      return response
    }
    let updated = type == 0 ? nil : type
    guard updated == nil || updated.flatMap({ tool(typeID: $0) }) != nil,
      let target = beginRegistration(at: url, updating: updated)
    else { return Pages.moodleError("The tool type was not found.", site: configuration.siteName) }
    return MoodleResponse(
      status: 302, contentType: "text/html; charset=utf-8", fields: [("Location", target.description)])
  }

  /// Moodle's page for a form that another session made.
  func wrongSesskey() -> MoodleResponse {
    Pages.moodleError("Your session has most likely timed out. Please log in again.", site: configuration.siteName)
  }

  /// toolconfigure.php[?url=URL]: the administrator's page. With a URL it shows the tool's registration page in a frame
  /// until that says `org.imsglobal.lti.close`; a POST with `action=activate` makes a pending tool usable.
  func configureTools(_ request: MoodleRequest) -> MoodleResponse {
    var response = MoodleResponse.html("")
    let (visitor, refusal) = administrator(request, &response)
    guard let visitor else { return refusal }
    if request.method == "POST" {
      guard request.postValue("sesskey") == visitor.session.sesskey else { return wrongSesskey() }
      guard request.postValue("action") == "activate",
        let id = request.postValue("id").flatMap({ Int($0) }), activateTool(id)
      else { return Pages.moodleError("The tool type was not found.", site: configuration.siteName) }
      return .redirect(to: "/mod/lti/toolconfigure.php")
    }
    var frame = frame(request)
    frame.person = visitor.person
    response.body = Array(
      Pages.toolConfiguration(
        tools, opening: request.queryValue("url"), sesskey: visitor.session.sesskey, wwwroot: wwwroot, frame: frame
      ).utf8)
    return response
  }
}

extension Pages {
  /// Which of the tools of the same domain is to be updated, or none.
  static func registrationChoice(_ tools: [Tool], url: String, sesskey: String, frame: Frame) -> String {
    let start = "/mod/lti/startltiadvregistration.php?" + FormURLEncoded.encode([("url", url), ("sesskey", sesskey)])
    func link(_ type: Int, _ words: String) -> String {
      "<li><a href=\"\(HTML.attribute(start + "&type=\(type)"))\">\(HTML.text(words))</a></li>"
    }
    let question = frame.say(
      "Mettre à jour un outil déjà installé, ou en créer un nouveau ?",
      "Do you want to update an already installed external tool or create a new external tool?")
    return """
      <!DOCTYPE html>
      <html lang="\(frame.language.rawValue)"><head><meta charset="utf-8"><title>\(HTML.text(question))</title>
      <style>\(style)</style></head><body><main><h1>\(HTML.text(question))</h1><ul>
      \(tools.map { link($0.typeID, frame.say("Mettre à jour ", "Update ") + $0.name) }.joined(separator: "\n"))
      \(link(0, frame.say("Nouvel outil", "Register as a new external tool")))
      </ul></main></body></html>
      """
  }

  static func toolConfiguration(
    _ tools: [Tool], opening url: String?, sesskey: String, wwwroot: String, frame: Frame
  ) -> String {
    let title = frame.say("Gérer les outils", "Manage tools")
    var content = """
      <h1>\(HTML.text(title))</h1>
      <section><form action="/mod/lti/toolconfigure.php" method="get">
      <label>\(HTML.text(frame.say("URL de l’outil", "Tool URL")))
      <input type="url" name="url" size="60" required></label>
      <button>\(HTML.text(frame.say("Ajouter LTI Advantage", "Add LTI Advantage")))</button></form></section>
      """
    if let url {
      let start = "/mod/lti/startltiadvregistration.php?" + FormURLEncoded.encode([("url", url), ("sesskey", sesskey)])
      content += """
        <section><iframe id="registration" src="\(HTML.attribute(start))" \
        title="\(HTML.attribute(frame.say("Inscription de l’outil", "Tool registration")))"></iframe></section>
        <script>\(closing)</script>
        """
    }
    content += tools.map { card($0, sesskey: sesskey, wwwroot: wwwroot, frame: frame) }.joined(separator: "\n")
    return page(title: title, frame: frame, here: "/mod/lti/toolconfigure.php?", content: content)
  }

  /// Moodle looks at nothing but the subject: neither at the origin nor at the frame that speaks.
  private static let closing = """
    window.addEventListener("message", event => {
      if (event.data && event.data.subject === "org.imsglobal.lti.close") {
        document.getElementById("registration").remove();
        location.href = "/mod/lti/toolconfigure.php";
      }
    });
    """

  private static func card(_ tool: Tool, sesskey: String, wwwroot: String, frame: Frame) -> String {
    let rows: [(String, String)] =
      tool.isLTI11
      ? [("LTI", "1.1"), (frame.say("Clé", "Consumer key"), tool.sharedSecret?.key ?? "")]
      : [
        ("LTI", "1.3"), (frame.say("Émetteur", "Platform ID"), wwwroot),
        (frame.say("Identifiant client", "Client ID"), tool.clientID),
        (frame.say("Identifiant de déploiement", "Deployment ID"), String(tool.typeID)),
      ]
    let details = (rows + [("URL", tool.baseURL)])
      .map { "<tr><th scope=\"row\">\(HTML.text($0.0))</th><td>\(HTML.text($0.1))</td></tr>" }.joined()
    var status = "<span class=\"state\">\(HTML.text(frame.say("Actif", "Active")))</span>"
    if tool.state == .pending {
      status = """
        <span class="state">\(HTML.text(frame.say("En attente", "Pending")))</span>
        <form action="/mod/lti/toolconfigure.php" method="post"><input type="hidden" name="action" value="activate">\
        <input type="hidden" name="id" value="\(tool.typeID)"><input type="hidden" name="sesskey" value="\(sesskey)">\
        <button>\(HTML.text(frame.say("Activer", "Activate")))</button></form>
        """
    }
    return """
      <section class="tool" data-type="\(tool.typeID)"><h2>\(HTML.text(tool.name))</h2><p>\(HTML.text(tool.summary))</p>
      \(status)<table>\(details)</table></section>
      """
  }
}
