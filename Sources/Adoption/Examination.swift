import Postgres

/// Whether an adoption that is in force still fits the tables that it stands on.
package struct Examination: Sendable {
  /// What does not work any more, in words.
  package let problems: [String]
  /// What works and may surprise.
  package let warnings: [String]

  /// Fits the map to the tables once more, looks for the triggers, and reads through every view.
  package static func run(_ adopted: Adopted, on connection: Connection) throws(PostgresError) -> Examination {
    var problems: [String] = []
    var warnings: [String] = []
    do throws(AdoptionProblem) {
      let plan = try Adoption.plan(adopted, on: connection)
      let survey = try asking { () throws(PostgresError) in try Survey.read(on: connection) }
      let map: AdoptionMap
      do throws(MapProblems) { map = try AdoptionMap(parsing: adopted.map) } catch { throw AdoptionProblem.map(error) }
      problems += try asking { () throws(PostgresError) in try missing(plan, survey, on: connection) }
      warnings += try AdoptionOutcome.read(plan, map, on: connection).warnings
    } catch {
      switch error {
      case .map(let found): problems += found.problems.map { "the map's \($0)" }
      // A view whose table or column is gone.
      case .database(let error) where error.kind == .server: problems.append(error.description)
      case .database(let error): throw error
      default: problems.append(error.description)
      }
    }
    return Examination(problems: problems, warnings: warnings)
  }

  private static func missing(
    _ plan: AdoptionPlan, _ survey: Survey, on connection: Connection
  ) throws(PostgresError) -> [String] {
    var problems: [String] = []
    var added: [(String, String)] = plan.places.filter { $0.addsID && $0.role != .progress }.map { ($0.table, $0.id) }
    if let part = plan.progress {
      if part.addsScore { added.append((part.place.table, part.score.column.name)) }
      if part.addsCompletedAt { added.append((part.place.table, part.completedAt.name)) }
    }
    for (table, column) in added where survey.table(table)?.column(column) == nil {
      problems.append("column \(column) of public.\(table), which adoption added, is gone")
    }
    problems += GradeKey(plan)?.problems(in: survey) ?? []
    for trigger in AdoptionTriggers(plan: plan).triggers {
      let isThere: Bool =
        try connection.query(
          """
          select exists (
            select from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace
            where n.nspname = 'public' and c.relname = \(trigger.table) and t.tgname = \(trigger.name)
              and t.tgenabled in ('O', 'A')) as there
          """
        ).first?.get("there") ?? false
      if !isThere {
        problems.append("trigger \(trigger.name) of public.\(trigger.table) is gone or disabled: edits do not count")
      }
    }
    return problems
  }
}
