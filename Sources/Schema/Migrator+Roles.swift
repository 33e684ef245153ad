import Postgres
import Wire

extension Migrator {
  /// Gives the web server's role what it lacks and takes what is too much, when this database remembers one or is told one.
  /// Answers the statements that were run.
  func bringUpWebRole(_ seams: Seams, on connection: Connection) throws(MigrationError) -> [String] {
    var statements: [String] = []
    if let webRole { statements += try remember(webRole, on: connection) }
    guard let role = try Self.webRole(on: connection) else {
      for statement in statements { try run(statement, on: connection) }
      return statements
    }
    if let problem = try Self.problem(ofWebRole: role, on: connection) { throw .role(problem) }
    statements += try grants(to: role, WebRights.rights(adopted: seams.adopted), on: connection)
    for statement in statements {
      do throws(PostgresError) { try connection.script(statement) } catch { throw .grant(statement, error) }
    }
    return statements
  }

  /// The role of the web server that this database remembers; nil where the owner serves, too.
  package static func webRole(on connection: Connection) throws(MigrationError) -> String? {
    do throws(PostgresError) {
      guard try connection.value("select to_regclass('passerelle.roles') is not null") else { return nil }
      return try connection.query("select role from passerelle.roles where purpose = 'web'").first?.get("role")
    } catch { throw .database(error) }
  }

  /// The statements by which the remembered web role would have its rights and no others on Passerelle's tables; empty when
  /// all is as it must be, or when there is no such role. Changes nothing.
  package func webGrants(on connection: Connection) throws(MigrationError) -> [String] {
    guard let seams, let role = try Self.webRole(on: connection),
      try Self.problem(ofWebRole: role, on: connection) == nil
    else { return [] }
    return try grants(to: role, WebRights.rights(adopted: try seams(connection).adopted), on: connection)
  }

  /// Why a role cannot be the web server's, in words; nil when it can.
  package static func problem(ofWebRole role: String, on connection: Connection) throws(MigrationError) -> Words? {
    do throws(PostgresError) {
      let rows = try connection.query(
        """
        select r.rolsuper as is_superuser, pg_has_role(r.oid, n.nspowner, 'member') as is_member,
               pg_get_userbyid(n.nspowner)::text as owner, format('revoke %I from %I', pg_get_userbyid(n.nspowner), r.rolname) as revoke
        from pg_catalog.pg_roles r, pg_catalog.pg_namespace n where r.rolname = \(role) and n.nspname = 'passerelle'
        """)
      guard let row = rows.first else {
        return Words(
          fr: "il n’y a pas de rôle de base de données « \(role) » : créez-le, ou nommez-en un autre avec --web-role",
          en: "there is no database role “\(role)”: create it, or name another with --web-role")
      }
      if try row.get("is_superuser") {
        return Words(
          fr: "le rôle « \(role) » est superutilisateur, ce que le serveur web ne doit pas être",
          en: "the role “\(role)” is a superuser, which the web server must not be")
      }
      guard try row.get("is_member") else { return nil }
      let owner: String = try row.get("owner")
      let revoke: String = try row.get("revoke")
      return Words(
        fr: "le rôle « \(role) » est membre de « \(owner) », qui possède les tables ; lancez d’abord : \(revoke)",
        en: "the role “\(role)” is a member of “\(owner)”, which owns the tables; first run: \(revoke)")
    } catch { throw .database(error) }
  }

  /// Remembers who the web server is from now on; the former one loses what it had. The owner itself means: nobody else.
  private func remember(_ role: String, on connection: Connection) throws(MigrationError) -> [String] {
    let former = try Self.webRole(on: connection)
    guard role != former else { return [] }
    let isOwner = try asking { () throws(PostgresError) in
      try connection.value(
        "select pg_get_userbyid(n.nspowner) = \(role) from pg_catalog.pg_namespace n where n.nspname = 'passerelle'",
        as: Bool.self)
    }
    if !isOwner, let problem = try Self.problem(ofWebRole: role, on: connection) { throw .role(problem) }
    try asking { () throws(PostgresError) in
      _ = try connection.execute("delete from passerelle.roles where purpose = 'web'")
      if !isOwner {
        _ = try connection.execute("insert into passerelle.roles (purpose, role) values ('web', \(role))")
      }
    }
    guard let former else { return [] }
    return try grants(to: former, [], on: connection)
  }

  /// The statements that bring a role from what it was granted to these rights, revocations first.
  private func grants(
    to role: String, _ rights: [WebRights.Right], on connection: Connection
  ) throws(MigrationError) -> [String] {
    try asking { () throws(PostgresError) in
      try connection.query(
        """
        with someone as (select r.oid, r.rolname from pg_catalog.pg_roles r where r.rolname = \(role)),
        wanted as (
          select to_regclass(w.relation)::oid as relation, w.privilege
          from unnest(\(rights.map(\.relation))::text[], \(rights.map(\.privilege))::text[]) as w (relation, privilege)),
        granted as (
          select c.oid as relation, lower(a.privilege_type) as privilege
          from someone, pg_catalog.pg_class c cross join lateral aclexplode(c.relacl) a
          where a.grantee = someone.oid and pg_has_role(c.relowner, 'usage')
            and (c.relnamespace = 'passerelle'::regnamespace or c.oid in (select w.relation from wanted w)
              or c.relnamespace = 'public'::regnamespace and c.relname = any (\(WebRights.collections)::text[])
                and not exists (select from passerelle.adoption a where a.tables -> c.relname::text is not null))),
        lacking as (
          select w.relation, w.privilege from wanted w where w.relation is not null
          except select g.relation, g.privilege from granted g),
        spare as (select g.relation, g.privilege from granted g except select w.relation, w.privilege from wanted w),
        callable as (
          select p.oid, p.proname::text as name,
                 format('passerelle.%I(%s)', p.proname, pg_get_function_identity_arguments(p.oid)) as routine
          from pg_catalog.pg_proc p
          where p.pronamespace = 'passerelle'::regnamespace and p.prokind = 'f' and p.prorettype <> 'trigger'::regtype)
        select x.statement from (
          select format('revoke %s on %I.%I from %I', string_agg(s.privilege, ', ' order by s.privilege), n.nspname, c.relname,
                        someone.rolname) as statement, 1 as place
            from spare s join pg_catalog.pg_class c on c.oid = s.relation
            join pg_catalog.pg_namespace n on n.oid = c.relnamespace cross join someone
            group by n.nspname, c.relname, someone.rolname
          union all
          select format('revoke all on schema passerelle from %I', someone.rolname), 2 from someone
            where \(rights.isEmpty) and has_schema_privilege(someone.oid, 'passerelle', 'usage')
          union all
          select format('revoke execute on function %s from %I', c.routine, someone.rolname), 2
            from callable c join pg_catalog.pg_proc p on p.oid = c.oid cross join someone
            where exists (select from aclexplode(p.proacl) a where a.grantee = someone.oid)
              and (\(rights.isEmpty) or c.name = any (\(WebRights.ownersFunctions)::text[]))
          union all
          select format('grant usage on schema %s to %I', n.name, someone.rolname), 3
            from someone, (values ('passerelle'), ('public')) n (name)
            where not \(rights.isEmpty) and not has_schema_privilege(someone.oid, n.name, 'usage')
          union all
          select format('grant %s on %I.%I to %I', string_agg(l.privilege, ', ' order by l.privilege), n.nspname, c.relname,
                        someone.rolname), 4
            from lacking l join pg_catalog.pg_class c on c.oid = l.relation
            join pg_catalog.pg_namespace n on n.oid = c.relnamespace cross join someone
            group by n.nspname, c.relname, someone.rolname
          union all
          select format('grant execute on function %s to %I', c.routine, someone.rolname), 5
            from callable c, someone
            where not \(rights.isEmpty) and not has_function_privilege(someone.oid, c.oid, 'execute')
              and not c.name = any (\(WebRights.ownersFunctions)::text[])) x
        order by x.place, x.statement
        """
      ).map { row throws(PostgresError) in try row.get("statement", as: String.self) }
    }
  }
}
