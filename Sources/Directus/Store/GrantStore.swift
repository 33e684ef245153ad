import Postgres

/// The questions about rights. PostgreSQL itself quotes the names in the statements that are answered.
enum GrantStore {
  /// Who made Directus's tables.
  static func owner(on connection: Connection) throws(PostgresError) -> String? {
    try connection.query(
      """
      select pg_get_userbyid(c.relowner)::text as role from pg_catalog.pg_class c
      where c.oid = to_regclass('public.directus_collections')
      """
    ).first?.get("role")
  }

  /// Whether there is such a role.
  static func exists(_ role: String, on connection: Connection) throws(PostgresError) -> Bool {
    try !connection.query("select from pg_catalog.pg_roles where rolname = \(role)").isEmpty
  }

  /// Whether the role has every right by itself: a superuser, or one with all rights of the collections' owner.
  static func ownsAll(_ role: String, of collections: [String], on connection: Connection) throws(PostgresError) -> Bool
  {
    try connection.query(
      """
      select bool_and(pg_has_role(\(role)::name, c.relowner, 'usage')) as owns
      from pg_catalog.pg_class c
      where c.relnamespace = 'public'::regnamespace and c.relname = any (\(collections)::text[])
      """
    ).first?.get("owns") ?? false
  }

  /// The statements that grant the role what it lacks on schema public and on these collections.
  static func missing(for role: String, on collections: [String], _ connection: Connection) throws(PostgresError)
    -> [String]
  {
    try connection.query(
      """
      select format('GRANT USAGE ON SCHEMA public TO %I;', \(role)::name) as statement, 0 as place
      where not has_schema_privilege(\(role)::name, 'public', 'usage')
      union all
      select format('GRANT SELECT, INSERT, UPDATE, DELETE ON public.%I TO %I;', t.name, \(role)::name), t.place
      from unnest(\(collections)::text[]) with ordinality t (name, place)
      where not (has_table_privilege(\(role)::name, 'public.' || t.name, 'select')
        and has_table_privilege(\(role)::name, 'public.' || t.name, 'insert')
        and has_table_privilege(\(role)::name, 'public.' || t.name, 'update')
        and has_table_privilege(\(role)::name, 'public.' || t.name, 'delete'))
      order by place
      """
    ).map { row throws(PostgresError) in try row.get("statement") }
  }

  /// The statements that take from the role, and from everybody, what it has in schema passerelle.
  static func excessive(for role: String, on connection: Connection) throws(PostgresError) -> [String] {
    try connection.query(
      """
      select distinct format('REVOKE ALL ON SCHEMA passerelle FROM %s;', g.name) as statement
      from pg_catalog.pg_namespace n
      cross join lateral aclexplode(n.nspacl) a
      cross join lateral (
        select case when a.grantee = 0 then 'PUBLIC' else quote_ident(pg_get_userbyid(a.grantee)) end as name) g
      where n.nspname = 'passerelle' and a.grantee <> n.nspowner
        and (a.grantee = 0 or pg_has_role(\(role)::name, a.grantee, 'usage'))
      order by 1
      """
    ).map { row throws(PostgresError) in try row.get("statement") }
  }
}
