import Directus
import DirectusTestSupport
import Postgres
import TestSupport
import Testing

/// The trainer's role on the three shapes.
@Suite(.needsPostgres) struct TrainerTests {
  private static func tables(_ database: ScratchDirectus) throws -> SystemTables {
    try #require(try SystemTables.find(on: database.connection))
  }

  static let permissions = [
    "directus_dashboards read", "directus_panels read", "grades read", "grades update", "grains read", "learners read",
    "modules read", "progress create", "progress delete", "progress read", "progress update",
  ]

  @Test(
    "The role reads the collections and dashboards, writes progress, sends grades again, without any custom rule",
    arguments: SystemTablesTests.shapes)
  func install(_ shape: SystemTables.Shape) throws {
    let database = try ScratchDirectus(shape)
    let (trainer, tables) = (Trainer(), try Self.tables(database))
    #expect(try trainer.install(tables, on: database.connection) == Trainer.Outcome(isNew: true, permissions: 11))
    #expect(
      try database.values("select collection || ' ' || action from directus_permissions order by 1") == Self.permissions
    )
    #expect(
      try database.value(
        """
        select count(*) from directus_permissions
        where fields = '*' and permissions is null and validation is null and presets is null
        """) == 11)
    #expect(try database.values("select name from directus_roles") == ["Formateur"])
    if shape >= .eleven {
      #expect(
        try database.value(
          """
          select count(*) from directus_permissions n
          join directus_policies p on p.id = n.policy join directus_access a on a.policy = p.id
          join directus_roles r on r.id = a.role
          where r.name = 'Formateur' and p.name = 'Formateur' and p.app_access and not p.admin_access and a."user" is null
          """) == 11)
    } else {
      #expect(
        try database.value(
          """
          select count(*) from directus_permissions n join directus_roles r on r.id = n.role
          where r.app_access and not r.admin_access
          """) == 11)
    }
    let once = try Dump.exactly(database)
    #expect(try trainer.install(tables, on: database.connection) == Trainer.Outcome(isNew: false, permissions: 0))
    #expect(try Dump.exactly(database) == once)
  }

  @Test(
    "What was renamed stays, what was deleted comes back, and a second name is a second role",
    arguments: SystemTablesTests.shapes)
  func again(_ shape: SystemTables.Shape) throws {
    let database = try ScratchDirectus(shape)
    let tables = try Self.tables(database)
    _ = try Trainer().install(tables, on: database.connection)
    try database.connection.script(
      """
      update directus_roles set name = 'Enseignante';
      delete from directus_permissions where collection = 'grains';
      """)
    #expect(try Trainer().install(tables, on: database.connection) == Trainer.Outcome(isNew: false, permissions: 1))
    #expect(try database.values("select name from directus_roles") == ["Enseignante"])
    #expect(
      try Trainer(name: "Tuteur").install(tables, on: database.connection)
        == Trainer.Outcome(isNew: true, permissions: 11))
    #expect(try database.values("select name from directus_roles order by 1") == ["Enseignante", "Tuteur"])
  }

  @Test("A role of that name that somebody else made is not touched", arguments: SystemTablesTests.shapes)
  func taken(_ shape: SystemTables.Shape) throws {
    let database = try ScratchDirectus(shape)
    try database.connection.execute("insert into directus_roles (id, name) values (gen_random_uuid(), 'Formateur')")
    let before = try Dump.exactly(database)
    #expect(throws: DirectusProblem.roleTaken("Formateur")) {
      try Trainer().install(try Self.tables(database), on: database.connection)
    }
    #expect(try Dump.exactly(database) == before)
  }

  @Test(
    "Removal leaves no trace of a role that nobody has, and leaves one that people have",
    arguments: SystemTablesTests.shapes)
  func removal(_ shape: SystemTables.Shape) throws {
    let database = try ScratchDirectus(shape)
    let tables = try Self.tables(database)
    try database.connection.execute("insert into directus_roles (id, name) values (gen_random_uuid(), 'Autre')")
    let before = try Dump.exactly(database)
    _ = try Trainer().install(tables, on: database.connection)
    #expect(try Trainer.removeAll(tables, on: database.connection) == Trainer.Removal(removed: ["Formateur"], left: []))
    #expect(try Dump.exactly(database) == before)
    #expect(try database.value("select count(*) from passerelle.directus_rows") == 0)

    _ = try Trainer().install(tables, on: database.connection)
    try database.connection.execute(
      """
      insert into directus_users (id, first_name, role)
      select gen_random_uuid(), 'Rémi', id from directus_roles where name = 'Formateur'
      """)
    let used = try Dump.exactly(database)
    #expect(try Trainer.removeAll(tables, on: database.connection) == Trainer.Removal(removed: [], left: ["Formateur"]))
    #expect(try Dump.exactly(database) == used)
  }

  @Test("Only the owner of Directus's tables writes into them; whoever else is told of the API, and of no grant")
  func notItsOwner() throws {
    let database = try ScratchDirectus(.twelve)
    let role = try PlainRole(database)
    try database.connection.execute("grant all on schema passerelle to \(identifier: role.name)")
    try database.connection.execute("grant all on all tables in schema passerelle to \(identifier: role.name)")
    // Directus's role owns its tables.
    #expect(try Trainer().install(try Self.tables(database), on: role.connection).isNew)
    let other = "other_\(database.name)"
    try database.connection.script(
      """
      create role \(other) login password 'x'; grant usage on schema passerelle to \(other);
      grant all on all tables in schema public, passerelle to \(other)
      """)
    defer { try? database.connection.script("drop owned by \(other); drop role \(other)") }
    let session = try database.another(as: other, password: "x")
    let tables = try Self.tables(database)
    let problem = caught(DirectusProblem.self) { try Trainer(name: "Tuteur").install(tables, on: session) }
    #expect(problem == .notItsOwner(role.name))
    #expect(problem?.description.contains("--directus-url") == true && problem?.description.contains("GRANT") == false)
    #expect(caught(DirectusProblem.self) { try Trainer.removeAll(tables, on: session) } == .notItsOwner(role.name))
  }
}
