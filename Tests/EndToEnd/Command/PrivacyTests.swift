import Foundation
import Postgres
import TestSupport
import Testing
import Wire

/// `passerelle learner export` and `erase`: nothing that is held is forgotten in the one, nothing is left by the other.
@Suite(.needsStack) struct PrivacyTests {
  private static let subject = "Sentinelle-subject"

  /// Columns whose names say that they hold a person.
  private static let tellingNames = [
    "subject", "learner", "person", "given_name", "family_name", "email", "roles", "name_and_email",
  ]

  @Test("Every table that leads to a learner, or has a column for a person, is known to the export, column by column")
  func classified() throws {
    let database = try TestDatabase()
    defer { database.drop() }
    let personal: [String] = try database.values(
      """
      with recursive leads as (
        select 'public.learners'::regclass::oid as id
        union
        select c.conrelid from pg_constraint c join leads l on c.confrelid = l.id where c.contype = 'f')
      select distinct format('%s.%s', n.nspname, t.relname) as name
      from pg_class t join pg_namespace n on n.oid = t.relnamespace
      where n.nspname in ('public', 'passerelle') and t.relkind in ('r', 'p')
        and (t.oid in (select id from leads) or exists (
          select from information_schema.columns c
          where c.table_schema = n.nspname and c.table_name = t.relname and c.column_name = any (\(Self.tellingNames))))
      order by 1
      """)
    #expect(personal == PersonalColumns.tables.keys.sorted())
    for (table, columns) in PersonalColumns.tables {
      let found: [String] = try database.values(
        """
        select column_name::text from information_schema.columns where table_schema || '.' || table_name = \(table)
        """)
      #expect(Set(found) == Set(columns.keys), "\(table)")
    }
  }

  @Test("The export holds the value of every column, without secrets; the erasure leaves none of them anywhere")
  func everything() throws {
    try World.run(.inProcess) { world in
      let page = try world.session()
      try page.complete("accueil", score: 0.5)
      _ = try world.launch()
      let id = try #require(page.opened.at("learner.id")?.stringValue)
      try fill(world)
      let run = try world.command("learner", "export", id)
      #expect(run.status == 0, "\(run.errorText)")
      let sentinels = try mark(world)
      #expect(sentinels.count > 60)
      let export = try world.command("learner", "export", id.uppercased())
      #expect(export.status == 0, "\(export.errorText)")
      #expect(try JSONValue(parsing: export.output).at("profile.id")?.stringValue == id)
      for (column, value) in sentinels { #expect(export.text.contains(value), "\(column): \(value)") }
      #expect(!export.text.contains("Secret-"))

      let erased = try world.command("learner", "erase", id, "--yes")
      #expect(erased.status == 0, "\(erased.errorText)")
      let tables: [String] = try world.database.values(
        """
        select format('%I.%I', table_schema, table_name) from information_schema.tables
        where table_schema in ('public', 'passerelle') and table_type = 'BASE TABLE'
        """)
      #expect(tables.count > 20)
      for table in tables {
        for text: String in try world.database.values("select t::text from \(unescaped: table) t") {
          #expect(!text.contains("Sentinelle") && !text.contains("Secret-") && !text.contains(id), "\(table) \(text)")
        }
      }
    }
  }

  /// Rows that a launch alone does not make: a teacher's choice of content, and what the platform's list says.
  private func fill(_ world: World) throws {
    try world.database.script(
      """
      update passerelle.identities set subject = '\(Self.subject)';
      update passerelle.enrolments set subject = '\(Self.subject)', outcome_sourcedid = 'x', consumer = null;
      insert into passerelle.runs (learner, module, activity_title, grade, progress)
        select l.id, m.id, 'x', 'keep', '[]' from public.learners l, public.modules m;
      insert into passerelle.codes (code, learner, role, deep_link, expires_at)
        select 'a', id, 'instructor', '{}', now() from public.learners;
      insert into passerelle.sessions (token, learner, role, deep_link, expires_at)
        select 'a', id, 'instructor', '{}', now() from public.learners;
      insert into passerelle.states (learner, grain, value)
        select l.id, g.id, '{}' from public.learners l, public.grains g where g.slug = 'accueil';
      insert into passerelle.membership_lists (registration, url, read_at)
        select id, 'https://moodle.example/members', now() from passerelle.registrations;
      insert into passerelle.corrections (enrolment, grain, status, corrected_by, reason)
        select e.id, g.id, 'started', 'x', 'x' from passerelle.enrolments e, public.grains g where g.slug = 'accueil';
      insert into passerelle.members (list, subject, roles, instructor, status, name)
        select id, '\(Self.subject)', '{}', false, 'Active', 'x' from passerelle.membership_lists;
      """)
  }

  /// Puts a value of its own into every column that is exported; answers what the export must hold.
  private func mark(_ world: World) throws -> [(column: String, value: String)] {
    // Triggers would put things right.
    try world.database.execute("set session_replication_role = replica")
    defer { _ = try? world.database.execute("set session_replication_role = origin") }
    var expected: [(String, String)] = []
    var number = 0
    for (table, columns) in PersonalColumns.tables.sorted(by: { $0.key < $1.key }) {
      for (column, holding) in columns.sorted(by: { $0.key < $1.key }) {
        guard [.exported, .exportedAsInstant, .secret].contains(holding) else { continue }
        number += 1
        let type: String = try world.database.value(
          """
          select data_type::text from information_schema.columns
          where table_schema || '.' || table_name = \(table) and column_name = \(column)
          """)
        let (sql, text) = sentinel(number, type, table, column, holding)
        let update = "update \(table) set \(column) = \(sql)"
        do { try world.database.execute("\(unescaped: update)") } catch let error as PostgresError {
          // A launch's code or session has no deep link.
          guard error.sqlState == "23514" else { throw error }
          #expect(try world.database.execute("\(unescaped: update + " where \(column) is not null")") > 0)
        }
        if holding != .secret { expected.append(("\(table).\(column)", text)) }
      }
    }
    return expected
  }

  private func sentinel(
    _ number: Int, _ type: String, _ table: String, _ column: String, _ holding: PersonalColumns.Holding
  ) -> (sql: String, text: String) {
    let instant = Instant(seconds: 1_924_992_000 + Int64(number) * 3600, nanoseconds: 0)
    let date = String(instant.rfc3339.prefix(19)) + "Z"
    if column == "subject" { return ("'\(Self.subject)'", Self.subject) }
    if holding == .secret { return ("'Secret-\(number)'", "") }
    if holding == .exportedAsInstant { return ("\(instant.seconds)", date) }
    let name = "Sentinelle-\(table)-\(column)"
    switch type {
    case "timestamp with time zone": return ("'\(date)'", date)
    case "numeric", "double precision": return ("0.5\(100 + number)", "0.5\(100 + number)".trailingZerosDropped)
    case "bigint", "integer": return ("\(70_000 + number)", "\(70_000 + number)")
    case "ARRAY": return ("array['\(name)']", name)
    case "json": return ("'{\"a\": \"\(name)\"}'", name)
    default: return ("'\(name)'", name)
    }
  }

  @Test("Erasing one learner says what Moodle still holds, ends their sessions, and leaves everybody else")
  func erase() throws {
    try World.run(.inProcess) { world in
      let page = try world.session()
      try page.complete("accueil", score: 0.5)
      let other = try world.session(user: 4)
      try other.complete("accueil")
      let id = try #require(page.opened.at("learner.id")?.stringValue)
      let otherID = try #require(other.opened.at("learner.id")?.stringValue)
      let unasked = try world.command("learner", "erase", id)
      #expect(unasked.status == 1 && unasked.errorText.contains("add --yes"), "\(unasked.errorText)")
      let run = try world.command("learner", "erase", id, "--yes")
      #expect(run.status == 0, "\(run.errorText)")
      for words in [
        "erased: learner \(id)", "still held by Moodle (\(world.moodle.url)): the account 3",
        "gradebook: 12.5 of 100 in Quiz 1.3 « été »", "the web server's logs", "backups",
      ] {
        #expect(run.text.contains(words), "\(run.text)")
      }
      #expect(!run.text.contains("D'Hérouville"))
      #expect(Refused(try page.progress()) == Refused(401, "invalid_token"))
      #expect(try other.progress().json.at("completed") == 1)
      #expect(try world.command("learner", "show", otherID).status == 0)
      for words in [
        ["show", id], ["export", id], ["erase", id], ["erase", "--yes", "nobody"], ["export", "nobody"],
      ] {
        let again = try ProgramRun.run(
          Stack.command, arguments: ["learner"] + words, environment: world.administration)
        #expect(again.status == 1 && again.errorText.contains("there is no learner"), "\(again.errorText)")
      }
      let new = try world.session()
      #expect(new.opened.at("learner.id")?.stringValue != id)
    }
  }

  @Test("On a terminal the erasure asks, and does nothing for any answer but yes; --yes does not ask")
  func confirmation() throws {
    try World.run(.inProcess) { world in
      let id = try #require(try world.session().opened.at("learner.id")?.stringValue)
      for (answer, words, isErased) in [
        ("no", "nothing was erased", false), ("", "nothing was erased", false), ("yes", "erased", true),
      ] {
        let run = try ProgramRun.run(
          "/usr/bin/script", arguments: ["-qec", "\(Stack.command) learner erase \(id)", "/dev/null"],
          environment: world.administration + [("PATH", "/usr/bin:/bin"), ("SHELL", "/bin/sh")],
          input: Array("\(answer)\n".utf8))
        #expect(run.text.contains("Type yes"), "\(run.text)")
        #expect(run.text.contains(words), "\(run.text)")
        #expect((run.status == 0) == isErased)
        #expect(try world.database.count("select from public.learners") == (isErased ? 0 : 1))
      }
    }
  }

  @Test("An erasure while a grade is on its way says so, and the courier copes")
  func underWay() throws {
    try World.run(.inProcess) { world in
      let page = try world.session()
      let id = try #require(page.opened.at("learner.id")?.stringValue)
      world.moodle.platform.injectNext(.delayAfterStore(milliseconds: 1500), at: .score)
      let holder = try InterruptedRequest(world, token: page.token, body: ["grain": "accueil", "status": "completed"])
      try eventually { world.gradebook() == 25 }
      let run = try world.command("learner", "erase", id, "--yes")
      #expect(run.status == 0 && run.text.contains("on its way"), "\(run.text) \(run.errorText)")
      #expect(try holder.answer().status == 200)
      #expect(try world.sync().status == 0)
      #expect(try world.database.count("select from public.grades") == 0)
    }
  }

  @Test("The export goes into a new file that only its owner can read")
  func file() throws {
    try World.run(.inProcess) { world in
      let id = try #require(try world.session().opened.at("learner.id")?.stringValue)
      let path = FileManager.default.temporaryDirectory.appendingPathComponent("export-\(UUID().uuidString).json").path
      defer { try? FileManager.default.removeItem(atPath: path) }
      #expect(try world.command("learner", "export", id, "--output", path).text == "written: \(path)\n")
      let data = try #require(FileManager.default.contents(atPath: path))
      #expect(try JSONValue(parsing: Array(data)).at("profile.id")?.stringValue == id)
      let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
      #expect(mode == 0o600)
      // As after every command that prints rows.
      let asked = try world.command("learner", "export", id, "--json")
      #expect(try asked.status == 0 && JSONValue(parsing: asked.output).at("profile.id")?.stringValue == id)
      let again = try world.command("learner", "export", id, "--output", path)
      #expect(again.status == 1 && again.errorText.contains(path))
    }
  }

  @Test(
    "What Directus recorded of a learner's rows is exported without who wrote it, and erased; other rows' records stay")
  func directus() throws {
    try World.run(.inProcess) { world in
      let page = try world.session()
      try page.complete("accueil")
      let other = try world.session(user: 4)
      let id = try #require(page.opened.at("learner.id")?.stringValue)
      let otherID = try #require(other.opened.at("learner.id")?.stringValue)
      try world.database.script(
        """
        create table public.directus_activity (
          id serial primary key, action varchar(45) not null, "user" uuid, ip varchar(50), user_agent text,
          collection varchar(64) not null, item varchar(255) not null);
        create table public.directus_revisions (
          id serial primary key, activity integer not null references public.directus_activity on delete cascade,
          collection varchar(64) not null, item varchar(255) not null, data json, delta json,
          parent integer references public.directus_revisions (id));
        insert into public.directus_activity (action, ip, user_agent, collection, item)
          select 'update', '192.0.2.7', 'Netscape', 'learners', l.id::text from public.learners l order by l.id;
        insert into public.directus_activity (action, collection, item)
          select 'update', 'progress', p.id::text from public.progress p
          union all select 'update', 'grades', g.id::text from public.grades g
          union all select 'update', 'pages', '\(id)';
        insert into public.directus_revisions (activity, collection, item, data)
          select a.id, a.collection, a.item, '{"name": "Ancien nom"}' from public.directus_activity a;
        update public.directus_revisions r set parent = p.id from public.directus_revisions p
          where p.item = '\(id)' and p.collection = 'learners' and r.item = '\(otherID)';
        """)
      let export = try JSONValue(parsing: try world.command("learner", "export", id).output)
      #expect(export.at("directus.directus_activity")?.arrayValue?.count == 4)
      #expect(export.at("directus.directus_revisions")?.arrayValue?.first?.at("data.name") == "Ancien nom")
      #expect(!export.encoded.contains("Netscape") && !export.encoded.contains("192.0.2.7"))
      #expect(try world.command("learner", "erase", id, "--yes").status == 0)
      #expect(
        try world.database.value(
          """
          select string_agg(collection || ' ' || item, ', ' order by collection) from public.directus_revisions
          """) == "learners \(otherID)")
      // Whatever it was about: what holds the learner's id is about the learner.
      #expect(try world.database.count("select from public.directus_activity") == 1)
    }
  }

  @Test("Learners are listed, and found by a part of a name or address or by Moodle's id")
  func list() throws {
    try World.run(.inProcess) { world in
      for user in [3, 4, 6] { _ = try world.session(user: user) }
      func names(_ words: String...) throws -> [String?] {
        let run = try ProgramRun.run(
          Stack.command, arguments: ["learner", "list", "--json"] + words, environment: world.administration)
        #expect(run.status == 0, "\(run.errorText)")
        return try #require(JSONValue(parsing: run.output).arrayValue).map { $0["name"]?.stringValue }
      }
      #expect(try names().count == 3)
      #expect(try names("--search", "bœuf") == ["Anaïs Bœuf"])
      #expect(try names("--search", "STUDENT4@") == ["Anaïs Bœuf"])
      #expect(try names("--search", "6") == ["Anaïs Bœuf"])
      #expect(try names("--search", "%").isEmpty)
      let text = try world.command("learner", "list").text
      #expect(text.contains("Anaïs Bœuf") && text.hasPrefix("id "))
    }
  }
}

extension String {
  /// A decimal as JSON writes it.
  fileprivate var trailingZerosDropped: String {
    var text = self[...]
    while text.last == "0" { text.removeLast() }
    return String(text)
  }
}
