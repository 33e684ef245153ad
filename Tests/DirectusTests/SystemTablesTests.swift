import Directus
import DirectusTestSupport
import Postgres
import TestSupport
import Testing

/// Which Directus stands beside the collections, told by its tables and columns.
@Suite(.needsPostgres) struct SystemTablesTests {
  static let shapes: [SystemTables.Shape] = [.ten, .eleven, .twelve]

  @Test("The version's shape is told by the columns", arguments: shapes)
  func shape(_ shape: SystemTables.Shape) throws {
    let database = try ScratchDirectus(shape, migrated: false)
    let found = try #require(try SystemTables.find(on: database.connection))
    #expect(found.shape == shape)
    #expect(found.has("directus_permissions", "policy") == (shape >= .eleven))
    #expect(found.has("directus_permissions", "role") == (shape == .ten))
    #expect(found.has("directus_collections", "status") == (shape == .twelve))
  }

  @Test("A database without Directus has none, and one in another schema is named")
  func absent() throws {
    let database = try ScratchDirectus(nil, migrated: false)
    #expect(try SystemTables.find(on: database.connection) == nil)
    try database.connection.script("create schema cms; create table cms.directus_collections (collection text)")
    #expect(try SystemTables.find(on: database.connection) == nil)
    #expect(try SystemTables.schemas(on: database.connection) == ["cms"])
  }

  @Test("A Directus that lacks a column is not guessed at")
  func unknown() throws {
    let database = try ScratchDirectus(.eleven, migrated: false)
    try database.connection.execute("alter table directus_fields drop column validation_message")
    #expect(throws: DirectusProblem.unknownShape(missing: ["directus_fields.validation_message"])) {
      try SystemTables.find(on: database.connection)
    }
  }

  @Test("A role without rights on Directus's tables is told so, not that there is no Directus")
  func forbidden() throws {
    let database = try ScratchDirectus(.twelve, migrated: false)
    let role = database.name
    try database.connection.script("create role \(role) login password 'x'")
    defer { try? database.connection.script("drop owned by \(role); drop role \(role)") }
    let session = try database.another(as: role, password: "x")
    let problem = caught(DirectusProblem.self) { try SystemTables.find(on: session) }
    guard case .forbidden(role, let grants) = problem else {
      Issue.record("\(String(describing: problem))")
      return
    }
    #expect(try grants == DirectusRights.missing(on: session))
    #expect(problem?.description.contains("GRANT SELECT, INSERT, UPDATE, DELETE ON public.directus_fields") == true)
  }

  @Test(
    "The list of grants suffices, names what the version has, and nothing by which anybody becomes an administrator",
    arguments: shapes)
  func grants(_ shape: SystemTables.Shape) throws {
    let database = try ScratchDirectus(shape)
    let role = database.name
    try database.connection.script("create role \(role) login password 'x'")
    defer { try? database.connection.script("drop owned by \(role); drop role \(role)") }
    let session = try database.another(as: role, password: "x")
    let grants = try DirectusRights.missing(on: session)
    #expect(grants.count == (shape == .ten ? 16 : 17), "\(grants)")
    #expect(grants.contains("GRANT SELECT (default_language) ON public.directus_settings TO \(role);"))
    #expect(grants.contains("GRANT SELECT, UPDATE, DELETE ON public.directus_revisions TO \(role);"))
    #expect(grants.contains("GRANT SELECT, DELETE ON public.directus_comments TO \(role);") == (shape > .ten))
    #expect(grants.contains("GRANT USAGE ON SEQUENCE public.directus_fields_id_seq TO \(role);"))
    for table in ["policies", "access", "permissions", "roles", "users"] {
      #expect(!grants.contains { $0.contains("directus_\(table)") }, "\(table)")
    }
    try database.connection.script(grants.joined(separator: "\n"))
    #expect(try DirectusRights.missing(on: session) == [])
    #expect(try SystemTables.find(on: session)?.shape == shape)
  }
}
