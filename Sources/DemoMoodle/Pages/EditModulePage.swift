import Wire

extension Platform {
  /// /course/modedit.php?add=lti&type=ID&course=2: a teacher adds an activity by choosing content from the tool, or by
  /// filling a small form.
  func editModule(_ request: MoodleRequest) -> MoodleResponse {
    var response = MoodleResponse.html("")
    guard let visitor = visitor(request, &response) else { return .redirect(to: wwwroot + "/login/index.php") }
    guard visitor.person.mayEditCourse else { return notPermitted("Manage activities") }
    guard let tool = request.parameter("type").flatMap({ Int($0) }).flatMap({ tool(typeID: $0) }),
      tool.state == .configured
    else { return Pages.moodleError("The tool type was not found.", site: configuration.siteName) }
    guard request.method == "POST" else {
      var frame = frame(request)
      frame.person = visitor.person
      response.body = Array(
        Pages.editModule(tool, sesskey: visitor.session.sesskey, wwwroot: wwwroot, frame: frame).utf8)
      return response
    }
    guard request.postValue("sesskey") == visitor.session.sesskey else { return wrongSesskey() }
    let name = ParamText.clean(request.postValue("name") ?? "")
    let lines = (request.postValue("custom") ?? "").split(whereSeparator: \.isNewline)
    let custom = lines.compactMap { line -> (name: String, value: String)? in
      let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      return parts.count == 2 ? (String(parts[0]), String(parts[1])) : nil
    }
    let added = addNewActivity(
      Activity(
        name: name.isEmpty ? tool.name : name, custom: custom,
        points: request.postValue("points").flatMap(PHPNumber.value).map { max($0, 0) } ?? 100,
        acceptsGrades: tool.mayUseGrades, typeID: tool.typeID))
    return .redirect(to: "/course/view.php?id=\(Course.id)&cm=\(added.cmid)")
  }
}

extension Pages {
  static func editModule(_ tool: Tool, sesskey: String, wwwroot: String, frame: Frame) -> String {
    let here = "/course/modedit.php?add=lti&type=\(tool.typeID)&course=\(Course.id)"
    let title = frame.say("Ajouter une activité : ", "Add an activity: ") + tool.name
    var content = "<h1>\(HTML.text(title))</h1>"
    if tool.contentSelectionURL != nil, !tool.isLTI11 {
      let url = "\(wwwroot)/mod/lti/contentitem.php?id=\(tool.typeID)&course=\(Course.id)"
      content += """
        <section><h2>\(HTML.text(frame.say("Choisir un contenu", "Select content")))</h2>
        <iframe id="contentitem" src="\(HTML.attribute(url))" title="\(HTML.attribute(tool.name))"></iframe></section>
        """
    }
    content += """
      <section><h2>\(HTML.text(frame.say("Ou remplir soi-même", "Or fill it in")))</h2>
      <form action="\(HTML.attribute(here))" method="post" class="fields">
      <input type="hidden" name="sesskey" value="\(sesskey)">
      <label>\(HTML.text(frame.say("Nom", "Name"))) <input name="name" required></label>
      <label>\(HTML.text(frame.say("Note maximale", "Maximum grade"))) <input name="points" value="100" size="5"></label>
      <label>\(HTML.text(frame.say("Paramètres (nom=valeur)", "Custom parameters (name=value)")))
      <textarea name="custom" rows="3" cols="40"></textarea></label>
      <button>\(HTML.text(frame.say("Enregistrer", "Save")))</button></form></section>
      """
    return page(title: title, frame: frame, here: here, content: content)
  }

  /// What a teacher finds under the activity: the tools to add from, and each learner's work.
  static func teaching(_ tools: [Tool], activity: Activity?, learners: [Person], frame: Frame) -> String {
    let add = tools.filter { $0.state == .configured }.map { tool in
      let words =
        tool.contentSelectionURL != nil && !tool.isLTI11
        ? frame.say("Choisir un contenu : ", "Choose content: ") : frame.say("Ajouter : ", "Add: ")
      return "<a class=\"button\" href=\"/course/modedit.php?add=lti&amp;type=\(tool.typeID)&amp;course=\(Course.id)\">"
        + HTML.text(words + tool.name) + "</a>"
    }.joined(separator: " ")
    var content = "<section><h2>\(HTML.text(frame.say("Enseigner", "Teach")))</h2><p>\(add)</p>"
    if let activity {
      let links = learners.map {
        "<li><a href=\"/mod/lti/launch.php?id=\(activity.cmid)&amp;action=gradeReport&amp;user=\($0.id)\" "
          + "target=\"_blank\" rel=\"opener\">\(HTML.text($0.name))</a></li>"
      }.joined()
      content +=
        "<details><summary>\(HTML.text(frame.say("Voir le travail de…", "See the work of…")))</summary>"
        + "<ul>\(links)</ul></details>"
    }
    return content + "</section>"
  }
}
