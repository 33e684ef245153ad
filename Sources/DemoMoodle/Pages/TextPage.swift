import Wire

/// A Moodle Page, whose author put activities of the course into its text, as the guide has it: `<iframe src="…/mod/lti/launch.php?id=…">`.
extension Platform {
  /// The course-module id of the page.
  private static let pageID = 90

  /// Makes the page, with these activities in it.
  /// - Parameter cmids: their course-module ids, in order.
  package func showInPage(_ cmids: [Int]) { state.withLock { $0.pageActivities = cmids } }

  /// The page's address.
  package var textPageURL: String { "\(wwwroot)/mod/page/view.php?id=\(Self.pageID)" }

  /// Its line in the course's list; nil where there is no such page.
  func textPageItem(_ frame: Pages.Frame) -> String? {
    guard !state.withLock({ $0.pageActivities.isEmpty }) else { return nil }
    return
      "<li><a href=\"/mod/page/view.php?id=\(Self.pageID)\">\(HTML.text(Self.title(frame)))</a> <small>Page</small></li>"
  }

  /// /mod/page/view.php?id=90[&user=ID]
  func textPage(_ request: MoodleRequest) -> MoodleResponse {
    let shown = state.withLock { state in
      state.pageActivities.compactMap { id in state.activities.first { $0.cmid == id } }
    }
    guard request.queryValue("id") == String(Self.pageID), !shown.isEmpty else {
      return Pages.moodleError("Invalid course module ID", site: configuration.siteName)
    }
    let frame = frame(request)
    var content = "<h1>\(HTML.text(Self.title(frame)))</h1>"
    if frame.person == nil {
      content += "<p>\(frame.say("Choisissez qui vous êtes, ci-dessus.", "Choose who you are, above."))</p>"
    } else {
      for activity in shown {
        content +=
          "<p>\(HTML.text(activity.name))</p><iframe src=\"\(wwwroot)/mod/lti/launch.php?id=\(activity.cmid)\" "
          + "width=\"100%\" height=\"600\" title=\"\(HTML.attribute(activity.name))\" allowfullscreen></iframe>"
      }
    }
    content += "<p><a href=\"/course/view.php?id=\(Course.id)\">\(HTML.text(Course.fullName))</a></p>"
    return page(
      request,
      Pages.page(title: Self.title(frame), frame: frame, here: "/mod/page/view.php?id=\(Self.pageID)", content: content)
    )
  }

  private static func title(_ frame: Pages.Frame) -> String {
    frame.say("Des activités dans une page du cours", "Activities inside a page of the course")
  }
}
