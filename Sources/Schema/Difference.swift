import Postgres
import Wire

/// A function, a view or a trigger that is not what this program and the map in force make.
package struct Difference: Equatable, Sendable {
  /// How it differs.
  package enum Kind: Equatable, Sendable {
    case missing
    case changed
    /// Nobody makes it.
    case foreign
  }

  /// How it differs.
  package let kind: Kind
  /// `function passerelle.utc(…)`, `view passerelle.learner_rows`, `trigger touch on public.grains`.
  package let object: String

  /// In words for an administrator.
  package var words: Words {
    switch kind {
    case .missing: Words(fr: "\(object) manque", en: "\(object) is missing")
    case .changed:
      Words(
        fr: "\(object) n’est pas tel que ce programme le crée",
        en: "\(object) is not the one that this program makes")
    case .foreign: Words(fr: "\(object) n’est pas de ce programme", en: "\(object) is not this program's")
    }
  }
}

extension Migrator {
  /// Every function, view and trigger that is not what this program and the map in force would make. The tables must be up
  /// to date. Changes nothing, and locks nothing that anybody would wait for.
  package func differences(on connection: Connection) throws(MigrationError) -> [Difference] {
    guard let seams else { return [] }
    return try transaction(on: connection, commits: false) { () throws(MigrationError) in
      try differences(from: try seams(connection), within: connection)
    }
  }

  /// The same in the caller's transaction: everything is made once more among the session's temporary objects, where a
  /// trigger stands on an empty table of the same columns; the catalogue prints both; then the rehearsal is rolled back.
  func differences(from seams: Seams, within connection: Connection) throws(MigrationError) -> [Difference] {
    try run(
      """
      savepoint passerelle_rehearsal; set local search_path = pg_catalog; set local check_function_bodies = off;
      set local client_min_messages = warning
      """, on: connection)
    let installed = try asking { () throws(PostgresError) in try Self.catalogue("passerelle", on: connection) }
    var tables: [String] = []
    for definition in Schema.common + seams.all {
      var stage = ""
      if case .trigger(_, let table) = definition.kind {
        stage = "t\(tables.firstIndex(of: table) ?? tables.count)"
        if !tables.contains(table) {
          tables.append(table)
          try stand(in: stage, for: table, on: connection)
        }
      }
      let statement = definition.rehearsal(onto: stage)
      do throws(PostgresError) { try connection.script(statement) } catch { throw .definition(definition.sql, error) }
    }
    let wanted = try asking { () throws(PostgresError) in
      let place: String = try connection.value("select pg_my_temp_schema()::regnamespace::text")
      // The catalogue writes quotes only where a name needs them; a statement may have more.
      let printed = try tables.map { table throws(PostgresError) in
        try connection.value("select \(table)::regclass::text", as: String.self)
      }
      var wanted: [String: String] = [:]
      for (object, text) in try Self.catalogue(place, on: connection) {
        wanted[Self.real(object, place, printed)] = Self.real(text, place, printed)
      }
      return wanted
    }
    try run("rollback to savepoint passerelle_rehearsal; release savepoint passerelle_rehearsal", on: connection)
    return Set(installed.keys).union(wanted.keys).sorted().compactMap { object in
      guard let text = installed[object] else { return Difference(kind: .missing, object: object) }
      guard let other = wanted[object] else { return Difference(kind: .foreign, object: object) }
      return text == other ? nil : Difference(kind: .changed, object: object)
    }
  }

  /// A temporary table with the columns of another. (LIKE needs the right to read all of them, which nobody has on the users of
  /// Directus.)
  private func stand(in stage: String, for table: String, on connection: Connection) throws(MigrationError) {
    let columns: String = try asking { () throws(PostgresError) in
      try connection.value(
        """
        select coalesce(string_agg(format('%I %s', a.attname, format_type(a.atttypid, a.atttypmod)), ', ' order by a.attnum), '')
        from pg_catalog.pg_attribute a where a.attrelid = \(table)::regclass and a.attnum > 0 and not a.attisdropped
        """)
    }
    try run("create temporary table \(stage) (\(columns))", on: connection)
  }

  /// What the rehearsal is called where it is done in earnest. The catalogue calls the temporary schema by its number or by
  /// its short name.
  private static func real(_ text: String, _ place: String, _ tables: [String]) -> String {
    var text = text.replacing(place + ".", with: "pg_temp.")
    for (number, table) in tables.enumerated() {
      let stage = "pg_temp.t\(number)"
      if text.hasSuffix(" on \(stage)") { text = text.dropLast(stage.count) + table }
      text = text.replacing(" \(stage) ", with: " \(table) ")
    }
    return text.replacing("pg_temp.", with: "passerelle.")
  }

  /// Functions and views of a schema, and the triggers that call its functions, as the catalogue prints them.
  private static func catalogue(_ place: String, on connection: Connection) throws(PostgresError) -> [String: String] {
    var objects: [String: String] = [:]
    for row in try connection.query(
      """
      select format('function %s.%s(%s)', p.pronamespace::regnamespace, p.proname,
                    pg_get_function_identity_arguments(p.oid)) as object,
             case when p.prokind in ('f', 'p') then pg_get_functiondef(p.oid) else '' end
               || has_function_privilege('public', p.oid, 'execute') as text
        from pg_catalog.pg_proc p where p.pronamespace = \(place)::regnamespace
      union all
      select format('view %s.%I', c.relnamespace::regnamespace, c.relname), pg_get_viewdef(c.oid)
        from pg_catalog.pg_class c where c.relnamespace = \(place)::regnamespace and c.relkind = 'v'
      union all
      select format('trigger %I on %s.%I', t.tgname, c.relnamespace::regnamespace, c.relname),
             pg_get_triggerdef(t.oid) || case when t.tgenabled in ('O', 'A') then '' else ' disabled' end
        from pg_catalog.pg_trigger t
        join pg_catalog.pg_proc p on p.oid = t.tgfoid
        join pg_catalog.pg_class c on c.oid = t.tgrelid
        where p.pronamespace = \(place)::regnamespace and not t.tgisinternal
      """)
    {
      objects[try row.get("object")] = try row.get("text")
    }
    return objects
  }
}
