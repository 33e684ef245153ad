import Postgres

/// Takes an adoption out of force, inside a transaction.
struct Restoration {
  let connection: Connection
  let forgets: Bool

  func run() throws(AdoptionProblem) -> Adoption.Report {
    guard let adopted = try Adopted.read(on: connection) else { throw .refused("no collections are adopted") }
    let all = Set(Metadata.collections.map(\.name))
    let former = try asking { () throws(PostgresError) in
      Metadata.rows(
        for: all.subtracting(adopted.tables.keys.map(\.rawValue)),
        learners: try MetadataStore.adoptedLearners(on: connection))
    }
    var statements: [String] = []
    if adopted.removes {
      try expectNothingToRemove()
    } else {
      statements += try forgotten(adopted)
    }
    statements += try Adopted.triggerDrops(on: connection)
    statements.append("delete from passerelle.adoption")
    statements += adopted.undo.isEmpty ? [] : [adopted.undo]
    for statement in statements {
      do throws(PostgresError) { try connection.script(statement) } catch { throw .statement(statement, error) }
    }
    var words = ["given back: \(adopted.summary)"]
    if !adopted.removes {
      let (_, added) = try asking { () throws(PostgresError) in
        try MetadataRefit.run(from: former, to: Metadata.rows(for: all), on: connection)
      }
      if added > 0 { words.append("told Directus of Passerelle's own collections again: \(added) rows") }
    } else {
      words.append(
        "Passerelle is out of this database: the names of its own tables are taken (schema passerelle and public.grades "
          + "are gone)")
    }
    return Adoption.Report(words: words, statements: statements, counts: [], warnings: [], migrations: [])
  }

  /// What leads to rows of theirs would lead nowhere: gone as if those rows had been deleted, if that is allowed.
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
