import Wire

/// The members of a course as far as they were read (NRPS 2.0 §2.2).
package struct Memberships: Equatable, Sendable {
  /// The course, when the platform says.
  package internal(set) var context: Context?
  /// The members, in the platform's order, each person once.
  package private(set) var members: [Member] = []
  /// Whether these are all: false when a limit on pages or members stopped the reading.
  package internal(set) var isComplete = false

  private(set) var isTruncated = false
  private var seen: Set<Subject> = []

  init() {}

  /// Adds a page; false when it is none.
  mutating func add(_ container: JSONObject, maximumMembers: Int) -> Bool {
    guard let rows = container["members"]?.arrayValue else { return false }
    context = context ?? container["context"]?.objectValue.flatMap(Context.init)
    for row in rows {
      guard let member = row.objectValue.flatMap(Member.init) else { return false }
      guard !seen.contains(member.userID) else { continue }
      guard members.count < maximumMembers else {
        isTruncated = true
        break
      }
      seen.insert(member.userID)
      members.append(member)
    }
    return true
  }
}

/// A person in a course (NRPS 2.0 §2.2).
package struct Member: Equatable, Sendable {
  /// Whether the person takes part (NRPS 2.0 §2.2, `status`).
  package enum Status: String, Equatable, Sendable {
    /// Takes part; also what counts when the platform does not say.
    case active = "Active"
    /// Does not just now.
    case inactive = "Inactive"
    /// Has left; only in lists of differences.
    case deleted = "Deleted"
  }

  /// The person, by the platform's `sub`.
  package let userID: Subject
  /// `roles`: as sent, short names (`Learner`) or URIs.
  package let roles: [String]
  /// `status`. Moodle leaves suspended people out.
  package let status: Status
  /// Name and e-mail address, as far as the platform shares them; no locale.
  package let person: Person

  /// True for teachers, course designers and administrators: see `InstructorRole`.
  ///
  /// Not the last word: a non-editing teacher in Moodle is a Learner in this list and an Instructor at launch. Who was
  /// launched as an instructor is one.
  package var isInstructor: Bool { InstructorRole.isHeld(in: roles) }

  init?(_ row: JSONObject) {
    guard let userID = row["user_id"]?.identifier(Subject.self) else { return nil }
    self.userID = userID
    guard let names = row["roles"]?.arrayValue, case let roles = names.compactMap(\.stringValue),
      roles.count == names.count, !roles.contains(where: { $0.holdsNUL })
    else { return nil }
    self.roles = roles
    switch row["status"] {
    case nil, .null: status = .active
    case .some(let value):
      guard let known = value.stringValue.flatMap(Status.init(rawValue:)) else { return nil }
      status = known
    }
    person = Person(row, presentation: Presentation(nil))
  }
}

extension Member: CustomStringConvertible, CustomReflectable {
  /// The roles; not the person.
  package var description: String { "Member(roles: \(roles.map(loggable)))" }

  /// Shows as little as `description`.
  package var customMirror: Mirror { Mirror(self, children: []) }
}
