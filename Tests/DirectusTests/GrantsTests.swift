import Directus
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
    #expect(before.role == role.name && !before.ownsAll && before.excessive.isEmpty)
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

  @Test("The program's own role needs nothing, and a name that is no role is refused")
  func owner() throws {
    let database = try ScratchDirectus(.twelve)
    let check = try Grants.check(on: database.connection)
    #expect(check.ownsAll && check.missing.isEmpty && check.excessive.isEmpty)
    let role = try PlainRole(database)
    #expect(try Grants.check(role: role.name, on: database.connection).role == role.name)
    #expect(throws: DirectusProblem.noRole("nobody at all")) {
      try Grants.check(role: "nobody at all", on: database.connection)
    }
  }
}
