import Foundation
import Postgres
import TestSupport
import Testing

/// A pooled connection keeps the plans that PostgreSQL made for whatever came first. Each function on a request's path is called
/// ten times for something small, then once for something big, on one connection: a plan that fits only the small is seen here.
@Suite(.needsPostgres) struct WarmPlanTests {
  /// A call on the small course and on the big one. `@MODULE`, `@ACTIVITY`, `@TOKEN`, `@CODE`, `@SUBJECT`, `@LINK`, `@REPORT`,
  /// `@GRADE`, `@LEARNER` and `@LEARNERS` stand for what belongs to the course; `@N` is another number each time.
  private struct Call: CustomTestStringConvertible {
    let name: String
    /// What has to be so before the call.
    var before: String?
    let sql: String
    /// Seconds that the big call may take on a busy machine; a quadratic plan takes tens of them.
    var bound = 1.5
    var testDescription: String { name }
  }

  private static let calls: [Call] = [
    Call(name: "progress_read", sql: "select outcome from passerelle.progress_read(@TOKEN)"),
    Call(name: "progress_write", sql: "select outcome from passerelle.progress_write(@TOKEN, @REPORT, 1)"),
    Call(name: "state_read", sql: "select outcome from passerelle.state_read(@TOKEN, 'g1')"),
    Call(
      name: "state_write", sql: "select outcome from passerelle.state_write(@TOKEN, 'g1', '{\"n\": @N}', null, false)"),
    Call(
      name: "session_open",
      before: """
        insert into passerelle.codes (code, enrolment, module, role, expires_at)
        select int4send(@N), e.id, @MODULE, 'learner', now() + interval '1 minute'
        from passerelle.enrolments e where e.learner = @LEARNER and e.activity = @ACTIVITY
        """,
      sql: "select outcome from passerelle.session_open(int4send(@N), int4send(@N), 8)"),
    Call(name: "code_for", sql: "select outcome from passerelle.code_for(@TOKEN, int4send(@N))"),
    Call(
      name: "login",
      sql: """
        select outcome from passerelle.login('https://moodle.example', null, null, int4send(@N), int4send(@N), 'x', false)
        """),
    Call(
      name: "launch",
      before: """
        insert into passerelle.login_states (state, nonce, browser, registration, expires_at)
        select int4send(@N), int4send(@N), 'x', r.id, now() + interval '1 minute' from passerelle.registrations r
        """,
      sql: """
        select outcome from passerelle.launch(
          int4send(@N), null, null, (select id from passerelle.platforms), (select id from passerelle.deployments),
          @SUBJECT, 'Name', null, null, null, 'fr', @LINK, 'Title', null, null, null, null, @SLUG, null, null,
          array['Learner'], false, true, 'https://moodle.example/lineitem', null, array['s'], 's', null, null,
          int4send(@N), null)
        """),
    Call(
      name: "launch into another module",
      before: """
        insert into passerelle.login_states (state, nonce, browser, registration, expires_at)
        select int4send(@N), int4send(@N), 'x', r.id, now() + interval '1 minute' from passerelle.registrations r;
        update passerelle.activities set module = (select id from public.modules where slug = 'other') where id = @ACTIVITY
        """,
      sql: """
        select outcome from passerelle.launch(
          int4send(@N), null, null, (select id from passerelle.platforms), (select id from passerelle.deployments),
          @SUBJECT, 'Name', null, null, null, 'fr', @LINK, 'Title', null, null, null, null, @SLUG, null, null,
          array['Learner'], false, true, 'https://moodle.example/lineitem', null, array['s'], 's', null, null,
          int4send(@N), null)
        """, bound: 3),
    Call(name: "lease_due", sql: "select passerelle.lease_due(true, clock_timestamp(), 0)"),
    Call(
      name: "grade_delivered",
      before: "update passerelle.enrolments set lease = '00000000-0000-0000-0000-00000000000a' where id = @GRADE",
      sql: """
        select status from passerelle.grade_delivered(
          @GRADE, '00000000-0000-0000-0000-00000000000a', 1, 50, 100, true, 1)
        """),
    Call(
      name: "line_item_found",
      before: "update passerelle.enrolments set lease = '00000000-0000-0000-0000-00000000000a' where id = @GRADE",
      sql: """
        select passerelle.line_item_found(
          @GRADE, '00000000-0000-0000-0000-00000000000a', 'https://moodle.example/other', 20 + @N)
        """, bound: 3),
    Call(
      name: "an edit of one row",
      sql: "update public.progress set score = 0.25 where learner = @LEARNER and grain = @GRAIN"),
    Call(
      name: "an edit of a grain's weight",
      sql: "update public.grains set weight = 1 + @N::float8 / 10 where id = @GRAIN", bound: 5),
    Call(
      name: "an edit of everybody's row",
      sql: "update public.progress set score = 0.5 + (@N % 7)::float8 / 20 where grain = @GRAIN", bound: 5),
    Call(
      name: "recount",
      before: "select passerelle.recount_from(@MODULE, null, 1000, 0)",
      sql: "select computed from passerelle.recount(1000)", bound: 5),
  ]

  @Test("Ten small calls, then a big one on the same connection: no plan is slow that was made for the small")
  func smallThenBig() throws {
    let database = try ScratchDatabase()
    try Self.seed(database.connection)
    var number: Int32 = 0
    for call in Self.calls {
      let connection = try database.another()
      defer { connection.close() }
      func run(_ course: String) throws -> Double {
        number += 1
        if let before = call.before { try connection.script(try Self.filled(before, course, number, database)) }
        let sql = try Self.filled(call.sql, course, number, database)
        // As the programs do: by the extended protocol, the function's own statements prepared in the session.
        let began = Date()
        _ = try connection.query(Statement(stringLiteral: sql))
        return Date().timeIntervalSince(began)
      }
      for _ in 0..<10 { _ = try run("small") }
      let seconds = try run("big")
      #expect(seconds < call.bound, "\(call.name) took \(seconds) s")
    }
  }

  private static func filled(_ sql: String, _ course: String, _ number: Int32, _ database: ScratchDatabase) throws
    -> String
  {
    let learner = "(select e.learner from passerelle.enrolments e where e.subject = '\(course) 1')"
    let values: [(String, String)] = [
      ("@LEARNER", learner), ("@GRADE", "(select e.id from passerelle.enrolments e where e.subject = '\(course) 1')"),
      ("@MODULE", "(select id from public.modules where slug = '\(course)')"),
      ("@ACTIVITY", "(select id from passerelle.activities where resource_link_id = '\(course)')"),
      (
        "@GRAIN",
        "(select g.id from public.grains g where g.slug = 'g1' and g.module = (select id from public.modules where slug = '\(course)'))"
      ),
      ("@TOKEN", "convert_to('\(course) 1', 'UTF8')"), ("@SUBJECT", "'\(course) 1'"), ("@LINK", "'\(course)'"),
      ("@SLUG", "'\(course)'"),
      (
        "@REPORT",
        """
        (select json_agg(json_build_object('slug', g.slug, 'status', 'completed', 'score', \(number) / 10000.0))
           from public.grains g where g.module = (select id from public.modules where slug = '\(course)'))
        """
      ),
      ("@N", "\(number)"),
    ]
    return values.reduce(sql) { $0.replacing($1.0, with: $1.1) }
  }

  /// Two courses: 2 learners by 3 grains, 1,000 by 200.
  private static func seed(_ connection: Connection) throws {
    try connection.script(
      """
      set session_replication_role = replica;
      insert into passerelle.platforms (name, issuer) values ('Moodle', 'https://moodle.example');
      insert into passerelle.registrations (platform, client_id, auth_url, token_url, jwks_url)
        select id, 'client', 'https://moodle.example/a', 'https://moodle.example/t', 'https://moodle.example/k'
        from passerelle.platforms;
      insert into passerelle.deployments (registration, deployment_id) select id, '1' from passerelle.registrations;
      insert into public.modules (slug, title) values ('small', 'Small'), ('big', 'Big'), ('other', 'Other');
      insert into public.grains (module, slug, title)
        select m.id, 'g' || n, 'Grain ' || n from public.modules m, generate_series(0, 199) n
        where m.slug = 'big' or n < 3;
      insert into passerelle.activities (platform, deployment, resource_link_id, title, module)
        select p.id, d.id, m.slug, 'Title', m.id from passerelle.platforms p, passerelle.deployments d, public.modules m
        where m.slug <> 'other';
      insert into public.learners (name)
        select m.slug || ' ' || n from public.modules m, generate_series(0, 999) n
        where m.slug = 'big' or (m.slug = 'small' and n < 2);
      insert into passerelle.identities (platform, subject, learner, seen_name)
        select p.id, l.name, l.id, 'Name' from passerelle.platforms p, public.learners l;
      insert into passerelle.enrolments
        (learner, activity, subject, gradable, line_item, token_scope, owed_ratio, owed_version)
        select l.id, a.id, l.name, true, 'https://moodle.example/lineitem', 's', 1, 1
        from public.learners l join passerelle.activities a on l.name like a.resource_link_id || ' %';
      insert into public.progress (learner, grain, status, completed_at)
        select e.learner, g.id, 'completed', now()
        from passerelle.enrolments e join passerelle.activities a on a.id = e.activity join public.grains g on g.module = a.module;
      insert into public.grades (id, learner, activity, module, status, score, maximum, next_attempt_at)
        select e.id, e.learner, e.activity, a.module, 'pending', 100, 100, now()
        from passerelle.enrolments e join passerelle.activities a on a.id = e.activity;
      insert into passerelle.sessions (token, enrolment, module, role, expires_at)
        select convert_to(e.subject, 'UTF8'), e.id, a.module, 'learner', now() + interval '1 day'
        from passerelle.enrolments e join passerelle.activities a on a.id = e.activity;
      reset session_replication_role;
      analyze
      """)
  }
}
