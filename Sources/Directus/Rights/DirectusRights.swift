import Postgres

/// What Passerelle's owner needs in Directus's tables: one list, which `migrate`, `doctor` and `learner erase` print for the role
/// that runs them.
///
/// Nothing in it lets anybody make themselves an administrator of Directus, or reads a password: who may do what is Directus's own
/// business, and asked of it through its API.
package enum DirectusRights {
  /// What is done there.
  package enum Purpose: Sendable {
    /// The collections are described, and their dashboard.
    case describing
    /// What Directus recorded of a learner is exported and erased.
    case forgetting
  }

  private struct Need {
    let table: String
    let privileges: String
    let purpose: Purpose
    /// The only column that is read.
    var column: String?
  }

  private static let needs: [Need] =
    [
      "directus_collections", "directus_fields", "directus_relations", "directus_presets", "directus_translations",
      "directus_dashboards", "directus_panels",
    ].map { Need(table: $0, privileges: "SELECT, INSERT, UPDATE, DELETE", purpose: .describing) }
    + [Need(table: "directus_settings", privileges: "SELECT", purpose: .describing, column: "default_language")]
    + [
      // A revision of another row may name one of these as its parent.
      Need(table: "directus_revisions", privileges: "SELECT, UPDATE, DELETE", purpose: .forgetting)
    ]
    + ["directus_activity", "directus_comments", "directus_notifications", "directus_shares", "directus_versions"]
    .map { Need(table: $0, privileges: "SELECT, DELETE", purpose: .forgetting) }

  /// The tables that are described in.
  static let described = needs.filter { $0.purpose == .describing && $0.column == nil }.map(\.table)

  /// The statements, for the owner of Directus's tables to run, that give this session's role what it lacks; empty when it lacks
  /// nothing. Tables that this Directus does not have are left out.
  package static func missing(
    for purposes: [Purpose] = [.describing, .forgetting], on connection: Connection
  ) throws(PostgresError) -> [String] {
    let needs = needs.filter { purposes.contains($0.purpose) }
    return try connection.query(
      """
      with needed as (
        select n.place, c.oid, c.relname, n.privileges, nullif(n.named, '') as named
        from unnest(\(needs.map(\.table))::text[], \(needs.map(\.privileges))::text[], \(needs.map { $0.column ?? "" })::text[])
          with ordinality n (name, privileges, named, place)
        join pg_catalog.pg_class c on c.relnamespace = 'public'::regnamespace and c.relname = n.name and c.relkind in ('r', 'p')),
      numbered as (
        select n.place, s.oid, s.relname, s.relkind from needed n
        join pg_catalog.pg_depend d on d.refobjid = n.oid and d.classid = 'pg_class'::regclass and d.deptype in ('a', 'i')
        join pg_catalog.pg_class s on s.oid = d.objid and s.relkind = 'S'
        where n.privileges like '%INSERT%')
      select x.statement from (
        select format('GRANT %s ON public.%I TO %I;',
                 case when n.named is null then n.privileges else format('%s (%I)', n.privileges, n.named) end,
                 n.relname, current_user) as statement, n.place, 1 as step
        from needed n
        where case when n.named is not null then not has_column_privilege(n.oid, n.named, n.privileges)
              else exists (
                select from unnest(string_to_array(n.privileges, ', ')) p (privilege)
                where not has_table_privilege(n.oid, p.privilege)) end
        union all
        select format('GRANT USAGE ON SEQUENCE public.%I TO %I;', n.relname, current_user), n.place, 2
        -- In a CASE, because PostgreSQL may ask for the right before it looks whether it is a sequence.
        from numbered n where case n.relkind when 'S' then not has_sequence_privilege(n.oid, 'usage') else false end) x
      order by x.place, x.step
      """
    ).map { row throws(PostgresError) in try row.get("statement") }
  }

  /// Whether this session may do in Directus's tables what their owner may, which nobody is to be granted.
  package static func isOwner(on connection: Connection) throws(PostgresError) -> Bool {
    try connection.query(
      """
      select pg_has_role(c.relowner, 'usage') as is_owner from pg_catalog.pg_class c
      where c.oid = to_regclass('public.directus_roles')
      """
    ).first?.get("is_owner") ?? false
  }
}
