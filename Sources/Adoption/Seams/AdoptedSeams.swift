import Postgres
import Schema

extension Seams {
  /// What a map that fits makes of the seams.
  init(_ plan: AdoptionPlan) {
    let statements =
      AdoptionViews(plan: plan).statements + AdoptionFunctions(plan: plan).statements
      + AdoptionTriggers(plan: plan).triggers.flatMap(\.statements)
    self.init(
      adopted: Set(plan.places.map(\.role)), definitions: statements.compactMap(Definition.init),
      ofGrades: GradeKey(plan)?.columnStatements ?? [],
      // Somebody dropped it, or a former release made another, or none.
      mending: Addition.all(plan).flatMap { addition -> [String] in
        guard let shape = plan.shapes.first(where: { $0.name == addition.table }), addition.isMended(in: shape),
          !addition.isThere(in: shape)
        else { return [] }
        return [addition.sql(in: shape), addition.remembering]
      })
  }
}

extension Adoption {
  /// The seams in force: Passerelle's own, or those that the stored map makes of the database as it is now.
  ///
  /// - Throws: `.map` when it does not fit any more, with the lines at fault.
  package static func seams(on connection: Connection) throws(MigrationError) -> Seams {
    do throws(AdoptionProblem) {
      guard let adopted = try Adopted.inForce(on: connection) else { return .own }
      return Seams(try plan(adopted, on: connection))
    } catch {
      switch error {
      case .database(let error): throw .database(error)
      default: throw .map(error.words)
      }
    }
  }

  /// A stored map, fitted to the database as it is now.
  static func plan(_ adopted: Adopted, on connection: Connection) throws(AdoptionProblem) -> AdoptionPlan {
    let survey = try asking { () throws(PostgresError) in try Survey.read(on: connection) }
    let plan: AdoptionPlan
    do throws(MapProblems) {
      plan = try Planner.plan(try AdoptionMap(parsing: adopted.map), survey, isInForce: true)
    } catch { throw .map(error) }
    try Probing(connection: connection).check(plan)
    return plan
  }
}
