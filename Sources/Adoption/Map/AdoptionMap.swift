import Schema

/// Which of an institution's collections stand in for Passerelle's own, and which of their columns say what.
///
/// Every part remembers the line of the file it came from, so that whatever is refused later can name it.
package struct AdoptionMap: Equatable, Sendable {
  /// The four collections that can be adopted.
  package typealias Role = SeamRole

  /// A table or a column of theirs.
  struct Name: Equatable, Sendable {
    let name: String
    let line: Int
  }

  /// A column that leads to a row of another collection: by its key, or by the value of the column that is named.
  struct Link: Equatable, Sendable {
    let column: Name
    /// The other collection's column whose value this one holds; nil is its key.
    let holds: String?
  }

  /// A column and the words that mean yes; a boolean or a date needs none.
  struct Condition: Equatable, Sendable {
    let column: Name
    let words: [String]
  }

  /// How a person whom Moodle names for the first time is found among those who are there.
  enum Match: Equatable, Sendable {
    case nobody
    case email(line: Int)
    case subject(Name)
  }

  enum PersonName: Equatable, Sendable {
    case whole(Name)
    case parts(given: Name, family: Name)
  }

  struct Learners: Equatable, Sendable {
    let line: Int
    let table: Name
    let name: PersonName
    let email: Name?
    let locale: Name?
    let created: Name?
    let match: Match
    /// Whether a person who is not found is made.
    let create: Bool
  }

  enum Grading: Equatable, Sendable {
    case proportion
    case allOrNothing
    /// All-or-nothing where the condition holds.
    case column(Condition)
  }

  /// Whose progress counts in a module's activities.
  enum Scope: Equatable, Sendable {
    /// The person's, in all of them.
    case learner
    /// Each activity's own.
    case activity(line: Int)
    /// Each activity's own where the condition holds.
    case column(Condition)

    /// The line that lets activities count their own progress.
    var line: Int? {
      switch self {
      case .learner: nil
      case .activity(let line): line
      case .column(let rule): rule.column.line
      }
    }
  }

  struct Modules: Equatable, Sendable {
    let line: Int
    let table: Name
    /// Nil is the key as text.
    let slug: Name?
    let title: Name
    let url: Name?
    let grading: Grading
    let scope: Scope
    let active: Condition?
    let sort: Name?
  }

  struct Grains: Equatable, Sendable {
    let line: Int
    let table: Name
    let module: Link
    /// Nil is the key as text.
    let slug: Name?
    let title: Name
    let weight: Name?
    let active: Condition?
    let sort: Name?
  }

  /// The column that says completed, the words that say so and the one that says not yet.
  struct Completion: Equatable, Sendable {
    let condition: Condition
    let otherwise: String?
  }

  struct Score: Equatable, Sendable {
    let column: Name
    /// The score of something done perfectly.
    let maximum: Int
  }

  struct Progress: Equatable, Sendable {
    let line: Int
    let table: Name
    let learner: Link
    let grain: Link
    let completed: Completion
    let score: Score?
    let completedAt: Name?
    /// The line by which a row also says of which activity it is, in new columns; nil without it.
    let activityLine: Int?
  }

  let learners: Learners?
  let modules: Modules?
  let grains: Grains?
  let progress: Progress?

  /// The roles that the map gives away, in their order.
  package var roles: [Role] { Role.allCases.filter { table($0) != nil } }

  /// The table of a role; nil when the map leaves the role to Passerelle's own.
  func table(_ role: Role) -> Name? {
    switch role {
    case .learners: learners?.table
    case .modules: modules?.table
    case .grains: grains?.table
    case .progress: progress?.table
    }
  }
}
