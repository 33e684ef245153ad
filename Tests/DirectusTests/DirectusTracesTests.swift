import Adoption
import Directus
import DirectusTestSupport
import Postgres
import TestSupport
import Testing
import Wire

/// What Directus keeps of a learner, on its real tables: all of it goes with them, and nothing of anybody else's.
@Suite(.needsPostgres) struct DirectusTracesTests {
  /// A learner, somebody of the same name whose address ends like theirs, their work, and what a Directus wrote about both.
  private struct Place {
    let database: ScratchDirectus
    let learner: String
    let namesake: String
    let progress: String

    init(_ shape: SystemTables.Shape) throws {
      database = try ScratchDirectus(shape)
      let connection = database.connection
      try connection.script(
        """
        insert into public.modules (slug, title) values ('m', 'M');
        insert into public.grains (module, slug, title) select id, 'a', 'A' from public.modules;
        insert into public.learners (name, email) values ('Léa Martin', 'lea@example.org'), ('Léa Martin', 'azalea@example.org');
        insert into public.progress (learner, grain, status) select l.id, g.id, 'completed' from public.learners l, public.grains g;
        insert into public.directus_users (id, first_name) values (gen_random_uuid(), 'Rémi');
        insert into public.directus_collections (collection) values ('learners'), ('progress'), ('pages') on conflict do nothing;
        """)
      learner = try database.value("select id::text from public.learners where email = 'lea@example.org'")
      namesake = try database.value("select id::text from public.learners where email = 'azalea@example.org'")
      progress = try database.value("select id::text from public.progress where learner::text = \(learner)")
      for (id, name) in [(learner, "lea@example.org"), (namesake, "azalea@example.org")] {
        try write(about: id, name, shape)
      }
    }

    private func write(about id: String, _ address: String, _ shape: SystemTables.Shape) throws {
      let connection = database.connection
      let row: String = try database.value("select id::text from public.progress where learner::text = \(id)")
      let comments =
        shape == .ten
        ? ""
        : """
        insert into public.directus_comments (id, collection, item, comment)
          values (gen_random_uuid(), 'learners', '\(id)', 'Léa Martin va mieux');
        insert into public.directus_comments (id, collection, item, comment)
          values (gen_random_uuid(), 'pages', '1', 'écrire à \(address.uppercased()) demain');
        insert into public.directus_activity (action, collection, item)
          select 'create', 'directus_comments', id::text from public.directus_comments where item = '\(id)';
        insert into public.directus_revisions (activity, collection, item, data)
          select a.id, 'directus_comments', a.item, json_build_object('comment', 'Léa Martin va mieux', 'item', '\(id)')
          from public.directus_activity a join public.directus_comments c on c.id::text = a.item where c.item = '\(id)';
        """
      try connection.script(
        """
        insert into public.directus_shares (id, collection, item, name)
          values (gen_random_uuid(), 'progress', '\(row)', 'Travail de Léa Martin');
        insert into public.directus_versions (id, key, name, collection, item)
          values (gen_random_uuid(), 'brouillon', 'Léa Martin', 'learners', '\(id)');
        insert into public.directus_notifications (recipient, subject, message, collection, item)
          select id, 'Léa Martin', 'Voir', 'learners', '\(id)' from public.directus_users;
        insert into public.directus_presets (bookmark, collection, filter)
          values ('Léa', 'progress', '{"_and":[{"learner":{"_eq":"\(id)"}}]}');
        insert into public.directus_presets (collection, search) values ('learners', '\(address)');
        insert into public.directus_dashboards (id, name) values (gen_random_uuid(), 'Suivi');
        insert into public.directus_panels (id, dashboard, name, type, show_header, position_x, position_y, width, height, options)
          select gen_random_uuid(), d.id, 'Léa Martin', 'metric', true, 1, 1, 12, 6,
            '{"collection":"progress","filter":{"_and":[{"learner":{"_eq":"\(id)"}}]}}'
          from public.directus_dashboards d limit 1;
        \(comments)
        insert into public.directus_activity (action, collection, item)
          values ('update', 'learners', '\(id)'), ('update', 'progress', '\(row)'), ('update', 'grains', 'x'), ('run', 'directus_flows', 'f');
        insert into public.directus_revisions (activity, collection, item, data, delta)
          select a.id, a.collection, a.item,
            case a.collection when 'grains' then json_build_object('title', 'A', 'progress', array['\(row)'])
                              when 'directus_flows' then json_build_object('mail', '\(address)')
                              else json_build_object('name', 'Léa Martin') end, '{}'
          from public.directus_activity a where a.item in ('\(id)', '\(row)') or a.item in ('x', 'f') and not exists (
            select from public.directus_revisions r where r.activity = a.id);
        insert into public.directus_activity (action, collection, item)
          select 'create', 'directus_' || k.name, k.id from (
            select 'shares' as name, id::text from public.directus_shares where item = '\(row)'
            union all select 'notifications', id::text from public.directus_notifications where item = '\(id)') k;
        insert into public.directus_revisions (activity, collection, item, data)
          select a.id, a.collection, a.item, '{"name": "Travail de Léa Martin"}' from public.directus_activity a
          where a.collection in ('directus_shares', 'directus_notifications')
            and not exists (select from public.directus_revisions r where r.activity = a.id);
        """)
    }

    func traces() throws -> DirectusTraces {
      DirectusTraces(
        of: try TracedPerson(
          learner, items: try LearnerItems.query(on: database.connection), addresses: ["lea@example.org"],
          isUser: false,
          on: database.connection), on: database.connection)
    }

    /// Every row of every table, as text, in lower case.
    func everything() throws -> [String] {
      try database.values(
        """
        select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where c.relkind = 'r' and n.nspname in ('public', 'passerelle')
        """
      ).flatMap { table in
        try database.values("select lower(\(table + ": ") || t::text) from \(unescaped: table) t")
      }
    }

    func count() throws -> [String] {
      try database.values(
        """
        select c.relname || ' ' || (xpath('/row/c/text()', query_to_xml('select count(*) as c from ' || c.oid::regclass, false, true, '')))[1]
        from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and starts_with(c.relname, 'directus_') order by 1
        """)
    }
  }

  @Test(
    "After the erasure no row anywhere holds the learner's id, address or their progress; a namesake loses nothing",
    arguments: SystemTablesTests.shapes)
  func erased(_ shape: SystemTables.Shape) throws {
    let place = try Place(shape)
    let before = try place.everything()
    let theirs = before.filter { $0.contains(place.namesake) || $0.contains("azalea@example.org") }
    #expect(theirs.count >= (shape == .ten ? 10 : 13))
    let names = before.count { $0.contains("léa martin") }
    #expect(try place.traces().erase() == [])
    try place.database.connection.execute("select passerelle.learner_delete(\(place.learner)::uuid)")

    let after = try place.everything()
    let address = try Regex("(^|[^a-z0-9])lea@example\\.org")
    for row in after {
      #expect(
        !row.contains(place.learner) && !row.contains(place.progress) && row.firstMatch(of: address) == nil, "\(row)")
    }
    for row in theirs { #expect(after.contains(row), "lost: \(row)") }
    // Half of the rows with the name were the namesake's.
    #expect(after.count { $0.contains("léa martin") } == names / 2, "\(after.filter { $0.contains("léa martin") })")
  }

  @Test("The export holds the same rows, without who wrote them", arguments: SystemTablesTests.shapes)
  func exported(_ shape: SystemTables.Shape) throws {
    let place = try Place(shape)
    let (rows, unread) = try place.traces().export()
    #expect(unread == [])
    let tables = rows.keys.sorted()
    let all = [
      "directus_activity", "directus_comments", "directus_notifications", "directus_panels", "directus_presets",
      "directus_revisions", "directus_shares", "directus_versions",
    ]
    #expect(tables == all.filter { shape > .ten || $0 != "directus_comments" })
    let text = JSONValue.object(rows).encoded
    #expect(text.contains("Travail de Léa Martin") && !text.contains("recipient") && !text.contains("azalea"))
    #expect(!text.contains(place.namesake))
  }

  @Test(
    "Without the rights it is said which are missing, all of one list, and what stays is named",
    arguments: SystemTablesTests.shapes)
  func rights(_ shape: SystemTables.Shape) throws {
    let place = try Place(shape)
    let role = place.database.name
    try place.database.connection.script(
      """
      create role \(role) login password 'x'; grant usage on schema passerelle to \(role);
      grant select on all tables in schema passerelle to \(role);
      grant select on public.learners, public.grades, public.progress to \(role)
      """)
    defer { try? place.database.connection.script("drop owned by \(role); drop role \(role)") }
    let session = try place.database.another(as: role, password: "x")
    let missing = try DirectusTraces.missing(on: session)
    #expect(try missing == DirectusRights.missing(on: session) && missing.count == (shape == .ten ? 16 : 17))
    let before = try place.count()
    let person = try TracedPerson(
      place.learner, items: try LearnerItems.query(on: session), addresses: [], isUser: false, on: session)
    let left = try DirectusTraces(of: person, on: session).erase()
    #expect(left.count == (shape == .ten ? 7 : 8) && left.contains("directus_revisions"))
    #expect(try place.count() == before)
    try place.database.connection.script(missing.joined(separator: "\n"))
    #expect(try DirectusTraces.missing(on: session) == [])
    #expect(try DirectusTraces(of: person, on: session).erase() == [])
  }

  @Test("Where learners are users of Directus their account and what they did as users stay")
  func users() throws {
    let database = try AdoptedDatabase("directus/system_tables_12", "adoption/directus_users", migrated: true)
    try database.adopt(try AdoptedDatabase.fixture("adoption/directus_users.map"))
    try database.script(
      """
      insert into public.directus_users (id, first_name, email)
        values ('6f0a3a55-0f57-4d51-a3a7-0d5a4c6b8a01', 'Ada', 'ada@example.org');
      insert into public.lesson_progress (id, "user", lesson)
        values ('6f0a3a55-0f57-4d51-a3a7-0d5a4c6b8a02', '6f0a3a55-0f57-4d51-a3a7-0d5a4c6b8a01', 'x');
      insert into public.directus_activity (action, "user", collection, item)
        values ('login', '6f0a3a55-0f57-4d51-a3a7-0d5a4c6b8a01', 'directus_users', '6f0a3a55-0f57-4d51-a3a7-0d5a4c6b8a01'),
               ('update', null, 'lesson_progress', '6f0a3a55-0f57-4d51-a3a7-0d5a4c6b8a02');
      """)
    let person = try TracedPerson(
      "6f0a3a55-0f57-4d51-a3a7-0d5a4c6b8a01", items: try LearnerItems.query(on: database.connection),
      addresses: ["ada@example.org"], isUser: try LearnerItems.areUsers(on: database.connection),
      on: database.connection)
    #expect(try DirectusTraces(of: person, on: database.connection).erase() == [])
    #expect(try database.line("select action from public.directus_activity") == "login")
    #expect(try database.value("select count(*) from public.directus_users") == 1)
  }
}
