import Adoption
import Directus
import DirectusTestSupport
import Postgres
import TestSupport
import Testing

/// What Directus is told of the way from a grade to a learner of theirs.
@Suite(.needsPostgres) struct GradeLinkTests {
  private func relation(_ database: AdoptedDatabase) throws -> [String] {
    try database.scratch.values(
      """
      select concat_ws(' ', many_field, one_collection, coalesce(one_field, '–'), one_deselect_action)
      from public.directus_relations where many_collection = 'grades' order by 1
      """)
  }

  private func fields(_ database: AdoptedDatabase) throws -> [String] {
    try database.scratch.values(
      """
      select concat_ws(' ', field, coalesce(special, '–'), hidden, coalesce(display, '–'),
        coalesce(display_options ->> 'template', '–'), coalesce(options ->> 'template', '–'),
        translations -> 0 ->> 'translation', translations -> 1 ->> 'translation', readonly)
      from public.directus_fields where collection = 'grades' and field like 'learner%' order by field desc
      """)
  }

  private func install(_ database: AdoptedDatabase) throws -> MetadataKeys {
    let tables = try #require(try SystemTables.find(on: database.connection))
    return try database.installer(tables).install(on: database.connection)
  }

  @Test("An integer key: the uuid is hidden, the key is the learner with their name, and removal leaves no trace")
  func integers() throws {
    let database = try AdoptedDatabase("directus/system_tables_12", "adoption/french")
    let before = try database.dump()
    try database.adopt(try AdoptedDatabase.fixture("adoption/french.map"))
    let nothing = try Dump.all(database.scratch)
    #expect(try !install(database).isEmpty)
    #expect(
      try fields(database) == [
        "learner_key m2o f related-values {{prenom}} {{nom}} {{prenom}} {{nom}} Apprenant Learner t",
        "learner – t raw – – Apprenant Learner t",
      ])
    #expect(try relation(database) == ["learner_key apprenants – nullify"])
    #expect(
      try database.line("select display_template from public.directus_collections where collection = 'grades'")
        == "{{learner_key.prenom}} {{learner_key.nom}} · {{activity_title}}")
    #expect(
      try database.scratch.values(
        "select distinct layout_query -> 'tabular' -> 'fields' ->> 0 from public.directus_presets") == ["learner_key"])
    // Every described column is there, and every column is described.
    #expect(
      try database.scratch.values(
        """
        select coalesce(f.field, a.attname)
        from (select * from public.directus_fields where collection = 'grades' and coalesce(special, '') not like 'alias%') f
        full join (
          select attname::text from pg_attribute
          where attrelid = 'public.grades'::regclass and attnum > 0 and not attisdropped) a on a.attname = f.field
        where f.field is null or a.attname is null
        """
      ).isEmpty)
    #expect(try install(database).isEmpty)
    let tables = try #require(try SystemTables.find(on: database.connection))
    _ = try database.installer(tables).remove(on: database.connection)
    #expect(try Dump.all(database.scratch) == nothing)
    try database.undo()
    let schema = { (lines: [String]) in lines.filter { !$0.hasPrefix("sequence") } }
    #expect(schema(try database.dump()) == schema(before))
  }

  @Test("A uuid key: the learner's own column leads to their table")
  func uuids() throws {
    let database = try AdoptedDatabase("directus/system_tables_12", "adoption/directus_users", migrated: true)
    try database.adopt(try AdoptedDatabase.fixture("adoption/directus_users.map"))
    #expect(try !install(database).isEmpty)
    #expect(
      try fields(database) == [
        "learner m2o f related-values {{first_name}} {{last_name}} {{first_name}} {{last_name}} Apprenant Learner t"
      ])
    #expect(try relation(database) == ["learner directus_users – delete"])
    #expect(try install(database).isEmpty)
  }

  @Test("What is installed before follows adoption, another map and the way back; an administrator's table view stays")
  func follows() throws {
    let database = try AdoptedDatabase("directus/system_tables_12", migrated: true)
    try database.script("create table public.eleves (id bigserial primary key, prenom text, nom text)")
    #expect(try !install(database).isEmpty)
    try database.script(
      """
      update public.directus_presets set layout_query = '{"tabular": {"fields": ["learner"]}}'
      where collection = 'grades' and bookmark is not null
      """)
    let before = try Dump.all(database.scratch)
    try database.adopt("[learners]\ntable = eleves\nname = nom\ncreate = yes\n")
    #expect(try fields(database).first == "learner_key m2o f related-values {{nom}} {{nom}} Apprenant Learner t")
    #expect(try relation(database) == ["learner_key eleves – nullify", "module modules grades nullify"])
    #expect(
      try database.scratch.values(
        """
        select (bookmark is not null) || ' ' || (layout_query -> 'tabular' -> 'fields' ->> 0)
        from public.directus_presets where collection = 'grades' order by 1
        """) == ["false learner_key", "true learner"])
    #expect(try install(database).isEmpty)
    try database.adopt("[learners]\ntable = eleves\ngiven_name = prenom\nfamily_name = nom\ncreate = yes\n")
    #expect(
      try fields(database).first
        == "learner_key m2o f related-values {{prenom}} {{nom}} {{prenom}} {{nom}} Apprenant Learner t")
    #expect(
      try database.line("select display_template from public.directus_collections where collection = 'grades'")
        == "{{learner_key.prenom}} {{learner_key.nom}} · {{activity_title}}")
    #expect(try install(database).isEmpty)
    try database.undo()
    #expect(try Dump.all(database.scratch) == before)
    #expect(try install(database).isEmpty)
  }
}
