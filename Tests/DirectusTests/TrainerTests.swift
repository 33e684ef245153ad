import Directus
import Postgres
import TestSupport
import Testing

/// The trainer's role on the three shapes.
@Suite(.needsPostgres) struct TrainerTests {
  private static func tables(_ database: ScratchDirectus) throws -> SystemTables {
    try #require(try SystemTables.find(on: database.connection))
  }

  private static let permissions = [
    "grades read", "grains read", "learners read", "modules read", "progress read", "progress update",
  ]

  @Test(
    "The role reads the five collections and changes progress, without any custom rule",
    arguments: SystemTablesTests.shapes)
  func install(_ shape: SystemTables.Shape) throws {
    let database = try ScratchDirectus(shape)
    let trainer = Trainer(try Self.tables(database))
    #expect(try trainer.install(on: database.connection) == Trainer.Outcome(isNew: true, permissions: 6))
    #expect(
      try database.values("select collection || ' ' || action from directus_permissions order by 1") == Self.permissions
    )
    #expect(
      try database.value(
        """
        select count(*) from directus_permissions
        where fields = '*' and permissions is null and validation is null and presets is null
        """) == 6)
    #expect(try database.values("select name from directus_roles") == ["Formateur"])
    if shape >= .eleven {
      #expect(
        try database.value(
          """
          select count(*) from directus_permissions n
          join directus_policies p on p.id = n.policy join directus_access a on a.policy = p.id
          join directus_roles r on r.id = a.role
          where r.name = 'Formateur' and p.name = 'Formateur' and p.app_access and not p.admin_access and a."user" is null
          """) == 6)
    } else {
      #expect(
        try database.value(
          """
          select count(*) from directus_permissions n join directus_roles r on r.id = n.role
          where r.app_access and not r.admin_access
          """) == 6)
    }
    let once = try Dump.exactly(database)
    #expect(try trainer.install(on: database.connection) == Trainer.Outcome(isNew: false, permissions: 0))
    #expect(try Dump.exactly(database) == once)
  }

  @Test(
    "What was renamed stays, what was deleted comes back, and a second name is a second role",
    arguments: SystemTablesTests.shapes)
  func again(_ shape: SystemTables.Shape) throws {
    let database = try ScratchDirectus(shape)
    let tables = try Self.tables(database)
    _ = try Trainer(tables).install(on: database.connection)
    try database.connection.script(
      """
      update directus_roles set name = 'Enseignante';
      delete from directus_permissions where collection = 'grains';
      """)
    #expect(try Trainer(tables).install(on: database.connection) == Trainer.Outcome(isNew: false, permissions: 1))
    #expect(try database.values("select name from directus_roles") == ["Enseignante"])
    #expect(
      try Trainer(tables, name: "Tuteur").install(on: database.connection)
        == Trainer.Outcome(isNew: true, permissions: 6))
    #expect(try database.values("select name from directus_roles order by 1") == ["Enseignante", "Tuteur"])
  }

  @Test("A role of that name that somebody else made is not touched", arguments: SystemTablesTests.shapes)
  func taken(_ shape: SystemTables.Shape) throws {
    let database = try ScratchDirectus(shape)
    try database.connection.execute("insert into directus_roles (id, name) values (gen_random_uuid(), 'Formateur')")
    let before = try Dump.exactly(database)
    #expect(throws: DirectusProblem.roleTaken("Formateur")) {
      try Trainer(try Self.tables(database)).install(on: database.connection)
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
    _ = try Trainer(tables).install(on: database.connection)
    #expect(try Trainer.removeAll(tables, on: database.connection) == Trainer.Removal(removed: ["Formateur"], left: []))
    #expect(try Dump.exactly(database) == before)
    #expect(try database.value("select count(*) from passerelle.directus_rows") == 0)

    _ = try Trainer(tables).install(on: database.connection)
    try database.connection.execute(
      """
      insert into directus_users (id, first_name, role)
      select gen_random_uuid(), 'Rémi', id from directus_roles where name = 'Formateur'
      """)
    let used = try Dump.exactly(database)
    #expect(try Trainer.removeAll(tables, on: database.connection) == Trainer.Removal(removed: [], left: ["Formateur"]))
    #expect(try Dump.exactly(database) == used)
  }
}
