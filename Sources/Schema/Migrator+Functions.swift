import Postgres

extension Migrator {
  /// Makes functions, views and triggers anew, unless they are the ones that were made last and nobody changed them since.
  func bringUpFunctions(_ seams: Seams, on connection: Connection) throws(MigrationError) -> Bool {
    let digest = try digest(of: seams, on: connection)
    let isKnown = try asking { () throws(PostgresError) in
      try connection.value(
        "select exists (select from passerelle.functions_made f where f.digest = \(digest))", as: Bool.self)
    }
    if isKnown, try differences(from: seams, within: connection).isEmpty { return false }
    try remakeFunctions(seams, on: connection)
    try asking { () throws(PostgresError) in
      _ = try connection.execute(
        """
        insert into passerelle.functions_made as f (digest) values (\(digest))
        on conflict (one) do update set digest = excluded.digest, made_at = now()
        """)
    }
    let differences = try differences(from: seams, within: connection)
    guard differences.isEmpty else { throw .differs(differences.map(\.words)) }
    return true
  }

  /// Makes them anew for the seams that are in force by now, inside the transaction that the caller has begun.
  package func remakeFunctions(within connection: Connection) throws(MigrationError) -> Seams? {
    guard let source = seams else { return nil }
    let seams = try source(connection)
    _ = try bringUpFunctions(seams, on: connection)
    _ = try bringUpWebRole(seams, on: connection)
    _ = try bringUpDirectusRole(seams, on: connection)
    return seams
  }

  private func digest(of seams: Seams, on connection: Connection) throws(MigrationError) -> String {
    let text = (Schema.common + seams.all).map(\.sql).joined(separator: ";\n")
    return try asking { () throws(PostgresError) in
      try connection.value("select encode(sha256(convert_to(\(text)::text, 'UTF8')), 'hex')")
    }
  }

  /// All that is there goes, without `cascade`: where an institution's own view stands on one of these functions, PostgreSQL says so
  /// and nothing is changed. Triggers on tables of somebody else's go with their functions, because only the tables' owner may drop
  /// them by themselves; nothing else can stand on the function of a trigger.
  private func remakeFunctions(_ seams: Seams, on connection: Connection) throws(MigrationError) {
    let definitions = Schema.common + seams.all
    // What waits for the end of the transaction is looked at by triggers that are about to go.
    try run("set constraints all immediate", on: connection)
    try run(Self.drop, on: connection)
    try run("set local check_function_bodies = off", on: connection)
    // Functions of the seams are read by PostgreSQL when they are made: what a map says may fit no function.
    let views = (Schema.common + seams.all).filter(\.isView)
    try dropViews(but: views, on: connection)
    for view in views { try make(view: view, on: connection) }
    for definition in Schema.common where !definition.isView { try make(definition, on: connection) }
    try run("set local check_function_bodies = on", on: connection)
    for definition in definitions.dropFirst(Schema.common.count) where !definition.isView {
      try make(definition, on: connection)
    }
  }

  private func make(_ definition: Definition, on connection: Connection) throws(MigrationError) {
    do throws(PostgresError) { try connection.script(definition.sql) } catch {
      throw .definition(definition.sql, error)
    }
  }

  /// A view that an institution's own views may stand on is replaced where PostgreSQL can; otherwise it goes first.
  private func make(view: Definition, on connection: Connection) throws(MigrationError) {
    guard case .view(let name) = view.kind else { return }
    try run("savepoint passerelle_view", on: connection)
    do throws(PostgresError) {
      try connection.script(view.replacing)
    } catch {
      guard error.sqlState == Self.otherColumns else { throw .definition(view.sql, error) }
      try run("rollback to savepoint passerelle_view", on: connection)
      do throws(PostgresError) {
        try connection.script("drop view passerelle.\(name); \(view.replacing)")
      } catch { throw .definition(view.sql, error) }
    }
    try run("release savepoint passerelle_view", on: connection)
  }

  /// Views of former releases.
  private func dropViews(but views: [Definition], on connection: Connection) throws(MigrationError) {
    let names = views.compactMap { view -> String? in
      if case .view(let name) = view.kind { name } else { nil }
    }
    let drops = try asking { () throws(PostgresError) in
      try connection.query(
        """
        select format('drop view passerelle.%I', c.relname) as statement
        from pg_catalog.pg_class c
        where c.relnamespace = 'passerelle'::regnamespace and c.relkind = 'v' and not c.relname::text = any (\(names)::text[])
        order by 1
        """
      ).map { row throws(PostgresError) in try row.get("statement", as: String.self) }
    }
    for drop in drops {
      do throws(PostgresError) { try connection.script(drop) } catch { throw .definition(drop, error) }
    }
  }

  /// SQLSTATE invalid_table_definition: the columns are not those of the view that is there.
  private static let otherColumns = "42P16"

  private static let drop = """
    do $passerelle$
    declare
      d record;
    begin
      for d in
        select format('drop trigger %I on %s', t.tgname, t.tgrelid::regclass) as statement
        from pg_catalog.pg_trigger t join pg_catalog.pg_proc p on p.oid = t.tgfoid
        join pg_catalog.pg_class c on c.oid = t.tgrelid
        where p.pronamespace = 'passerelle'::regnamespace and not t.tgisinternal and pg_has_role(c.relowner, 'usage')
        order by t.tgrelid::regclass::text, t.tgname
      loop
        execute d.statement;
      end loop;
      for d in
        select format('drop routine %s%s', p.oid::regprocedure,
                      case when p.prorettype = 'trigger'::regtype then ' cascade' else '' end) as statement
        from pg_catalog.pg_proc p where p.pronamespace = 'passerelle'::regnamespace order by p.oid
      loop
        execute d.statement;
      end loop;
    end
    $passerelle$
    """
}

extension Definition {
  var isView: Bool { if case .view = kind { true } else { false } }
}
