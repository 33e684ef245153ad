import DirectusTestSupport
import Postgres
import TestSupport
import Testing

/// Directus's own database role, with the grants on the five collections and nothing else: what it cannot do. What it can is
/// in ``PlainRoleTests``.
@Suite(.needsPostgres) struct DirectusRoleTests {
  @Test(
    "Directus's role reads no key, makes no session, changes no key set, replaces no function, switches off no trigger",
    arguments: [
      "select sealed from passerelle.tool_keys", "select sealed from passerelle.consumers",
      "select sealed from passerelle.access_tokens",
      "insert into passerelle.sessions (token, role, expires_at) values ('\\x01', 'instructor', now() + interval '1 year')",
      "insert into passerelle.codes (code, role, expires_at) values ('\\x01', 'instructor', now() + interval '1 year')",
      "update passerelle.key_sets set document = '{}'", "delete from passerelle.key_sets",
      "update passerelle.registrations set jwks_url = 'https://elsewhere.example'",
      "insert into passerelle.tool_keys (kid, public_jwk, sealed) values ('k', '{}', '\\x')",
      "create or replace function passerelle.touch() returns trigger language plpgsql as 'begin return new; end'",
      "create function passerelle.mine() returns int language sql as 'select 1'",
      "alter function passerelle.touch() owner to current_user",
      "alter table public.progress disable trigger progress_updated", "alter table public.grades disable trigger all",
      "drop trigger refuse on public.grades",
      "create trigger mine before update on public.grades for each row execute function suppress_redundant_updates_trigger()",
      "alter table public.grades add column mine int", "drop table public.grades", "truncate public.progress",
      "set session_replication_role = replica", "select passerelle.owe(gen_random_uuid(), gen_random_uuid())",
      "select * from passerelle.learner_rows", "set role passerelle_web", "create table public.mine (id int)",
    ])
  func refused(statement: String) throws {
    let database = try ScratchDirectus(.twelve)
    let role = try PlainRole(database)
    let refusal = caught(PostgresError.self) { try role.connection.script(statement) }
    #expect(refusal?.sqlState == "42501", "\(String(describing: refusal))")
  }

  @Test(
    "Nor does it forge a grade: what a grade is worth, and where its delivery stands, the database refuses to be told")
  func grades() throws {
    let database = try ScratchDirectus(.twelve)
    let role = try PlainRole(database)
    try database.connection.script(
      """
      insert into public.modules (slug, title) values ('m', 'M');
      insert into public.learners (name) values ('Léa');
      """)
    let forged = caught(PostgresError.self) {
      try role.connection.script(
        """
        insert into public.grades (learner, activity, module, status, score, maximum)
          select l.id, gen_random_uuid(), m.id, 'pending', 100, 100 from public.learners l, public.modules m
        """)
    }
    #expect(forged?.sqlState == "23503" && forged?.constraint == "grades_are_of_an_enrolment")
  }
}
