import Postgres
import Wire

/// The database role as which Directus works, and the five rights that it needs of Passerelle.
///
/// A Directus 10 answers every request with an error 500 while schema public holds one table with a key of one column that its
/// role may not see. So whoever makes a table there grants it in the same transaction.
package enum DirectusRole {
  /// The role: the one that `migrate --directus-role` named, otherwise the owner of Directus's tables; nil where neither is
  /// there.
  package static func current(on connection: Connection) throws(PostgresError) -> String? {
    if let named = try named(on: connection) { return named }
    return try connection.query(
      """
      select pg_get_userbyid(c.relowner)::text as role from pg_catalog.pg_class c
      where c.oid = to_regclass('public.directus_collections')
      """
    ).first?.get("role")
  }

  /// The role that this database was told; nil where none was, or where the database is older.
  static func named(on connection: Connection) throws(PostgresError) -> String? {
    guard try connection.value("select to_regclass('passerelle.roles') is not null", as: Bool.self) else { return nil }
    return try connection.query("select role from passerelle.roles where purpose = 'directus'").first?.get("role")
  }

  /// The statements that grant a role what it lacks on schema public and on these collections. What it has as a member of the
  /// collections' owner does not count: that membership is to go. A superuser lacks nothing.
  package static func missing(
    for role: String, on collections: [String], _ connection: Connection
  ) throws(PostgresError) -> [String] {
    try connection.query(
      """
      select x.statement from (
        select format('GRANT USAGE ON SCHEMA public TO %I;', \(role)::name) as statement, 0 as place
        where not has_schema_privilege(\(role)::name, 'public', 'usage')
        union all
        select format('GRANT SELECT, INSERT, UPDATE, DELETE ON public.%I TO %I;', t.name, \(role)::name), t.place
        from unnest(\(collections)::text[]) with ordinality t (name, place)
        join pg_catalog.pg_class c on c.relname = t.name and c.relnamespace = 'public'::regnamespace
        where exists (
          select from unnest(array['SELECT', 'INSERT', 'UPDATE', 'DELETE']) w (privilege)
          where not exists (
            select from aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) a
            where a.privilege_type = w.privilege
              and (a.grantee = 0 or a.grantee <> c.relowner and pg_has_role(\(role)::name, a.grantee, 'usage')
                or pg_get_userbyid(a.grantee) = \(role)::name)))) x
      where not exists (select from pg_catalog.pg_roles r where r.rolname = \(role) and r.rolsuper)
      order by x.place
      """
    ).map { row throws(PostgresError) in try row.get("statement") }
  }
}

extension Migrator {
  /// Gives Directus's role what it lacks on the collections that are Passerelle's own. Answers the statements that were run.
  func bringUpDirectusRole(_ seams: Seams, on connection: Connection) throws(MigrationError) -> [String] {
    if let directusRole { try rememberDirectus(directusRole, on: connection) }
    let statements = try directusGrants(seams, on: connection)
    for statement in statements {
      do throws(PostgresError) { try connection.script(statement) } catch { throw .grant(statement, error) }
    }
    return statements
  }

  /// The statements by which Directus's role would have its rights; empty when it has them, or when there is no Directus.
  /// Changes nothing.
  package func directusGrants(on connection: Connection) throws(MigrationError) -> [String] {
    guard let seams else { return [] }
    return try directusGrants(try seams(connection), on: connection)
  }

  private func directusGrants(_ seams: Seams, on connection: Connection) throws(MigrationError) -> [String] {
    let role = try asking { () throws(PostgresError) in try DirectusRole.current(on: connection) }
    // Where Directus works as the web server does, it sees the collections as that one: `doctor` warns of it.
    guard let role, try Self.webRole(on: connection) != role else { return [] }
    if try !asking({ () throws(PostgresError) in try Self.exists(role, on: connection) }) {
      throw .role(
        Words(
          fr: "il n’y a plus de rôle de base de données « \(role) » : nommez celui de Directus avec --directus-role",
          en: "there is no database role “\(role)” any more: name Directus's with --directus-role"))
    }
    let adopted = Set(seams.adopted.map(\.rawValue))
    let own = WebRights.collections.filter { !adopted.contains($0) }
    // Schema public is seldom this role's to grant, and whoever may not enter it sees no table that could hinder Directus.
    return try asking { () throws(PostgresError) in try DirectusRole.missing(for: role, on: own, connection) }
      .filter { !$0.hasPrefix("GRANT USAGE") }
  }

  private func rememberDirectus(_ role: String, on connection: Connection) throws(MigrationError) {
    guard try asking({ () throws(PostgresError) in try Self.exists(role, on: connection) }) else {
      throw .role(
        Words(
          fr:
            "il n’y a pas de rôle de base de données « \(role) » : créez-le, ou nommez-en un autre avec --directus-role",
          en: "there is no database role “\(role)”: create it, or name another with --directus-role"))
    }
    try asking { () throws(PostgresError) in
      _ = try connection.execute(
        """
        insert into passerelle.roles as r (purpose, role) values ('directus', \(role))
        on conflict (purpose) do update set role = excluded.role, named_at = now() where r.role <> excluded.role
        """)
    }
  }

  private static func exists(_ role: String, on connection: Connection) throws(PostgresError) -> Bool {
    try !connection.query("select from pg_catalog.pg_roles where rolname = \(role)").isEmpty
  }
}
