import Postgres
import Schema
import Wire

/// Takes an adoption out of force, inside a transaction.
struct Restoration {
  let connection: Connection
  let forgets: Bool
  let migrator: Migrator
  let witness: (any AdoptionWitness)?

  /// What only the owner of the tables may take away.
  private var refused: [String] = []

  init(connection: Connection, forgets: Bool, migrator: Migrator, witness: (any AdoptionWitness)?) {
    self.connection = connection
    self.forgets = forgets
    self.migrator = migrator
    self.witness = witness
  }

  mutating func run() throws(AdoptionProblem) -> Adoption.Report {
    guard let adopted = try Adopted.inForce(on: connection) else { throw .refused(Adoption.nothingAdopted) }
    // Where the map does not fit any more, what its owner may do is read from what was remembered.
    var owners = try? Adoption.ownersUndoing(on: connection)
    var words = [
      Words(fr: "rendu : \(adopted.summary.french)", en: "given back: \(adopted.summary.english)")
    ]
    let statements: [String]
    if adopted.removes {
      statements = try removal(adopted)
      words.append(
        Words(
          fr:
            "Passerelle n’est plus dans cette base : les noms de ses propres tables sont pris (le schéma passerelle et "
            + "public.grades ont disparu)",
          en:
            "Passerelle is out of this database: the names of its own tables are taken (schema passerelle and public.grades "
            + "are gone)"))
    } else {
      try asking { () throws(PostgresError) in try witness?.willChange(on: connection) }
      statements = try restoration(adopted)
      words += try asking { () throws(PostgresError) in
        try witness?.didChange(.givenBack, on: connection) ?? []
      }
    }
    if owners == nil && !refused.isEmpty { owners = try ownersUndoing(adopted) }
    return Adoption.Report(
      words: words, statements: statements, counts: [], warnings: [], migrations: [], ownersUndoing: owners)
  }

  /// What this role was refused, as a script for the owner of the tables that are still there.
  private func ownersUndoing(_ adopted: Adopted) throws(AdoptionProblem) -> OwnersUndoing {
    let names = Array(adopted.tables.values)
    var owner = ""
    var tables: [String] = []
    let rows = try asking { () throws(PostgresError) in
      try connection.query(
        """
        select tablename::text as name, tableowner::text as owner from pg_catalog.pg_tables
        where schemaname = 'public' and tablename = any (\(names)::text[]) order by 1
        """)
    }
    for row in rows {
      tables.append(try asking { () throws(PostgresError) in try row.get("name", as: String.self) })
      owner = try asking { () throws(PostgresError) in try row.get("owner", as: String.self) }
    }
    return OwnersUndoing(owner: owner, tables: tables, statements: refused)
  }

  private mutating func removal(_ adopted: Adopted) throws(AdoptionProblem) -> [String] {
    try expectNothingToRemove()
    let statements = ["drop schema passerelle cascade", "drop table public.grades"]
    try run(statements)
    return statements + (try take(adopted))
  }

  /// Takes away what was added to tables of theirs, as far as this role may; the rest is their owner's.
  private mutating func take(_ adopted: Adopted) throws(AdoptionProblem) -> [String] {
    var taken: [String] = []
    let additions =
      adopted.undo.split(separator: ";\n").map(String.init) + ["drop index if exists public.\(Addition.progressIndex)"]
    for statement in additions {
      do throws(PostgresError) {
        try connection.script("savepoint passerelle_undo; \(statement); release savepoint passerelle_undo")
        taken.append(statement)
      } catch {
        // What was added to a table that is gone went with it.
        guard error.sqlState == "42501" || error.sqlState == "42P01" else { throw .statement(statement, error) }
        if error.sqlState == "42501" { refused.append(statement) }
        try run(["rollback to savepoint passerelle_undo; release savepoint passerelle_undo"])
      }
    }
    return taken
  }

  /// Passerelle's own tables come back; then the program makes its own seams over them; then what was added to tables of
  /// theirs can go, because nothing looks at it any more.
  private mutating func restoration(_ adopted: Adopted) throws(AdoptionProblem) -> [String] {
    let roles = AdoptionMap.Role.allCases.filter { adopted.tables[$0] != nil }
    let returning =
      try forgotten(adopted) + ["delete from passerelle.adoption"] + roles.flatMap(AdoptionScript.moveBack)
      + adopted.resting.map { "alter table \($0.relation) add constraint \(SQLText.name($0.name)) \($0.definition)" }
    try run(returning)
    do throws(MigrationError) { _ = try migrator.migrate(within: connection) } catch { throw AdoptionProblem(error) }
    return returning + (try take(adopted))
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
      lost.append("\(key.relation.filter { $0 != "\"" }): \(count)")
      statements.append(
        key.onDelete == "n"
          ? "update \(key.relation) t set \(column) = null where \(condition)"
          : "delete from \(key.relation) t where \(condition)")
    }
    guard lost.isEmpty || forgets else {
      throw .refused(
        Words(
          fr:
            "des lignes mènent aux tables adoptées et seraient oubliées (\(lost.joined(separator: ", "))) ; la progression reste "
            + "dans vos tables. Si c’est voulu : passerelle directus adopt --undo --forget",
          en:
            "rows lead to the adopted tables and would be forgotten (\(lost.joined(separator: ", "))); progress stays in your "
            + "tables. If that is meant: passerelle directus adopt --undo --forget"))
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
        Words(
          fr:
            "ceci retire Passerelle de la base, et les tables de Directus contiennent des lignes de Passerelle : lancez d’abord "
            + "passerelle directus remove",
          en:
            "this takes Passerelle out of the database, and Directus's tables hold rows of Passerelle's: first run passerelle "
            + "directus remove"))
    }
    let platforms: Int = try asking { () throws(PostgresError) in
      try connection.query("select count(*) as rows from passerelle.platforms").first?.get("rows") ?? 0
    }
    guard platforms == 0 || forgets else {
      throw .refused(
        Words(
          fr: "les noms des tables de Passerelle sont pris par les vôtres : ceci retire Passerelle de la base, avec "
            + "\(platforms == 1 ? "une plateforme" : "\(platforms) plateformes"), chaque clef, identité et note ; la progression "
            + "reste dans vos tables. Si c’est voulu : passerelle directus adopt --undo --forget",
          en:
            "the names of Passerelle's own tables are taken by yours, so that this takes Passerelle out of the database, with "
            + "\(platforms == 1 ? "one platform" : "\(platforms) platforms"), every key, identity and grade; progress stays in "
            + "your tables. If that is meant: passerelle directus adopt --undo --forget"))
    }
  }
}
