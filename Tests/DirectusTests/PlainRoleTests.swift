import Directus
import DirectusTestSupport
import Foundation
import Postgres
import TestSupport
import Testing

/// Staff edits by a database role that is nobody: all they set off works, and schema passerelle stays shut.
@Suite(.needsPostgres) struct PlainRoleTests {
  /// A learner in an activity that shows a module of two grains, and what is owed for it.
  private struct Course {
    let database: ScratchDirectus
    let role: PlainRole
    let learner: String
    let module: String
    let grains: [String]

    init() throws {
      database = try ScratchDirectus(.twelve)
      role = try PlainRole(database)
      let connection = database.connection
      try connection.script(
        """
        insert into public.modules (slug, title) values ('m', 'M');
        insert into public.grains (module, slug, title) select id, 'a', 'A' from public.modules;
        insert into public.grains (module, slug, title) select id, 'b', 'B' from public.modules;
        insert into public.learners (name) values ('Léa');
        insert into passerelle.platforms (name, issuer) values ('P', 'https://p.example');
        insert into passerelle.identities (platform, subject, learner)
          select p.id, '7', l.id from passerelle.platforms p, public.learners l;
        insert into passerelle.registrations (platform, client_id, auth_url, token_url, jwks_url)
          select id, 'c', 'https://p.example/a', 'https://p.example/t', 'https://p.example/k' from passerelle.platforms;
        insert into passerelle.deployments (registration, deployment_id) select id, '1' from passerelle.registrations;
        insert into passerelle.activities (platform, deployment, resource_link_id, module)
          select p.id, d.id, '1', m.id from passerelle.platforms p, passerelle.deployments d, public.modules m;
        insert into passerelle.enrolments (learner, activity, subject, gradable, line_item, token_scope)
          select l.id, a.id, '7', true, 'https://p.example/l', 's' from public.learners l, passerelle.activities a;
        insert into passerelle.sessions (token, enrolment, module, role, expires_at)
          select '\\x01', e.id, m.id, 'learner', now() + interval '1 hour' from passerelle.enrolments e, public.modules m;
        """)
      learner = try database.value("select id::text from public.learners")
      module = try database.value("select id::text from public.modules")
      grains = try database.values("select id::text from public.grains order by slug")
    }

    /// Score and state of the grade, as the role sees them.
    func grade() throws -> String? {
      try role.connection.query("select concat_ws(' ', score::float8, status) as grade from public.grades").first?
        .get("grade")
    }
  }

  @Test("Every edit changes what is owed, and dates fill themselves in")
  func edits() throws {
    let course = try Course()
    let staff = course.role.connection
    try staff.execute(
      "insert into public.progress (learner, grain) values (\(course.learner)::uuid, \(course.grains[0])::uuid)")
    #expect(try course.grade() == nil)
    try staff.execute("update public.progress set status = 'completed'")
    #expect(try course.grade() == "50 pending")
    #expect(
      try staff.query(
        "select from public.progress where completed_at is not null and date_updated >= date_created"
      ).count == 1)
    try staff.execute("update public.progress set score = 0.5")
    #expect(try course.grade() == "25 pending")
    try staff.execute("update public.grains set weight = 3 where slug = 'a'")
    #expect(try course.grade() == "37.5 pending")
    try staff.execute("update public.grains set status = 'archived' where slug = 'b'")
    #expect(try course.grade() == "50 pending")
    try staff.execute("insert into public.grains (module, slug, title) values (\(course.module)::uuid, 'c', 'C')")
    #expect(try course.grade() == "37.5 pending")
    try staff.execute("delete from public.grains where slug = 'c'")
    #expect(try course.grade() == "50 pending")
    try staff.execute("update public.modules set grading = 'all-or-nothing', title = 'N'")
    try staff.execute("update public.learners set name = 'Léa B.'")
    #expect(try staff.query("select from public.learners where date_updated is not null").count == 1)
    try course.database.connection.execute("update public.grades set status = 'failed', attempts = 9")
    try staff.execute("update public.grades set status = 'pending'")
    #expect(try staff.query("select from public.grades where status = 'pending' and attempts = 0").count == 1)
    try staff.execute("delete from public.progress")
    // Nothing was sent yet, so nothing is owed any more.
    #expect(try course.grade() == "none")
  }

  @Test(
    "Of a grade the role sets the state to pending; every other column is refused, and so are its making and deletion")
  func grades() throws {
    let course = try Course()
    let staff = course.role.connection
    try staff.execute(
      """
      insert into public.progress (learner, grain, status)
      values (\(course.learner)::uuid, \(course.grains[0])::uuid, 'completed')
      """)
    try course.database.connection.execute("update public.grades set status = 'failed', attempts = 9")
    for change in [
      "score = 100", "maximum = 200", "status = 'delivered'", "status = 'none'", "version = version + 7",
      "delivered_score = 100", "delivered_at = '2020-01-01'", "delivered_version = 1", "learner = gen_random_uuid()",
      "activity = gen_random_uuid()", "id = gen_random_uuid()",
    ] {
      let refused = caught(PostgresError.self, "\(change)") { try staff.script("update public.grades set \(change)") }
      #expect(refused?.sqlState == "23503", "\(change) \(String(describing: refused))")
    }
    #expect(caught(PostgresError.self) { try staff.script("delete from public.grades") }?.constraint == "grades_stay")
    try staff.execute("update public.grades set status = 'pending'")
    #expect(try course.grade() == "50 pending")
  }

  @Test("Deleting a learner forgets what the machinery knows of them")
  func deletion() throws {
    let course = try Course()
    let staff = course.role.connection
    try staff.execute(
      """
      insert into public.progress (learner, grain, status)
      values (\(course.learner)::uuid, \(course.grains[0])::uuid, 'completed')
      """)
    try staff.execute("delete from public.learners")
    for table in [
      "public.progress", "public.grades", "passerelle.identities", "passerelle.enrolments", "passerelle.sessions",
    ] {
      #expect(try course.database.value("select count(*) from \(unescaped: table)") == 0, "\(table)")
    }
  }

  @Test("Every table, view and function of schema passerelle is refused")
  func refused() throws {
    let course = try Course()
    let staff = course.role.connection
    let relations = try course.database.values(
      "select oid::regclass::text from pg_class where relnamespace = 'passerelle'::regnamespace and relkind in ('r', 'v')"
    )
    #expect(relations.count > 15)
    for relation in relations {
      for statement in ["select from \(relation)", "delete from \(relation)"] {
        let error = caught(PostgresError.self, "\(statement)") { try staff.script(statement) }
        #expect(error?.sqlState == "42501", "\(statement)")
      }
    }
    let functions = try course.database.values(
      """
      select format('select %s(%s)', p.oid::regproc,
        (select string_agg(format('null::%s', format_type(t, null)), ', ') from unnest(p.proargtypes) t))
      from pg_proc p where p.pronamespace = 'passerelle'::regnamespace and p.prokind = 'f'
      """)
    #expect(functions.count > 20)
    for function in functions {
      let error = caught(PostgresError.self, "\(function)") { try staff.script(function) }
      #expect(error?.sqlState == "42501", "\(function)")
    }
    // Nor can they be had by way of a trigger of one's own.
    let error = caught(PostgresError.self) {
      try staff.script(
        """
        create temporary table mine (id uuid, status text, score numeric, version bigint);
        create trigger t before update on mine for each row execute function passerelle.send_again();
        """)
    }
    #expect(error?.sqlState == "42501")
  }

  @Test("Every function that a trigger on a collection runs works as its owner, and nobody calls it otherwise")
  func definers() throws {
    let database = try ScratchDirectus(nil)
    let functions = try database.connection.query(
      """
      select distinct p.oid::regprocedure::text as function, p.prosecdef,
        has_function_privilege('public', p.oid, 'execute') as is_public
      from pg_trigger t join pg_proc p on p.oid = t.tgfoid
      where not t.tgisinternal and t.tgrelid in (
        select c.oid from pg_class c where c.relnamespace = 'public'::regnamespace)
      """)
    #expect(functions.count >= 8)
    for function in functions {
      let name: String = try function.get("function")
      #expect(try function.get("prosecdef"), "\(name) needs: security definer")
      #expect(try !function.get("is_public", as: Bool.self), "\(name) needs: revoke all on function … from public")
    }
  }

  @Test("Triggers and what the program calls have one search path of their own, and what only they call has none")
  func paths() throws {
    let database = try ScratchDirectus(nil)
    let called = try Self.functionsThatTheProgramCalls()
    #expect(called.isSuperset(of: ["launch", "progress_write", "session_open"]))
    let functions = try database.connection.query(
      """
      select p.proname, p.prorettype = 'trigger'::regtype as is_trigger, p.proconfig
      from pg_proc p join pg_language l on l.oid = p.prolang
      where p.pronamespace = 'passerelle'::regnamespace and l.lanname = 'plpgsql'
      """)
    for function in functions {
      let name: String = try function.get("proname")
      let needsOne = try function.get("is_trigger", as: Bool.self) || called.contains(name)
      // How long a lock is waited for, and how plans are made, is another matter.
      let settings = try function.get("proconfig", as: [String]?.self) ?? []
      #expect(
        settings.filter { $0.hasPrefix("search_path=") }
          == (needsOne ? ["search_path=pg_catalog, pg_temp"] : []),
        "\(name) needs \(needsOne ? "set" : "reset") search_path, see staff_edits.sql")
    }
  }

  /// Names of functions in schema passerelle that statements of the program and its command call.
  private static func functionsThatTheProgramCalls() throws -> Set<String> {
    let sources = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Sources")
      .standardizedFileURL
    var names: Set<String> = []
    for module in ["Store", "Passerelle", "PasserelleCommand"] {
      let files = try #require(FileManager.default.enumerator(atPath: sources.appending(path: module).path))
      for case let file as String in files where file.hasSuffix(".swift") {
        let text = try String(contentsOf: sources.appending(path: "\(module)/\(file)"), encoding: .utf8)
        for match in text.matches(of: /passerelle\.([a-z_0-9]+)\(/) { names.insert(String(match.1)) }
      }
    }
    // `grade recompute` calls what the triggers call, and a launch that turns out to have no line item reads its delivery anew,
    // both once in a while: a path would cost at each of the other calls.
    return names.subtracting(["owe", "delivery"])
  }

  @Test("Whoever sets off a trigger cannot slip in operators or functions of their own")
  func path() throws {
    let course = try Course()
    let staff = course.role.connection
    try course.database.connection.execute("grant create on schema public to \(identifier: course.role.name)")
    // Were they found before those of pg_catalog, the grade would be worthless and this role would know it.
    try staff.script(
      """
      create table public.seen (who text);
      grant insert on public.seen to public;
      create function public.round(numeric, integer) returns numeric language plpgsql as $$
        begin insert into public.seen values (current_user); return 0; end $$;
      create function public.now() returns timestamptz language plpgsql as $$
        begin insert into public.seen values (current_user); return '1999-01-01'; end $$;
      """)
    try staff.script(
      """
      set search_path = public, pg_catalog;
      insert into public.progress (learner, grain, status)
        select l.id, g.id, 'completed' from public.learners l, public.grains g where g.slug = 'a';
      """)
    #expect(try course.grade() == "50 pending")
    #expect(try course.database.value("select count(*) from public.seen") == 0)
    #expect(
      try course.database.value("select count(*) from public.progress where completed_at > '2020-01-01'") == 1)
  }
}
