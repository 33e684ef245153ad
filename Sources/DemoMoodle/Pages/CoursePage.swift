import Wire

extension Platform {
  /// Language and person of a page: `lang=` and `user=` in the query, else Accept-Language and the session.
  func frame(_ request: MoodleRequest) -> Pages.Frame {
    let chosen = request.queryValue("lang").flatMap { Language(tag: $0) }
    return Pages.Frame(
      language: chosen ?? Language(acceptLanguage: request.fields["Accept-Language"]),
      siteName: configuration.siteName, person: queriedPerson(request) ?? sessionPerson(request),
      people: state.withLock { $0.people }, languageIsChosen: chosen != nil)
  }

  /// The front page leads to the only course.
  func front(_ request: MoodleRequest) -> MoodleResponse {
    .redirect(to: wwwroot + "/course/view.php?id=\(Course.id)")
  }

  /// Course pages set the session of the person that `user=` names.
  func page(_ request: MoodleRequest, _ html: String) -> MoodleResponse {
    var response = MoodleResponse.html(html)
    if let person = queriedPerson(request), person != sessionPerson(request) {
      _ = openSession(for: person, in: &response)
    }
    return response
  }

  /// /course/view.php?id=2[&cm=CMID][&user=ID][&lang=fr|en]: the activity in its frame, and the gradebook.
  ///
  /// Unlike Moodle's, it asks nobody to log in.
  func course(_ request: MoodleRequest) -> MoodleResponse {
    guard request.queryValue("id") == String(Course.id) else {
      return Pages.moodleError("Can't find data record in database table course.", site: configuration.siteName)
    }
    let frame = frame(request)
    let activities = self.activities.filter { !$0.isHidden || frame.person?.role != .student }
    let chosen = activities.first { String($0.cmid) == request.queryValue("cm") } ?? activities.first
    var content = "<h1>\(HTML.text(Course.fullName))</h1>"
    let page = textPageItem(frame)
    if activities.count > 1 || page != nil {
      let items =
        activities.map {
          Pages.activityItem(
            $0, isLTI11: tool(of: $0)?.isLTI11 == true, isChosen: $0.cmid == chosen?.cmid, frame: frame)
        } + [page].compactMap { $0 }
      content += "<ul class=\"activities\">\(items.joined(separator: "\n"))</ul>"
    }
    if let chosen {
      content += "<section><h2>\(HTML.text(chosen.name))</h2>"
      if frame.person == nil {
        content += "<p>\(frame.say("Choisissez qui vous êtes, ci-dessus.", "Choose who you are, above."))</p>"
      } else {
        content +=
          "<p><a href=\"/mod/lti/launch.php?id=\(chosen.cmid)\" target=\"_blank\" rel=\"opener\">"
          + frame.say("Ouvrir dans une nouvelle fenêtre", "Open in a new window") + "</a> · "
          + "<a href=\"/mod/lti/view.php?id=\(chosen.cmid)\">"
          + frame.say("La page de l’activité", "The activity’s own page") + "</a></p>"
          + Pages.toolFrame(chosen, tool: tool(of: chosen), wwwroot: wwwroot)
      }
      content += "</section>"
    }
    if frame.person?.mayEditCourse == true {
      let learners = state.withLock { $0.people.filter(\.isGradable) }
      // Somebody's work is looked at by LTI 1.3 only.
      let reviewable = chosen.flatMap { tool(of: $0)?.isLTI11 == false ? $0 : nil }
      content += Pages.teaching(tools, activity: reviewable, learners: learners, frame: frame)
    }
    if frame.person?.role == .administrator {
      content +=
        "<p><a href=\"/mod/lti/toolconfigure.php\">" + HTML.text(frame.say("Gérer les outils", "Manage tools"))
        + "</a></p>"
    }
    content += Pages.gradebookSection(gradebook(), frame: frame)
    let here = "/course/view.php?id=\(Course.id)" + (chosen.map { "&cm=\($0.cmid)" } ?? "")
    return self.page(request, Pages.page(title: Course.fullName, frame: frame, here: here, content: content))
  }

  /// The gradebook alone.
  func gradebookPage(_ request: MoodleRequest) -> MoodleResponse {
    let frame = frame(request)
    return page(
      request,
      Pages.page(
        title: frame.say("Carnet de notes", "Gradebook"), frame: frame,
        here: "/grade/report/grader/index.php?id=\(Course.id)",
        content: Pages.gradebookSection(gradebook(), frame: frame)))
  }

  /// Where somebody who is not enrolled ends.
  func enrol(_ request: MoodleRequest) -> MoodleResponse {
    let frame = frame(request)
    let words = frame.say(
      "Vous ne pouvez pas vous inscrire vous-même à ce cours.", "You cannot enrol yourself in this course.")
    return page(
      request,
      Pages.page(
        title: frame.say("Inscription", "Enrolment"), frame: frame, here: "/course/view.php?id=\(Course.id)",
        content: "<p class=\"errormessage\">\(words)</p>"))
  }

  /// Logging in is choosing somebody.
  func login(_ request: MoodleRequest) -> MoodleResponse {
    let frame = frame(request)
    let words = frame.say(
      "Pas de mot de passe ici : choisissez qui vous êtes, ci-dessus.", "No password here: choose who you are, above.")
    return page(
      request,
      Pages.page(
        title: frame.say("Connexion", "Log in"), frame: frame, here: "/course/view.php?id=\(Course.id)",
        content: "<p>\(words)</p>"))
  }
}

extension Pages {
  /// Moodle's frame for an embedded tool, with its attributes; the course page shows it straight away.
  static func toolFrame(_ activity: Activity, tool: Tool?, wwwroot: String) -> String {
    let origin = WebURL(activity.toolURL ?? tool?.baseURL ?? "")?.origin.description ?? ""
    let features = ["microphone", "camera", "geolocation", "midi", "encrypted-media", "autoplay"]
      .map { "\($0) \(origin)" }.joined(separator: "; ")
    return "<iframe id=\"contentframe\" height=\"600px\" width=\"100%\" title=\"\(HTML.attribute(activity.name))\" "
      + "src=\"\(wwwroot)/mod/lti/launch.php?id=\(activity.cmid)&amp;triggerview=0\" "
      + "allow=\"\(HTML.attribute(features))\" allowfullscreen=\"1\"></iframe>"
  }

  /// One line of the course's list: the activity, by which version of LTI it opens, and what it is worth.
  static func activityItem(_ activity: Activity, isLTI11: Bool, isChosen: Bool, frame: Frame) -> String {
    let current = isChosen ? " aria-current=\"page\"" : ""
    var details = isLTI11 ? "LTI 1.1" : "LTI 1.3"
    if activity.acceptsGrades {
      details += " · " + JSONValue.number(activity.points).encoded + " points"
    }
    return "<li><a href=\"/course/view.php?id=\(Course.id)&amp;cm=\(activity.cmid)\"\(current)>"
      + "\(HTML.text(activity.name))</a> <small>\(HTML.text(details))</small></li>"
  }

  /// view.php: the frame, or a script and a link for a new window.
  static func activity(
    _ activity: Activity, person: Person, tool: Tool?, wwwroot: String, frame: Frame
  ) -> String {
    var frame = frame
    frame.person = person
    let content: String
    switch activity.container {
    case .iframe: content = toolFrame(activity, tool: tool, wwwroot: wwwroot)
    case .window:
      let url = "\(wwwroot)/mod/lti/launch.php?id=\(activity.cmid)&triggerview=0"
      content =
        "<script>window.open(\(HTML.scriptJSON(.string(url))), 'lti-\(activity.cmid)');</script>"
        + "<p><a href=\"\(HTML.attribute(url))\" target=\"_blank\">"
        + frame.say("Ouvrir dans une nouvelle fenêtre", "Open in a new window") + "</a></p>"
    }
    return page(
      title: activity.name, frame: frame, here: "/mod/lti/view.php?id=\(activity.cmid)",
      content: "<h1>\(HTML.text(activity.name))</h1><p>\(HTML.text(activity.summary))</p>\(content)"
        + "<p><a href=\"/course/view.php?id=\(Course.id)\">\(HTML.text(Course.fullName))</a></p>")
  }

  /// return.php: words from the tool, or a script that takes the top window to the course.
  static func returned(error: String?, message: String?, wwwroot: String, frame: Frame) -> String {
    let course = "/course/view.php?id=\(Course.id)"
    if let error {
      return page(
        title: frame.say("Erreur", "Error"), frame: frame, here: course,
        content: "<p class=\"errormessage\">An error occurred when launching the external tool: \(HTML.text(error))</p>"
      )
    }
    if let message {
      return page(title: Course.fullName, frame: frame, here: course, content: "<p>\(HTML.text(message))</p>")
    }
    return page(
      title: Course.fullName, frame: frame, here: course,
      content: "<script>top.location.href = \(HTML.scriptJSON(.string(wwwroot + course)));</script>"
        + "<p><a href=\"\(course)\" target=\"_top\">\(HTML.text(Course.fullName))</a></p>")
  }
}
