import Postgres

/// The web server's role beyond its rights on Passerelle's tables, which `migrate` looks after.
package enum WebRole {
  /// The statements that take from a role what the web server has no use for: making things, owning Passerelle's, rights on
  /// Directus's tables, the power over other roles. Empty when it has nothing of that.
  package static func excessive(_ role: String, on connection: Connection) throws(PostgresError) -> [String] {
    try connection.query(
      """
      with web as (select r.oid, r.rolname, r.rolcreaterole, r.rolcreatedb, r.rolreplication, r.rolbypassrls
                   from pg_catalog.pg_roles r where r.rolname = \(role)),
      who as (
        select w.oid as asked, x.oid, x.name from web w cross join lateral (
          select 0::oid as oid, 'public' as name
          union all
          select r.oid, quote_ident(r.rolname) from pg_catalog.pg_roles r where pg_has_role(w.oid, r.oid, 'usage')) x)
      select x.statement from (
        select format('alter role %I nocreaterole nocreatedb noreplication nobypassrls;', w.rolname) as statement, 1 as place
          from web w where w.rolcreaterole or w.rolcreatedb or w.rolreplication or w.rolbypassrls
        union all
        select format('alter table %I.%I owner to %I;', t.nspname, c.relname, pg_get_userbyid(n.nspowner)), 2
          from web w, pg_catalog.pg_class c join pg_catalog.pg_namespace t on t.oid = c.relnamespace, pg_catalog.pg_namespace n
          where n.nspname = 'passerelle' and c.relkind in ('r', 'v') and c.relowner = w.oid
            and (c.relnamespace = n.oid or c.relnamespace = 'public'::regnamespace and c.relname = any (\(WebRights.collections)::text[]))
        union all
        select format('revoke create on schema %I from %s;', n.nspname, who.name), 3
          from who, pg_catalog.pg_namespace n cross join lateral aclexplode(n.nspacl) a
          where n.nspname in ('public', 'passerelle') and a.grantee = who.oid and a.privilege_type = 'CREATE'
            and a.grantee <> n.nspowner
        union all
        select format('revoke create on database %I from %s;', d.datname, who.name), 4
          from who, pg_catalog.pg_database d cross join lateral aclexplode(d.datacl) a
          where d.datname = current_database() and a.grantee = who.oid and a.privilege_type = 'CREATE'
        union all
        select distinct format('revoke all on public.%I from %s;', c.relname, who.name), 5
          from who, pg_catalog.pg_class c cross join lateral aclexplode(c.relacl) a
          where c.relnamespace = 'public'::regnamespace and starts_with(c.relname::text, 'directus_') and a.grantee = who.oid) x
      order by x.place, x.statement
      """
    ).map { row throws(PostgresError) in try row.get("statement", as: String.self) }
  }
}
