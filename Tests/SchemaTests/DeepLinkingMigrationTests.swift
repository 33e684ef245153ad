import Postgres
import Schema
import TestSupport
import Testing

/// Migration 8 on a database in use: codes and sessions of launches go on, and no row is of neither kind or of both.
@Suite(.needsPostgres) struct DeepLinkingMigrationTests {
  private static let launched = """
    insert into public.modules (slug, title) values ('m', 'M');
    insert into public.learners (name) values ('L');
    insert into passerelle.platforms (name, issuer) values ('P', 'https://p.example');
    insert into passerelle.activities (platform, resource_link_id, module)
      select p.id, '1', m.id from passerelle.platforms p, public.modules m;
    insert into passerelle.enrolments (learner, activity, subject)
      select l.id, a.id, '3' from public.learners l, passerelle.activities a;
    insert into passerelle.codes (code, enrolment, module, role, expires_at)
      select '\\x01', e.id, m.id, 'learner', now() + interval '1 minute' from passerelle.enrolments e, public.modules m;
    insert into passerelle.sessions (token, enrolment, module, role, expires_at)
      select '\\x02', e.id, m.id, 'learner', now() + interval '1 hour' from passerelle.enrolments e, public.modules m;
    """

  @Test("A code and a session made before it are worth as much after it")
  func inUse() throws {
    let database = try ScratchDatabase(migrations: 7)
    try database.connection.script(Self.launched)
    try Migrator(Schema.migrations).migrate(on: database.connection)
    #expect(try database.value("select outcome from passerelle.session_of('\\x02')") == "accepted")
    #expect(try database.value("select outcome from passerelle.session_open('\\x01', '\\x03', 1)") == "accepted")
    #expect(try database.value("select outcome from passerelle.progress_read('\\x03')") == "accepted")
    #expect(try database.value("select outcome from passerelle.deep_link_of('\\x02')") == "forbidden")
  }

  @Test(
    "A session is of a launch or of a deep link, not of both and not of neither", arguments: ["codes", "sessions"])
  func kinds(table: String) throws {
    let database = try ScratchDatabase()
    try database.connection.script(Self.launched)
    let secret = table == "codes" ? "code" : "token"
    for (enrolment, module, learner, role, request) in [
      ("null", "null", "null", "instructor", "null"), ("e.id", "null", "null", "instructor", "null"),
      ("null", "m.id", "null", "instructor", "null"), ("e.id", "m.id", "l.id", "instructor", "null"),
      ("e.id", "m.id", "l.id", "instructor", "'{}'"), ("null", "null", "null", "instructor", "'{}'"),
      ("null", "null", "l.id", "learner", "'{}'"),
    ] {
      let insertion = """
        insert into passerelle.\(table) (\(secret), enrolment, module, learner, role, deep_link, expires_at)
        select '\\x09', \(enrolment), \(module), \(learner), '\(role)', \(request), now()
        from passerelle.enrolments e, public.modules m, public.learners l
        """
      do {
        try database.connection.script(insertion)
        Issue.record("accepted: \(insertion)")
      } catch {
        #expect(error.constraint == "\(table)_are_of_a_launch_or_a_deep_link")
      }
    }
  }
}
