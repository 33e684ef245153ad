import Directus
import DirectusTestSupport
import Postgres
import TestSupport
import Testing

/// What Directus's role may do, told as statements to paste.
@Suite(.needsPostgres) struct GrantsTests {
  @Test("The owner of Directus's tables lacks the five collections until the printed statements were run")
  func missing() throws {
    let database = try ScratchDirectus(.twelve)
    let role = try PlainRole(database, granted: false)
    let before = try Grants.check(on: database.connection)
    #expect(before.role == role.name && before.standing == .plain && before.excessive.isEmpty)
    #expect(
      before.missing.filter { $0.contains("SELECT") }
        == ["learners", "progress", "grades", "modules", "grains"].map {
          "GRANT SELECT, INSERT, UPDATE, DELETE ON public.\($0) TO \"\(role.name)\";"
        })
    let refused = caught(PostgresError.self) { try role.connection.query("select from public.progress") }
    #expect(refused?.sqlState == "42501")
    for statement in before.missing { try database.connection.script(statement) }
    #expect(try Grants.check(on: database.connection).missing.isEmpty)
    #expect(try role.connection.query("select from public.progress").isEmpty)
    try database.connection.execute("revoke delete on public.progress from \(identifier: role.name)")
    #expect(try Grants.check(on: database.connection).missing.count == 1)
  }

  @Test("Rights in schema passerelle are too much, from whomever they come")
  func excessive() throws {
    let database = try ScratchDirectus(.twelve)
    let role = try PlainRole(database)
    try database.connection.execute("grant usage on schema passerelle to public")
    let check = try Grants.check(on: database.connection)
    #expect(check.excessive == ["REVOKE ALL ON SCHEMA passerelle FROM PUBLIC;"])
    for statement in check.excessive { try database.connection.script(statement) }
    try database.connection.execute("grant all on schema passerelle to \(identifier: role.name)")
    let again = try Grants.check(on: database.connection)
    #expect(again.excessive == ["REVOKE ALL ON SCHEMA passerelle FROM \"\(role.name)\";"])
    for statement in again.excessive { try database.connection.script(statement) }
    #expect(try Grants.check(on: database.connection).excessive.isEmpty)
  }

  @Test(
    "A superuser needs nothing and is called one, the tables' owner likewise, and a name that is no role is refused")
  func owner() throws {
    let database = try ScratchDirectus(.twelve)
    let check = try Grants.check(on: database.connection)
    #expect(check.standing == .superuser && check.missing.isEmpty && check.excessive.isEmpty)
    let role = try PlainRole(database)
    #expect(try Grants.check(role: role.name, on: database.connection).role == role.name)
    for table in ["learners", "modules", "grains", "progress", "grades"] {
      try database.connection.execute("alter table public.\(identifier: table) owner to \(identifier: role.name)")
    }
    let owner = try Grants.check(role: role.name, on: database.connection)
    #expect(owner.standing == .owner && owner.missing.isEmpty)
    #expect(throws: DirectusProblem.noRole("nobody at all")) {
      try Grants.check(role: "nobody at all", on: database.connection)
    }
  }

  @Test(
    "Membership of the machinery's owner is no ownership: the rights that are needed and the revocation are printed")
  func membership() throws {
    let database = try ScratchDirectus(.twelve)
    let role = try PlainRole(database, granted: false)
    let (owner, group) = ("owner_\(database.name)", "group_\(database.name)")
    try database.connection.script("create role \(owner); create role \(group)")
    defer {
      try? database.connection.script(
        "alter schema passerelle owner to current_user; drop role \(owner); drop role \(group)")
    }
    try database.connection.script("alter schema passerelle owner to \(owner); grant \(owner) to \(group)")
    try database.connection.execute("grant \(identifier: group) to \(identifier: role.name)")
    for table in try database.values(
      "select c.oid::regclass::text from pg_class c where c.relnamespace = 'passerelle'::regnamespace and c.relkind in ('r', 'v')"
    ) {
      try database.connection.execute("alter table \(unescaped: table) owner to \(identifier: owner)")
    }
    for table in ["learners", "modules", "grains", "progress", "grades"] {
      try database.connection.execute("alter table public.\(identifier: table) owner to \(identifier: owner)")
    }
    defer { try? database.connection.script("reassign owned by \(owner) to current_user") }
    // This is what membership means.
    #expect(try role.connection.query("select from passerelle.tool_keys").isEmpty)
    let check = try Grants.check(on: database.connection)
    #expect(check.standing == .plain)
    #expect(check.memberships == ["REVOKE \(owner) FROM \(group);"])
    #expect(check.missing.count == 5)
    for statement in check.missing + check.memberships { try database.connection.script(statement) }
    let after = try Grants.check(on: database.connection)
    #expect(after.memberships.isEmpty && after.missing.isEmpty && after.excessive.isEmpty)
    #expect(
      caught(PostgresError.self) { try role.connection.query("select from passerelle.tool_keys") }?.sqlState == "42501")
    #expect(try role.connection.query("select from public.progress").isEmpty)
  }
}
