/// Somebody with an account on the demo site.
package struct Person: Sendable, Equatable {
  /// What somebody is in the course.
  package enum Role: String, Sendable {
    /// A pupil; the only role whose grades the gradebook keeps.
    case student
    /// A teacher who may edit the course.
    case editingTeacher
    /// A teacher who may not; Instructor at a launch but Learner in the roster, as on a real Moodle.
    case nonEditingTeacher
    /// A manager enrolled in the course.
    case manager
    /// The site's administrator, not enrolled.
    case administrator
    /// Somebody with an account who is not in the course.
    case outsider
  }

  /// Whether somebody is in the course.
  package enum Enrolment: String, Sendable {
    /// Enrolled and active.
    case active
    /// Enrolled, suspended: no launch, yet still graded.
    case suspended
    /// Not enrolled.
    case none
  }

  /// Moodle's numeric user id; as a string it is the LTI `sub`.
  package var id: Int
  /// The login name.
  package var username: String
  /// First name.
  package var givenName: String
  /// Family name.
  package var familyName: String
  /// Moodle's "ID number", `lis.person_sourcedid`; often empty.
  package var idNumber: String
  /// What they are in the course.
  package var role: Role
  /// Whether they are in the course.
  package var enrolment: Enrolment
  /// The language of their profile, sent as `launch_presentation.locale`.
  package var language: String
  /// The ids of the groups of the course that they are in.
  package var groups: [Int] = []

  /// A person; without an enrolment the one usual for the role.
  package init(
    id: Int, username: String, givenName: String, familyName: String, idNumber: String = "",
    role: Role = .student, enrolment: Enrolment? = nil, language: String = "en"
  ) {
    self.id = id
    self.username = username
    self.givenName = givenName
    self.familyName = familyName
    self.idNumber = idNumber
    self.role = role
    self.enrolment = enrolment ?? (role == .administrator || role == .outsider ? .none : .active)
    self.language = language
  }

  /// First and family name.
  package var name: String { "\(givenName) \(familyName)" }

  /// The address at example.org (RFC 2606).
  package var email: String { "\(username)@example.org" }

  /// Gradable: enrolled, suspended or not, in a role of Moodle's `gradebookroles`.
  package var isGradable: Bool { role == .student && enrolment != .none }

  /// May open the course and its activities.
  package var mayEnterCourse: Bool { role == .administrator || enrolment == .active }

  /// The roles claim, sorted as Moodle sorts it.
  package var launchRoles: [String] {
    let membership = "http://purl.imsglobal.org/vocab/lis/v2/membership#"
    switch role {
    case .student, .outsider: return [membership + "Learner"]
    case .editingTeacher, .nonEditingTeacher, .manager: return [membership + "Instructor"]
    case .administrator:
      return [
        "http://purl.imsglobal.org/vocab/lis/v2/institution/person#Administrator", membership + "Instructor",
        "http://purl.imsglobal.org/vocab/lis/v2/system/person#Administrator",
      ]
    }
  }

  /// The `roles` field of LTI 1.1: short names. The administrator's was read in Moodle's source, not observed.
  var launchRoles11: String {
    switch role {
    case .student, .outsider: "Learner"
    case .editingTeacher, .nonEditingTeacher, .manager: "Instructor"
    case .administrator: "Instructor,urn:lti:sysrole:ims/lis/Administrator,urn:lti:instrole:ims/lis/Administrator"
    }
  }

  /// May change the course: add an activity, choose content for it.
  package var mayEditCourse: Bool {
    role == .administrator || (enrolment == .active && (role == .editingTeacher || role == .manager))
  }

  /// The short role that the names-and-roles service gives.
  var rosterRole: String { role == .editingTeacher || role == .manager ? "Instructor" : "Learner" }

  /// The ten people of the recorded Moodle, ids and accents included.
  package static let everyone: [Person] = [
    Person(id: 2, username: "admin", givenName: "Admin", familyName: "User", role: .administrator),
    Person(id: 3, username: "student1", givenName: "Éloïse", familyName: "Lefèvre", idNumber: "ID-student1"),
    Person(id: 4, username: "student2", givenName: "Zoë", familyName: "Müller-Garçon", idNumber: "ID-student2"),
    Person(id: 5, username: "student3", givenName: "François", familyName: "D'Hérouville", idNumber: "ID-student3"),
    Person(id: 6, username: "student4", givenName: "Anaïs", familyName: "Bœuf", idNumber: "ID-student4"),
    Person(id: 7, username: "student5", givenName: "Noël", familyName: "Àçîñ", idNumber: "ID-student5"),
    Person(
      id: 8, username: "teacher1", givenName: "Hélène", familyName: "Professeur", idNumber: "ID-teacher1",
      role: .editingTeacher),
    Person(id: 9, username: "outsider", givenName: "Olga", familyName: "Dehors", role: .outsider),
    Person(id: 10, username: "teacher2", givenName: "Jérôme", familyName: "Tuteur", role: .nonEditingTeacher),
    Person(id: 11, username: "manager1", givenName: "Agnès", familyName: "Gestion", role: .manager),
  ]

  /// More learners for tests that need a crowd: ids from 101.
  package static func learners(_ count: Int) -> [Person] {
    (0..<max(0, count)).map {
      Person(id: 101 + $0, username: "learner\($0 + 1)", givenName: "Élève", familyName: "Numéro \($0 + 1)")
    }
  }
}
