import Directus
import DirectusTestSupport
import Postgres
import TestSupport
import Testing
import Wire

/// The dashboard *Passerelle*: what it is drawn from, in which language, and whose it stays.
@Suite(.needsPostgres) struct DashboardTests {
  private func installer(_ database: ScratchDirectus) throws -> MetadataInstaller {
    try MetadataInstaller(
      try #require(try SystemTables.find(on: database.connection)), learners: nil, on: database.connection)
  }

  @Test(
    "migrate makes it on each version, drawn from what a trainer reads, and of kinds that work there",
    arguments: SystemTablesTests.shapes)
  func panels(_ shape: SystemTables.Shape) throws {
    let database = try ScratchDirectus(shape)
    _ = try installer(database).install(on: database.connection)
    #expect(try database.values("select name from directus_dashboards") == ["Passerelle"])
    let kinds = try database.values("select distinct type from directus_panels order by 1")
    #expect(
      kinds == (shape == .ten ? ["list", "metric", "time-series"] : ["bar-chart", "list", "metric", "time-series"]))
    let collections = try database.values("select distinct options ->> 'collection' from directus_panels order by 1")
    #expect(Set(["learners", "progress", "grades", "modules"]).isSuperset(of: collections), "\(collections)")
    // No cell is taken twice, and a window of 1,400 pixels holds them.
    #expect(
      try database.value(
        """
        select count(*) from directus_panels a join directus_panels b on a.id < b.id
        where a.position_x < b.position_x + b.width and b.position_x < a.position_x + a.width
          and a.position_y < b.position_y + b.height and b.position_y < a.position_y + a.height
        """) == 0)
    #expect(try database.value("select max(position_x + width) <= 54 from directus_panels"))
    #expect(try database.value("select count(*) from directus_panels") == (shape == .ten ? 14 : 15))
    // What each is drawn from is there.
    for row in try database.connection.query(
      """
      select options ->> 'collection' as collection, coalesce(options ->> 'field', options ->> 'yAxis', options ->> 'valueField', options ->> 'sortField') as field
      from directus_panels
      """)
    {
      let (collection, field): (String, String) = (try row.get("collection"), try row.get("field"))
      #expect(
        Metadata.collections.first { $0.name == collection }?.fields.contains { $0.name == field } == true,
        "\(collection).\(field)")
    }
  }

  @Test(
    "Its names are in the instance's language, which Directus does not translate",
    arguments: ["fr-FR", "fr-CA", "en-US", "de-DE"])
  func language(_ locale: String) throws {
    let database = try ScratchDirectus(.eleven)
    try database.connection.execute("insert into directus_settings (default_language) values (\(locale))")
    _ = try installer(database).install(on: database.connection)
    let names = try database.values("select name from directus_panels")
    let isFrench = locale.hasPrefix("fr")
    #expect(names.contains(isFrench ? "Notes en échec" : "Grades failed"), "\(names)")
    #expect(
      try database.value(
        "select options ->> 'displayTemplate' from directus_panels where options ->> 'collection' = 'grades' and type = 'list'",
        as: String.self) == "{{learner.name}} · {{activity_title}} · {{\(isFrench ? "last_error_fr" : "last_error")}}")
    #expect(!names.contains { $0.hasPrefix("$t:") })
  }

  @Test(
    "What an administrator renamed, moved or deleted stays so, and a panel of their own outlives the removal")
  func administrator() throws {
    let database = try ScratchDirectus(.twelve)
    let installer = try installer(database)
    _ = try installer.install(on: database.connection)
    try database.connection.script(
      """
      update directus_dashboards set name = 'Chiffres';
      update directus_panels set name = 'Retards', position_x = 40 where name = 'Grades failed';
      delete from directus_panels where name = 'Grades pending';
      """)
    #expect(try installer.missing(on: database.connection).isEmpty)
    #expect(try installer.install(on: database.connection).isEmpty)
    #expect(try database.value("select count(*) from directus_panels where name = 'Grades pending'") == 0)
    #expect(try database.values("select name from directus_dashboards") == ["Chiffres"])
    #expect(try database.value("select count(*) from directus_panels where name = 'Retards' and position_x = 40") == 1)
    // The dashboard whole: made anew, with everything that belongs to it.
    try database.connection.execute("delete from directus_dashboards")
    #expect(try installer.missing(on: database.connection).count == 16)
    #expect(try installer.install(on: database.connection).description == "1 dashboard, 15 panels")
    #expect(try installer.missing(on: database.connection).isEmpty)

    try database.connection.execute(
      """
      insert into directus_panels (id, dashboard, name, type, show_header, position_x, position_y, width, height)
      select gen_random_uuid(), id, 'À moi', 'label', true, 1, 90, 10, 6 from directus_dashboards
      """)
    _ = try installer.remove(on: database.connection)
    #expect(try database.values("select name from directus_panels") == ["À moi"])
    #expect(try database.values("select name from directus_dashboards") == ["Passerelle"])
    try database.connection.execute("delete from directus_panels")
    _ = try installer.remove(on: database.connection)
    #expect(try database.values("select name from directus_dashboards").isEmpty)
    #expect(try database.value("select count(*) from passerelle.directus_rows") == 0)
  }

  @Test("Every state of a grade but none has its number, so that none is shown as a raw word")
  func states() throws {
    let database = try ScratchDirectus(.twelve)
    _ = try installer(database).install(on: database.connection)
    let counted = try database.values(
      """
      select options -> 'filter' -> '_and' -> 0 -> 'status' ->> '_eq' from directus_panels
      where type = 'metric' and options ->> 'collection' = 'grades' order by 1
      """)
    let grades = try #require(Metadata.collections.first { $0.name == "grades" })
    let states = try #require(grades.fields.first { $0.name == "status" }).choices.map(\.value)
    #expect(counted == states.filter { $0 != "none" }.sorted())
  }

  @Test("Where an institution has learners of its own, nothing is drawn from a table that a trainer may not read")
  func adopted() throws {
    let database = try AdoptedDatabase("directus/system_tables_12", "adoption/french")
    try database.adopt(try AdoptedDatabase.fixture("adoption/french.map"))
    let tables = try #require(try SystemTables.find(on: database.connection))
    _ = try database.installer(tables).install(on: database.connection)
    #expect(
      try database.scratch.values("select distinct options ->> 'collection' from directus_panels") == ["grades"])
    #expect(
      try database.value(
        "select options ->> 'displayTemplate' from directus_panels where type = 'list'", as: String.self)
        == "{{activity_title}} · {{last_error}}")
  }
}

/// What the forms offer, told to Directus as it was tried on all three versions.
@Suite struct FormTests {
  private func field(_ key: String, _ shape: SystemTables.Shape = .twelve) throws -> JSONObject {
    let rows = Metadata.rows(for: Set(Metadata.collections.map(\.name)), Instance(shape, .french))
    return try #require(rows.first { $0.table == .fields && $0.key == key }).values
  }

  private func offered(_ options: JSONValue?) -> [String] {
    (options?["choices"]?.arrayValue ?? []).compactMap { $0["value"]?.stringValue }
  }

  @Test(
    "Score and date open only while the state is completed", arguments: ["progress.score", "progress.completed_at"])
  func completed(key: String) throws {
    let conditions = try #require(field(key)["conditions"]?.arrayValue)
    #expect(conditions.count == 1)
    #expect(conditions[0]["rule"] == ["_and": [["status": ["_neq": "completed"]]]])
    #expect(conditions[0]["readonly"] == true && conditions[0]["hidden"] == false && conditions[0]["options"] == [:])
  }

  @Test("A grade's state offers only to send it again, and nothing where there is nothing to send")
  func again() throws {
    let status = try field("grades.status")
    // Directus 10 merges what a condition offers into what the field offers, place by place.
    #expect(offered(status["options"]) == ["pending"])
    let conditions = try #require(status["conditions"]?.arrayValue)
    for state in ["delivered", "failed", "emptied", "gone"] {
      let condition = try #require(conditions.first { $0["rule"] == ["_and": [["status": ["_eq": .string(state)]]]] })
      #expect(offered(condition["options"]) == [state, "pending"] && condition["readonly"] == false)
    }
    let closed = try #require(conditions.first { $0["readonly"] == true })
    #expect(closed["rule"] == ["_and": [["status": ["_in": ["pending", "none"]]]]])
    // In a list every state has its label.
    #expect(offered(status["display_options"]) == ["none", "pending", "delivered", "failed", "emptied", "gone"])
  }

  @Test("An empty slug meets no rule of Directus 10, which fails on it without words, but the database's sentence")
  func slug() throws {
    for key in ["modules.slug", "grains.slug"] {
      #expect(try field(key, .ten)["validation"] == .null && field(key, .ten)["validation_message"] == .null)
      #expect(try field(key, .ten)["required"] == true)
      for shape in [SystemTables.Shape.eleven, .twelve] { #expect(try field(key, shape)["validation"] != .null) }
    }
  }
}
