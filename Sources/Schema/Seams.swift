import Postgres

/// The four roles whose rows may be in tables of an institution's own.
package enum SeamRole: String, CaseIterable, Sendable {
  /// People.
  case learners
  /// What an activity opens.
  case modules
  /// The units of a module.
  case grains
  /// What a learner did with a grain.
  case progress

  /// Where Passerelle's own table of the role waits while another stands in.
  package var hidden: String { "own_\(rawValue)" }
}

/// The views and functions by which everything else reaches learners, modules, grains and progress, with the triggers on
/// their tables: Passerelle's own, or what a map makes of the institution's.
package struct Seams: Sendable {
  /// The roles that other tables stand in for.
  package let adopted: Set<SeamRole>
  /// What those roles get in place of the files `own_….sql`.
  package let definitions: [Definition]
  /// What those roles add to the table of grades, where that was lost and is made anew.
  let ofGrades: [String]
  /// What is missing in those roles' tables without hindering anything, such as an index.
  let mending: [String]

  /// Passerelle's own tables, all four.
  package static let own = Seams(adopted: [], definitions: [])

  /// Some roles in tables of an institution's own.
  package init(adopted: Set<SeamRole>, definitions: [Definition], ofGrades: [String] = [], mending: [String] = []) {
    self.adopted = adopted
    self.definitions = definitions
    self.ofGrades = ofGrades
    self.mending = mending
  }

  /// All of them, for every role.
  var all: [Definition] {
    SeamRole.allCases.filter { !adopted.contains($0) }.flatMap(Schema.own) + definitions
  }
}

/// Says which seams are in force in a database whose tables are up to date; throws `.map` when a stored map does not fit
/// the database any more.
package typealias SeamSource = @Sendable (Connection) throws(MigrationError) -> Seams
