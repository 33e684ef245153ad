/// The demo site's one course, with the values of the recorded Moodle.
package enum Course {
  /// Moodle's course id, the LTI `context.id`.
  package static let id = 2
  /// The short name, the LTI `context.label`.
  package static let shortName = "FORM"
  /// The full name, the LTI `context.title`.
  package static let fullName = "Formation"
  /// The ID number, `lis.course_section_sourcedid`.
  package static let idNumber = "FORM-1"
}

/// One "external tool" activity of the course.
package struct Activity: Sendable {
  /// How Moodle shows the tool.
  package enum Container: Int, Sendable {
    /// Embedded in the page: `document_target` is `iframe`.
    case iframe = 3
    /// A window of its own: `document_target` is `window`.
    case window = 4
  }

  /// What Moodle's activity completion waits for.
  package enum Completion: Sendable, Equatable {
    /// Completion is not tracked.
    case none
    /// "Student must receive a grade": any grade, 0 included.
    case receiveGrade
    /// "Student must receive a passing grade" of at least so many points.
    case passingGrade(Double)
    /// "Student must view this activity".
    case view
  }

  /// The course-module id, in the addresses of view.php and launch.php.
  package var cmid: Int
  /// The `lti` instance id, sent as `resource_link.id`.
  package var instance: Int
  /// The activity's name, `resource_link.title` and the label of its grade column.
  package var name: String
  /// The description; may be empty.
  package var summary: String
  /// The activity's own tool URL, `target_link_uri`; nil takes the tool's base URL.
  package var toolURL: String?
  /// Custom parameters in order; values may hold the variables `$User.username`, `$User.id`, `$Person.name.full`,
  /// `$Person.name.given`, `$Person.name.family`, `$Person.email.primary`, `$Context.id`, `$ResourceLink.id`.
  package var custom: [(name: String, value: String)]
  /// The highest grade, in points.
  package var points: Double
  /// Whether the activity has a grade at all.
  package var acceptsGrades: Bool
  /// Whether the activity keeps the grades that its column is given: with the grade type "none" it is given them, says 200, and has
  /// none.
  package var keepsGrades: Bool
  /// Whether the grade type is a scale, with `points` levels.
  package var isScale: Bool
  /// How the tool is shown.
  package var container: Container
  /// Privacy: whether names are sent.
  package var sendName: Bool
  /// Privacy: whether the e-mail address is sent.
  package var sendEmail: Bool
  /// What completion waits for.
  package var completion: Completion
  /// Hidden from students; grades are still taken.
  package var isHidden: Bool
  /// The tool that shows it, by type id; nil is the site's first tool, 0 the first one that stands where `toolURL` does.
  package var typeID: Int?
  /// The column's resource id, which a tool may give when it is chosen; empty when it gave none.
  package var resourceID: String
  /// The column's tag, likewise.
  package var tag: String

  /// An activity; the defaults are those of the recorded activity 1.
  package init(
    cmid: Int = 2, instance: Int = 1, name: String = "Quiz 1.3 « été »", summary: String = "", toolURL: String? = nil,
    custom: [(name: String, value: String)] = [], points: Double = 100, acceptsGrades: Bool = true,
    keepsGrades: Bool = true, isScale: Bool = false,
    container: Container = .iframe, sendName: Bool = true, sendEmail: Bool = true,
    completion: Completion = .receiveGrade, isHidden: Bool = false, typeID: Int? = nil, resourceID: String = "",
    tag: String = ""
  ) {
    self.cmid = cmid
    self.instance = instance
    self.name = name
    self.summary = summary
    self.toolURL = toolURL
    self.custom = custom
    self.points = points
    self.acceptsGrades = acceptsGrades
    self.keepsGrades = keepsGrades
    self.isScale = isScale
    self.container = container
    self.sendName = sendName
    self.sendEmail = sendEmail
    self.completion = completion
    self.isHidden = isHidden
    self.typeID = typeID
    self.resourceID = resourceID
    self.tag = tag
  }

  /// An activity that shows one module, named by the custom parameter `module`.
  /// - Parameters:
  ///   - slug: the module's slug.
  ///   - position: 0 for the first activity of the course, and so on; the ids follow from it.
  package static func module(_ slug: String, position: Int = 0) -> Activity {
    Activity(
      cmid: 2 + position, instance: 1 + position, name: "Module « \(slug) »", custom: [(name: "module", value: slug)])
  }

  /// An activity of an LTI 1.1 tool, graded on 20; `Platform.addNewActivity` gives it its ids.
  /// - Parameters:
  ///   - slug: the module that it shows, as the custom parameter `module`; nil for none.
  ///   - typeID: the tool.
  package static func lti11(module slug: String?, typeID: Int = 2) -> Activity {
    Activity(
      name: slug.map { "Module « \($0) » (LTI 1.1)" } ?? "Quiz 1.1",
      custom: slug.map { [(name: "module", value: $0)] } ?? [], points: 20, typeID: typeID)
  }
}
