import Postgres
import Wire

/// Asks the database whether the words and numbers of a map pass the checks of the tables they will be written to.
struct Probing {
  let connection: Connection

  func check(_ plan: AdoptionPlan) throws(AdoptionProblem) {
    var problems: [MapProblem] = []
    for probe in plan.probes {
      // The condition is the catalogue's own text, over a row of the one column that it looks at.
      let statement = Statement(
        sql: """
          select (\(probe.check.condition)) is not false as fits
          from (select $1::\(probe.column.sqlType) as \(SQLText.name(probe.column.name))) as probe
          """, parameters: [.text(probe.value)])
      let fits: Bool = try asking { () throws(PostgresError) in
        try connection.query(statement).first?.get("fits") ?? false
      }
      if !fits {
        problems.append(
          MapProblem(
            probe.line,
            Words(
              fr: "« \(probe.value) » n’est pas permis dans la colonne « \(probe.column.name) » de « "
                + "\(probe.table) » : sa contrainte \(probe.check.name) est \(probe.check.condition)",
              en: "“\(probe.value)” is not allowed in column “\(probe.column.name)” of “\(probe.table)”: its check "
                + "\(probe.check.name) is \(probe.check.condition)")))
      }
    }
    guard problems.isEmpty else { throw .map(MapProblems(problems)) }
  }
}
