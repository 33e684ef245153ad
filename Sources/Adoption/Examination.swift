import Postgres
import Wire

/// Whether an adoption that is in force still fits the tables that it stands on.
package struct Examination: Sendable {
  /// What does not work any more, in words, and waits for somebody.
  package let problems: [Words]
  /// What is missing and `passerelle migrate` makes again.
  package let mended: [Words]
  /// What works and may surprise.
  package let warnings: [Words]

  /// Fits the map to the tables once more, looks for the triggers, and reads through every view.
  package static func run(_ adopted: Adopted, on connection: Connection) throws(PostgresError) -> Examination {
    var problems: [Words] = []
    var mended: [Words] = []
    var warnings: [Words] = []
    do throws(AdoptionProblem) {
      let plan = try Adoption.plan(adopted, on: connection)
      let survey = try asking { () throws(PostgresError) in try Survey.read(on: connection) }
      let map: AdoptionMap
      do throws(MapProblems) { map = try AdoptionMap(parsing: adopted.map) } catch { throw AdoptionProblem.map(error) }
      (problems, mended) = try asking { () throws(PostgresError) -> ([Words], [Words]) in
        try missing(plan, survey, on: connection)
      }
      warnings += try AdoptionOutcome.read(plan, map, on: connection).warnings
    } catch {
      switch error {
      case .map(let found):
        problems += found.problems.map {
          Words(fr: "la carte, \($0.words.french)", en: "the map's \($0.words.english)")
        }
      // A view whose table or column is gone; it comes back with a column that is named already.
      case .database(let error) where error.kind == .server:
        if mended.isEmpty { problems.append(.same(error.description)) }
      case .database(let error): throw error
      default: problems.append(error.words)
      }
    }
    return Examination(problems: problems, mended: mended, warnings: warnings)
  }

  /// What somebody has to put back, and what `migrate` does.
  private static func missing(
    _ plan: AdoptionPlan, _ survey: Survey, on connection: Connection
  ) throws(PostgresError) -> ([Words], [Words]) {
    var (problems, mended): ([Words], [Words]) = ([], [])
    for addition in Addition.all(plan) {
      guard let shape = survey.table(addition.table), !addition.isThere(in: shape) else { continue }
      if addition.isMended(in: shape) {
        mended.append(words(of: addition))
      } else if addition.index == nil {
        problems.append(words(of: addition))
      } else {
        let (gone, statement) = (words(of: addition), addition.sql(in: shape))
        problems.append(
          Words(
            fr: "\(gone.french) : \(shape.owner) doit lancer : \(statement);",
            en: "\(gone.english): as \(shape.owner) run: \(statement);"))
      }
    }
    problems += GradeKey(plan)?.problems(in: survey) ?? []
    let missing = OwnersPart(plan, role: survey.role).steps.filter {
      !problems.map(\.english).joined().contains($0.sql)
    }
    problems += missing.map {
      Words(
        fr: "il manque : \($0.words.french) ; le propriétaire des tables doit lancer : \($0.sql);",
        en: "\($0.words.english) is missing; as the owner of the tables run: \($0.sql);")
    }
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
        problems.append(
          Words(
            fr: "le déclencheur \(trigger.name) de public.\(trigger.table) a disparu ou est désactivé : les "
              + "modifications ne comptent pas",
            en: "trigger \(trigger.name) of public.\(trigger.table) is gone or disabled: edits do not count"))
      }
    }
    return (problems, mended)
  }

  /// That it is gone.
  private static func words(of addition: Addition) -> Words {
    if let column = addition.column {
      return Words(
        fr: "la colonne \(column) de public.\(addition.table), ajoutée par l’adoption, a disparu",
        en: "column \(column) of public.\(addition.table), which adoption added, is gone")
    }
    return Words(
      fr:
        "l’index sur public.\(addition.table), par lequel se trouvent les lignes d’un apprenant, a disparu ou date d’une version "
        + "antérieure",
      en:
        "the index on public.\(addition.table), by which a learner's rows are found, is gone or a former release's")
  }
}
