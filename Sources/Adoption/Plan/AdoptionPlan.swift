/// A map that fits the database: every name found, every type fit for its use.
struct AdoptionPlan: Sendable {
  /// A yes-or-no column.
  struct Condition: Equatable, Sendable {
    let column: ColumnShape
    let words: [String]

    /// Whether it holds for the row that `alias` stands for; never null.
    func holds(_ alias: String) -> String {
      let value = SQLText.column(alias, column.name)
      switch column.kind {
      case .boolean: return "coalesce(\(value), false)"
      case .time: return "(\(value) is not null)"
      default:
        return "coalesce(\(value) in (\(words.map(SQLText.literal).joined(separator: ", "))), false)"
      }
    }
  }

  enum PersonName: Equatable, Sendable {
    case whole(ColumnShape)
    case parts(given: ColumnShape, family: ColumnShape)
  }

  enum Match: Equatable, Sendable {
    case nobody
    case email
    case subject(ColumnShape)
  }

  struct Learners: Sendable {
    let place: Place
    let shape: TableShape
    let name: PersonName
    let email: ColumnShape?
    let locale: ColumnShape?
    let created: ColumnShape?
    let match: Match
    let creates: Bool
    /// directus_users: people sign in there with what the table says of them.
    var areUsers: Bool { place.table == "directus_users" }
  }

  enum Grading: Equatable, Sendable {
    case proportion
    case allOrNothing
    case column(Condition)
  }

  /// Whose progress counts in a module's activities.
  enum Scope: Equatable, Sendable {
    case learner
    case activity
    /// Each activity's own where the condition holds.
    case column(Condition)
  }

  struct Modules: Sendable {
    let place: Place
    let shape: TableShape
    /// The key where the map names no slug.
    let slug: ColumnShape
    let title: ColumnShape
    let url: ColumnShape?
    let grading: Grading
    let scope: Scope
    let active: Condition?
    let sort: ColumnShape?
  }

  struct Grains: Sendable {
    let place: Place
    let shape: TableShape
    let module: Route
    let slug: ColumnShape
    let title: ColumnShape
    let weight: ColumnShape?
    let active: Condition?
    let sort: ColumnShape?
  }

  struct Completion: Equatable, Sendable {
    let condition: Condition
    let otherwise: String?
  }

  struct Score: Equatable, Sendable {
    let column: ColumnShape
    let maximum: Int
  }

  struct Progress: Sendable {
    let place: Place
    let shape: TableShape
    let learner: Route
    let grain: Route
    let completed: Completion
    /// The column of the map, or the one that adoption adds.
    let score: Score
    let addsScore: Bool
    let completedAt: ColumnShape
    let addsCompletedAt: Bool
    /// Whether their own constraints already keep one row per learner and grain.
    let isUnique: Bool
    /// Whether rows also say of which activity they are, in the columns that adoption adds.
    let namesActivities: Bool

    /// The added columns, as Passerelle's own table has them.
    static let addedScore = ColumnShape(
      name: "passerelle_score", type: "float8", sqlType: "double precision", isNotNull: false, hasDefault: false,
      isGenerated: false)
    static let addedCompletedAt = ColumnShape(
      name: "passerelle_completed_at", type: "timestamptz", sqlType: "timestamp with time zone", isNotNull: false,
      hasDefault: false, isGenerated: false)
    /// The activity whose progress a row is, null for the person's, and what it is called.
    static let addedActivity = "passerelle_activity"
    static let addedActivityTitle = "passerelle_activity_title"
  }

  /// A value that must pass a check of theirs, which only the database can tell.
  struct Probe: Equatable, Sendable {
    let line: Int
    let table: String
    let column: ColumnShape
    let check: CheckShape
    let value: String
  }

  let learners: Learners?
  let modules: Modules?
  let grains: Grains?
  let progress: Progress?
  let probes: [Probe]

  /// The places that are theirs.
  var places: [Place] {
    [learners?.place, modules?.place, grains?.place, progress?.place].compactMap { $0 }
  }

  /// The tables that are theirs.
  var shapes: [TableShape] { [learners?.shape, modules?.shape, grains?.shape, progress?.shape].compactMap { $0 } }

  /// Where a role's rows are, whoever's.
  func place(_ role: AdoptionMap.Role) -> Place { places.first { $0.role == role } ?? Place(own: role) }
}
