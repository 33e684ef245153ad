import Postgres

/// What a role is besides Directus's.
package enum RoleStanding: String, Sendable {
  /// Nothing, as it should be.
  case plain
  /// A superuser, who may do everything everywhere.
  case superuser
  /// The owner of the collections, who owns the machinery as well.
  case owner
  /// The web server's.
  case web
}

/// The questions about rights. PostgreSQL itself quotes the names in the statements that are answered.
enum GrantStore {
  /// Who owns Directus's tables.
  static func ownerOfDirectus(on connection: Connection) throws(PostgresError) -> String {
    try connection.query(
      """
      select pg_get_userbyid(c.relowner)::text as role from pg_catalog.pg_class c
      where c.oid = to_regclass('public.directus_collections')
      """
    ).first?.get("role") ?? ""
  }

  /// Whether there is such a role.
  static func exists(_ role: String, on connection: Connection) throws(PostgresError) -> Bool {
    try !connection.query("select from pg_catalog.pg_roles where rolname = \(role)").isEmpty
  }

  /// Whether the role is a superuser, owns the collections, or is the web server's.
  static func standing(of role: String, on collections: [String], _ connection: Connection) throws(PostgresError)
    -> RoleStanding
  {
    let word: String? = try connection.query(
      """
      select case
          when r.rolsuper then 'superuser'
          when (select bool_and(c.relowner = r.oid) from pg_catalog.pg_class c
                where c.relnamespace = 'public'::regnamespace and c.relname = any (\(collections)::text[])) then 'owner'
          when exists (select from passerelle.roles w where w.purpose = 'web' and w.role = r.rolname::text) then 'web'
        end as standing
      from pg_catalog.pg_roles r where r.rolname = \(role)
      """
    ).first?.get("standing")
    return word.flatMap(RoleStanding.init) ?? .plain
  }

  /// The statements that take the role out of those that own the machinery, or serve the web: a member has all their rights.
  /// Where it is a member by way of another role, that one's membership is taken.
  static func memberships(of role: String, on connection: Connection) throws(PostgresError) -> [String] {
    try connection.query(
      """
      select distinct format('REVOKE %I FROM %I;', pg_get_userbyid(m.roleid), pg_get_userbyid(m.member)) as statement
      from pg_catalog.pg_auth_members m
      where pg_has_role(\(role)::name, m.member, 'member')
        and (m.roleid = (select n.nspowner from pg_catalog.pg_namespace n where n.nspname = 'passerelle')
          or m.roleid in (select c.relowner from pg_catalog.pg_class c where c.relnamespace = 'passerelle'::regnamespace)
          or pg_get_userbyid(m.roleid)::text in (select w.role from passerelle.roles w where w.purpose = 'web'))
      order by 1
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
        and not exists (select from passerelle.roles w where w.role = pg_get_userbyid(a.grantee)::text and w.purpose = 'web')
        and (a.grantee = 0 or pg_has_role(\(role)::name, a.grantee, 'usage'))
      order by 1
      """
    ).map { row throws(PostgresError) in try row.get("statement") }
  }
}
