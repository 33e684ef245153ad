import Postgres
import Schema

/// Takes an adoption out of force, inside a transaction.
struct Restoration {
  let connection: Connection
  let forgets: Bool
  let migrator: Migrator
  let witness: (any AdoptionWitness)?

  func run() throws(AdoptionProblem) -> Adoption.Report {
    guard let adopted = try Adopted.read(on: connection) else { throw .refused("no collections are adopted") }
    var words = ["given back: \(adopted.summary)"]
    let statements: [String]
    if adopted.removes {
      statements = try removal(adopted)
      words.append(
        "Passerelle is out of this database: the names of its own tables are taken (schema passerelle and public.grades "
          + "are gone)")
    } else {
      try asking { () throws(PostgresError) in try witness?.willChange(on: connection) }
      statements = try restoration(adopted)
      words += try asking { () throws(PostgresError) in
        try witness?.didChange(.givenBack, on: connection) ?? []
      }
    }
    return Adoption.Report(words: words, statements: statements, counts: [], warnings: [], migrations: [])
  }

  private func removal(_ adopted: Adopted) throws(AdoptionProblem) -> [String] {
    try expectNothingToRemove()
    let statements =
      ["drop schema passerelle cascade", "drop table public.grades"] + (adopted.undo.isEmpty ? [] : [adopted.undo])
    try run(statements)
    return statements
  }

  /// Passerelle's own tables come back; then the program makes its own seams over them; then what was added to tables of
  /// theirs can go, because nothing looks at it any more.
  private func restoration(_ adopted: Adopted) throws(AdoptionProblem) -> [String] {
    let roles = AdoptionMap.Role.allCases.filter { adopted.tables[$0] != nil }
    let returning =
      try forgotten(adopted) + ["delete from passerelle.adoption"] + roles.flatMap(AdoptionScript.moveBack)
      + adopted.resting.map { "alter table \($0.relation) add constraint \(SQLText.name($0.name)) \($0.definition)" }
    try run(returning)
    do throws(MigrationError) { _ = try migrator.migrate(within: connection) } catch { throw AdoptionProblem(error) }
    let taking = adopted.undo.isEmpty ? [] : [adopted.undo]
    try run(taking)
    return returning + taking
  }

  private func run(_ statements: [String]) throws(AdoptionProblem) {
    for statement in statements {
      do throws(PostgresError) { try connection.script(statement) } catch { throw .statement(statement, error) }
    }
  }

  /// Rows that reference adopted tables would dangle: applies the key's ON DELETE action, or refuses without `--forget`.
  private func forgotten(_ adopted: Adopted) throws(AdoptionProblem) -> [String] {
    var statements: [String] = []
    var lost: [String] = []
    for key in adopted.resting {
      let column = SQLText.name(key.column)
      let condition = "t.\(column) is not null"
      let count: Int = try asking { () throws(PostgresError) in
        try connection.query(
          "select count(*) as rows from \(unescaped: key.relation) t where \(unescaped: condition)"
        ).first?.get("rows") ?? 0
      }
      if count == 0 { continue }
      lost.append("\(count) in \(key.relation.filter { $0 != "\"" })")
      statements.append(
        key.onDelete == "n"
          ? "update \(key.relation) t set \(column) = null where \(condition)"
          : "delete from \(key.relation) t where \(condition)")
    }
    guard lost.isEmpty || forgets else {
      throw .refused(
        "rows lead to the adopted tables and would be forgotten: \(lost.joined(separator: ", ")); progress stays in your "
          + "tables. If that is meant: passerelle directus adopt --undo --forget")
    }
    // What looks at deleted grades when the transaction ends must look before their table is altered.
    return statements.isEmpty ? [] : statements + ["set constraints all immediate"]
  }

  private func expectNothingToRemove() throws(AdoptionProblem) {
    // Which of Directus's rows are Passerelle's is written in the schema that goes.
    let isInDirectus: Bool = try asking { () throws(PostgresError) in
      try connection.query("select exists (select from passerelle.directus_rows) as there").first?.get("there") ?? false
    }
    guard !isInDirectus else {
      throw .refused(
        "this takes Passerelle out of the database, and Directus's tables hold rows of Passerelle's: first run passerelle "
          + "directus remove")
    }
    let platforms: Int = try asking { () throws(PostgresError) in
      try connection.query("select count(*) as rows from passerelle.platforms").first?.get("rows") ?? 0
    }
    guard platforms == 0 || forgets else {
      throw .refused(
        "the names of Passerelle's own tables are taken by yours, so that this takes Passerelle out of the database, with "
          + "\(platforms == 1 ? "one platform" : "\(platforms) platforms"), every key, identity and grade; progress stays in "
          + "your tables. If that is meant: passerelle directus adopt --undo --forget")
    }
  }
}
