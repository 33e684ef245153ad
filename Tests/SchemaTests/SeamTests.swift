import Postgres
import Schema
import TestSupport
import Testing

/// The seams: where an institution's own collections take the place of four of the five tables.
@Suite struct SeamTests {
  @Test(
    "Only the files of the seams name the tables of people, catalogue and progress: everything else works on adopted ones"
  )
  func files() {
    let pattern = /public\.(learners|modules|grains|progress)\b/
    for file in Schema.files { #expect(!file.sql.contains(pattern), "\(file.name).sql names one") }
    for role in SeamRole.allCases { #expect(Schema.file(of: role).sql.contains("public.\(role.rawValue)")) }
  }

  @Test("A step of the tables is about Passerelle's own table wherever that waits", .needsPostgres)
  func hidden() throws {
    let database = try ScratchDatabase()
    let step = Migration(
      number: 99, name: "two columns",
      sql: """
        alter table public.learners add column later text;
        alter table public.grains add column later text;
        create table public.learners_of_later (id int)
        """)
    try database.connection.script(
      """
      insert into passerelle.adoption (map, tables, added, undo, resting, removes)
        values ('', '{"learners": "people"}', '{}', '', '[]', false);
      alter table public.learners rename to own_learners;
      alter table public.own_learners set schema passerelle;
      """)
    try Migrator([step]).migrate(on: database.connection)
    #expect(
      try database.value(
        "select array_agg(attrelid::regclass::text order by attrelid::regclass::text) from pg_attribute where attname = 'later'",
        as: [String].self) == ["grains", "passerelle.own_learners"])
    #expect(try database.value("select to_regclass('public.learners_of_later') is not null"))
  }
}
