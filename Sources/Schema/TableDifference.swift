import Postgres
import Wire

/// A table or a column that is not what the migrations made: somebody dropped it, or changed its type.
package struct TableDifference: Equatable, Sendable {
  /// The table as SQL names it: `public.grades`.
  package let table: String
  /// The column; nil where the whole table is missing.
  package let column: String?
  /// What is wrong, in words.
  package let words: Words

  /// The only table that the others suffice to make anew: what is owed follows from progress.
  package static let grades = "public.grades"

  /// Whether `migrate` mends it.
  package var isMended: Bool { table == Self.grades && column == nil }

  /// The way back.
  package var mend: Words {
    isMended
      ? Words(
        fr: "lancez : passerelle migrate ; elle recrée la table, et chaque note due attend passerelle grade retry",
        en:
          "run: passerelle migrate; it makes the table anew, and every grade that is owed waits for passerelle grade retry"
      )
      : Words(
        fr: "restaurez-la depuis une sauvegarde (apache-conf/README.fr.md) ; rien d’autre ne sait ce qu’elle contenait",
        en: "restore it from a backup (apache-conf/README.md); nothing else knows what it held")
  }
}

extension Migrator {
  /// What is not as the migrations that this database has had made it. Changes nothing, and locks nothing that anybody would wait for.
  package func tableDifferences(on connection: Connection) throws(MigrationError) -> [TableDifference] {
    try transaction(on: connection, commits: false) { () throws(MigrationError) in
      try tableDifferences(within: connection)
    }
  }

  /// The same in the caller's transaction: the migrations are run once more on temporary tables, which the catalogue is then compared
  /// with.
  func tableDifferences(within connection: Connection) throws(MigrationError) -> [TableDifference] {
    let numbers = try applied(on: connection)
    guard !numbers.isEmpty else { return [] }
    let adopted = try adoptedRoles(on: connection).map(\.rawValue)
    try run("savepoint passerelle_tables; set local client_min_messages = warning", on: connection)
    for migration in migrations where numbers.contains(migration.number) {
      for statement in SQLScript.statements(of: migration.sql) where Self.shapes(statement) {
        try run(Self.rehearsal(statement), on: connection)
      }
    }
    let found = try asking { () throws(PostgresError) in
      try connection.query(
        """
        with wanted as (
          select c.relname, a.attname, format_type(a.atttypid, a.atttypmod) as type, a.attnotnull,
                 case when c.relname = any (\(WebRights.collections)::text[]) and not c.relname = any (\(adopted)::text[])
                      then 'public.' || c.relname
                      when c.relname = any (\(adopted)::text[]) then 'passerelle.own_' || c.relname
                      else 'passerelle.' || c.relname end as named
          from pg_catalog.pg_class c join pg_catalog.pg_attribute a on a.attrelid = c.oid
          where c.relnamespace = pg_my_temp_schema() and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped)
        select distinct on (x.named, x.attname) x.named, x.attname, x.problem, x.type, x.wanted from (
          select w.named, null::text as attname, 'missing' as problem, null::text as type, null::text as wanted from wanted w
            where to_regclass(w.named) is null
          union all
          select w.named, w.attname::text,
                 case when a.attname is null then 'missing'
                      when format_type(a.atttypid, a.atttypmod) <> w.type then 'type'
                      else 'nullable' end,
                 format_type(a.atttypid, a.atttypmod), w.type
            from wanted w
            left join pg_catalog.pg_attribute a on a.attrelid = to_regclass(w.named) and a.attname = w.attname
              and a.attnum > 0 and not a.attisdropped
            where to_regclass(w.named) is not null
              and (a.attname is null or format_type(a.atttypid, a.atttypmod) <> w.type or w.attnotnull and not a.attnotnull)) x
        order by x.named, x.attname
        """
      ).map { row throws(PostgresError) in
        let table: String = try row.get("named")
        let column: String? = try row.get("attname")
        let object =
          column.map {
            Words(fr: "la colonne \(table).\($0)", en: "column \(table).\($0)")
          } ?? Words(fr: "la table \(table)", en: "table \(table)")
        let problem: Words
        switch try row.get("problem", as: String.self) {
        case "missing": problem = Words(fr: "manque", en: "is missing")
        case "type":
          let type: String = try row.get("type")
          let wanted: String = try row.get("wanted")
          problem = Words(fr: "est \(type), et a été créée \(wanted)", en: "is \(type), and was made \(wanted)")
        default: problem = Words(fr: "peut être vide, et ne le doit pas", en: "may be empty, and must not")
        }
        return TableDifference(table: table, column: column, words: Words { "\(object[$0]) \(problem[$0])" })
      }
    }
    try run("rollback to savepoint passerelle_tables; release savepoint passerelle_tables", on: connection)
    return found
  }

  /// Whether a statement of a migration makes or changes a table.
  private static func shapes(_ statement: String) -> Bool {
    ["create table ", "alter table "].contains(where: statement.hasPrefix)
  }

  /// The same on a temporary table of the same name: no two of ours have one.
  static func rehearsal(_ statement: String) -> String {
    var statement = statement.replacing("passerelle.", with: "pg_temp.")
    for table in WebRights.collections { statement = statement.replacing("public.\(table)", with: "pg_temp.\(table)") }
    return statement
  }
}
