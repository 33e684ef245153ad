/// The demo site's one course, with the values of the recorded Moodle.
public enum Course {
  /// Moodle's course id, the LTI `context.id`.
  public static let id = 2
  /// The short name, the LTI `context.label`.
  public static let shortName = "FORM"
  /// The full name, the LTI `context.title`.
  public static let fullName = "Formation"
  /// The ID number, `lis.course_section_sourcedid`.
  public static let idNumber = "FORM-1"
}

/// One "external tool" activity of the course.
public struct Activity: Sendable {
  /// How Moodle shows the tool.
  public enum Container: Int, Sendable {
    /// Embedded in the page: `document_target` is `iframe`.
    case iframe = 3
    /// A window of its own: `document_target` is `window`.
    case window = 4
  }

  /// What Moodle's activity completion waits for.
  public enum Completion: Sendable, Equatable {
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
  public var cmid: Int
  /// The `lti` instance id, sent as `resource_link.id`.
  public var instance: Int
  /// The activity's name, `resource_link.title` and the label of its grade column.
  public var name: String
  /// The description; may be empty.
  public var summary: String
  /// The activity's own tool URL, `target_link_uri`; nil takes the tool's base URL.
  public var toolURL: String?
  /// Custom parameters in order; values may hold the variables `$User.username`, `$User.id`, `$Person.name.full`,
  /// `$Person.name.given`, `$Person.name.family`, `$Person.email.primary`, `$Context.id`, `$ResourceLink.id`.
  public var custom: [(name: String, value: String)]
  /// The highest grade, in points.
  public var points: Double
  /// Whether the activity has a grade at all.
  public var acceptsGrades: Bool
  /// How the tool is shown.
  public var container: Container
  /// Privacy: whether names are sent.
  public var sendName: Bool
  /// Privacy: whether the e-mail address is sent.
  public var sendEmail: Bool
  /// What completion waits for.
  public var completion: Completion
  /// Hidden from students; grades are still taken.
  public var isHidden: Bool
  /// The activity is another tool's: it has a column that the registered tool may not touch.
  public var belongsToAnotherTool: Bool

  /// An activity; the defaults are those of the recorded activity 1.
  public init(
    cmid: Int = 2, instance: Int = 1, name: String = "Quiz 1.3 « été »", summary: String = "", toolURL: String? = nil,
    custom: [(name: String, value: String)] = [], points: Double = 100, acceptsGrades: Bool = true,
    container: Container = .iframe, sendName: Bool = true, sendEmail: Bool = true,
    completion: Completion = .receiveGrade, isHidden: Bool = false, belongsToAnotherTool: Bool = false
  ) {
    self.cmid = cmid
    self.instance = instance
    self.name = name
    self.summary = summary
    self.toolURL = toolURL
    self.custom = custom
    self.points = points
    self.acceptsGrades = acceptsGrades
    self.container = container
    self.sendName = sendName
    self.sendEmail = sendEmail
    self.completion = completion
    self.isHidden = isHidden
    self.belongsToAnotherTool = belongsToAnotherTool
  }

  /// An activity that shows one module, named by the custom parameter `module`.
  /// - Parameters:
  ///   - slug: the module's slug.
  ///   - position: 0 for the first activity of the course, and so on; the ids follow from it.
  public static func module(_ slug: String, position: Int = 0) -> Activity {
    Activity(
      cmid: 2 + position, instance: 1 + position, name: "Module « \(slug) »", custom: [(name: "module", value: slug)])
  }
}

/// The tool as it is registered on the site: what Moodle calls a preconfigured tool.
public struct Tool: Sendable, Equatable {
  /// The tool type id: the deployment id, and `type_id` in service addresses.
  public var typeID: Int
  /// The OAuth client id that Moodle gave the tool.
  public var clientID: String
  /// The tool URL: `target_link_uri` of activities that name none.
  public var baseURL: String
  /// The OIDC login initiation URL.
  public var initiateLoginURL: String
  /// The redirection URIs, compared exactly.
  public var redirectURIs: [String]
  /// The tool's public key set.
  public var keysetURL: String
  /// Whether the tool may use the grade services ("Use this service for grade sync and column management").
  public var mayUseGrades: Bool
  /// Whether the tool may read names and roles.
  public var mayReadMembers: Bool

  /// A tool from its registration.
  public init(
    typeID: Int = 1, clientID: String = "sdCVQxdbZQil7Gc", baseURL: String, initiateLoginURL: String,
    redirectURIs: [String], keysetURL: String, mayUseGrades: Bool = true, mayReadMembers: Bool = true
  ) {
    self.typeID = typeID
    self.clientID = clientID
    self.baseURL = baseURL
    self.initiateLoginURL = initiateLoginURL
    self.redirectURIs = redirectURIs
    self.keysetURL = keysetURL
    self.mayUseGrades = mayUseGrades
    self.mayReadMembers = mayReadMembers
  }

  /// Passerelle standing at a base URL, with the paths of its documented interface.
  public static func passerelle(
    at baseURL: String, clientID: String = "sdCVQxdbZQil7Gc", typeID: Int = 1
  ) -> Tool {
    let base = baseURL.hasSuffix("/") ? String(baseURL.dropLast()) : baseURL
    return Tool(
      typeID: typeID, clientID: clientID, baseURL: base + "/lti/launch", initiateLoginURL: base + "/lti/login",
      redirectURIs: [base + "/lti/launch"], keysetURL: base + "/lti/jwks")
  }

  /// The scopes it may ask for, in Moodle's order.
  public var permittedScopes: [String] {
    (mayUseGrades ? Scope.grades : []) + (mayReadMembers ? [Scope.members] : [])
      + (mayUseGrades ? [Scope.basicOutcome] : [])
  }
}

/// The scopes of the services, as URLs.
public enum Scope {
  /// Read and write line items.
  public static let lineItem = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem"
  /// Read line items.
  public static let lineItemReadOnly = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem.readonly"
  /// Read results.
  public static let result = "https://purl.imsglobal.org/spec/lti-ags/scope/result.readonly"
  /// Post scores.
  public static let score = "https://purl.imsglobal.org/spec/lti-ags/scope/score"
  /// Read names and roles.
  public static let members = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
  /// Basic outcomes, which Moodle grants to 1.3 tools too.
  public static let basicOutcome = "https://purl.imsglobal.org/spec/lti-bo/scope/basicoutcome"
  /// The four that the AGS claim lists.
  public static let grades = [lineItem, lineItemReadOnly, result, score]
}
