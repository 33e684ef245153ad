import Postgres

/// The statements of the trainer's role. What is made is noted in passerelle.directus_rows under the name that was asked
/// for, so that a role that somebody has renamed since is found again.
enum TrainerStore {
  /// The id of the role that was made for that name and still exists.
  static func role(for name: String, on connection: Connection) throws(PostgresError) -> String? {
    try connection.query(
      """
      select t.id::text as id from public.directus_roles t
      join passerelle.directus_rows r on r.table_name = 'directus_roles' and r.row_id = t.id::text
      where r.purpose = \(name)
      """
    ).first?.get("id")
  }

  /// Whether a role has that name.
  static func isTaken(_ name: String, on connection: Connection) throws(PostgresError) -> Bool {
    try !connection.query("select from public.directus_roles where name = \(name)").isEmpty
  }

  /// A role that gets its rights from policies (version 11).
  static func makeRole(_ name: String, on connection: Connection) throws(PostgresError) -> String {
    try id(
      """
      with made as (
        insert into public.directus_roles (id, name, icon, description)
        values (gen_random_uuid(), \(name), 'school', \(Trainer.description))
        returning id::text as id),
      noted as (
        insert into passerelle.directus_rows (table_name, row_id, purpose)
        select 'directus_roles', id, \(name) from made)
      select id from made
      """, on: connection)
  }

  /// A role that has its rights itself (version 10).
  static func makeRoleWithAccess(_ name: String, on connection: Connection) throws(PostgresError) -> String {
    try id(
      """
      with made as (
        insert into public.directus_roles (id, name, icon, description, admin_access, app_access)
        values (gen_random_uuid(), \(name), 'school', \(Trainer.description),
          false, true)
        returning id::text as id),
      noted as (
        insert into passerelle.directus_rows (table_name, row_id, purpose)
        select 'directus_roles', id, \(name) from made)
      select id from made
      """, on: connection)
  }

  /// The id of the policy that was made for that name and still exists.
  static func policy(for name: String, on connection: Connection) throws(PostgresError) -> String? {
    try connection.query(
      """
      select t.id::text as id from public.directus_policies t
      join passerelle.directus_rows r on r.table_name = 'directus_policies' and r.row_id = t.id::text
      where r.purpose = \(name)
      """
    ).first?.get("id")
  }

  /// A policy that lets people into Directus's application.
  static func makePolicy(_ name: String, on connection: Connection) throws(PostgresError) -> String {
    try id(
      """
      with made as (
        insert into public.directus_policies (id, name, icon, description, admin_access, app_access)
        values (gen_random_uuid(), \(name), 'school', \(Trainer.description),
          false, true)
        returning id::text as id),
      noted as (
        insert into passerelle.directus_rows (table_name, row_id, purpose)
        select 'directus_policies', id, \(name) from made)
      select id from made
      """, on: connection)
  }

  /// Gives the policy to the role, unless it has it.
  static func give(_ policy: String, to role: String, for name: String, on connection: Connection)
    throws(PostgresError)
  {
    try connection.execute(
      """
      with made as (
        insert into public.directus_access (id, role, policy, sort)
        select gen_random_uuid(), \(role)::uuid, \(policy)::uuid, 1
        where not exists (
          select from public.directus_access t where t.role = \(role)::uuid and t.policy = \(policy)::uuid)
        returning id::text as id)
      insert into passerelle.directus_rows (table_name, row_id, purpose)
      select 'directus_access', id, \(name) from made
      """)
  }

  /// Who has permissions: a policy from version 11 on, a role before that. The column of that name says whose one is.
  enum Holder: String {
    case policy, role
  }

  /// Adds a permission to a policy or a role, unless it has one for that action; answers how many were added.
  static func permit(
    _ permission: Trainer.Permission, _ holder: Holder, _ id: String, for name: String, on connection: Connection
  ) throws(PostgresError) -> Int {
    try connection.execute(
      """
      with made as (
        insert into public.directus_permissions (collection, action, fields, \(identifier: holder.rawValue))
        select \(permission.collection), \(permission.action), '*', \(id)::uuid
        where not exists (
          select from public.directus_permissions t
          where t.\(identifier: holder.rawValue) = \(id)::uuid and t.collection = \(permission.collection)
            and t.action = \(permission.action))
        returning id::text as id)
      insert into passerelle.directus_rows (table_name, row_id, purpose)
      select 'directus_permissions', id, \(name) from made
      """)
  }

  /// Deletes the roles that were made here and that no user has, with their permissions (version 10) and their hold on
  /// policies; answers the names they were made under.
  static func deleteUnusedRoles(on connection: Connection) throws(PostgresError) -> [String] {
    try connection.query(
      """
      with gone as (
        delete from public.directus_roles t using passerelle.directus_rows r
        where r.table_name = 'directus_roles' and r.row_id = t.id::text
          and not exists (select from public.directus_users u where u.role = t.id)
        returning r.row_id, r.purpose),
      forgotten as (
        delete from passerelle.directus_rows r using gone
        where r.table_name = 'directus_roles' and r.row_id = gone.row_id)
      select purpose from gone order by purpose
      """
    ).map { row throws(PostgresError) in try row.get("purpose") }
  }

  /// Deletes the policies that were made here and that neither a role nor a user has any more; their permissions go with
  /// them.
  static func deleteUnusedPolicies(on connection: Connection) throws(PostgresError) {
    try connection.execute(
      """
      delete from public.directus_policies t using passerelle.directus_rows r
      where r.table_name = 'directus_policies' and r.row_id = t.id::text
        and not exists (select from public.directus_access a where a.policy = t.id)
      """)
  }

  /// Forgets the notes of what is gone.
  static func forget(_ tables: SystemTables, on connection: Connection) throws(PostgresError) {
    if tables.shape >= .eleven {
      try connection.execute(
        """
        delete from passerelle.directus_rows r
        where (r.table_name = 'directus_policies'
            and not exists (select from public.directus_policies t where t.id::text = r.row_id))
          or (r.table_name = 'directus_access'
            and not exists (select from public.directus_access t where t.id::text = r.row_id))
        """)
    }
    try connection.execute(
      """
      delete from passerelle.directus_rows r
      where (r.table_name = 'directus_roles'
          and not exists (select from public.directus_roles t where t.id::text = r.row_id))
        or (r.table_name = 'directus_permissions'
          and not exists (select from public.directus_permissions t where t.id::text = r.row_id))
      """)
  }

  /// The ids that were noted of a kind of row under a name, whether or not the rows are still there.
  static func noted(_ table: String, for name: String, on connection: Connection) throws(PostgresError) -> [String] {
    try connection.query(
      "select row_id from passerelle.directus_rows where table_name = \(table) and purpose = \(name) order by row_id"
    ).map { row throws(PostgresError) in try row.get("row_id") }
  }

  /// Notes a row that Directus's API made.
  static func note(_ table: String, _ id: String, for name: String, on connection: Connection) throws(PostgresError) {
    try connection.execute(
      """
      insert into passerelle.directus_rows (table_name, row_id, purpose) values (\(table), \(id), \(name))
      on conflict do nothing
      """)
  }

  /// Forgets everything that was noted under a name, but for what describes collections.
  static func forget(_ name: String, on connection: Connection) throws(PostgresError) {
    try connection.execute(
      """
      delete from passerelle.directus_rows
      where purpose = \(name)
        and table_name in ('directus_roles', 'directus_policies', 'directus_access', 'directus_permissions')
      """)
  }

  /// The names of the roles that were made here and are still there.
  static func names(on connection: Connection) throws(PostgresError) -> [String] {
    try connection.query(
      "select purpose from passerelle.directus_rows where table_name = 'directus_roles' order by purpose"
    ).map { row throws(PostgresError) in try row.get("purpose") }
  }

  private static func id(_ statement: Statement, on connection: Connection) throws(PostgresError) -> String {
    guard let row = try connection.query(statement).first else {
      throw PostgresError(.decoding, "an insertion that answers one row answered none")
    }
    return try row.get("id")
  }
}
