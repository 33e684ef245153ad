import Postgres
import Schema
import TestSupport
import Testing

/// What `doctor` and `migrate` find when somebody changed a function, a view or a trigger, and how `migrate` mends it.
@Suite(.needsPostgres) struct DifferenceTests {
  private static let changes: [(sql: String, words: String)] = [
    (
      "create or replace function passerelle.points(p_ratio numeric, p_maximum numeric) returns numeric language sql as 'select 1.0'",
      "function passerelle.points(p_ratio numeric, p_maximum numeric) is not the one that this program makes"
    ),
    (
      "alter function passerelle.owe(uuid, uuid) set search_path = public",
      "function passerelle.owe(p_learner uuid, p_module uuid) is not the one that this program makes"
    ),
    (
      "grant execute on function passerelle.touch() to public",
      "function passerelle.touch() is not the one that this program makes"
    ),
    (
      "alter function passerelle.touch() security invoker",
      "function passerelle.touch() is not the one that this program makes"
    ),
    ("drop function passerelle.roster(bytea, uuid, boolean, text, text, pg_snapshot, json, text)", "is missing"),
    (
      "create function passerelle.older() returns int language sql as 'select 1'",
      "function passerelle.older() is not this program's"
    ),
    (
      """
      create or replace view passerelle.grain_rows as
        select g.id, g.module, g.slug, g.title, 1::float8 as weight, g.status::text as status, g.sort from public.grains g
      """, "view passerelle.grain_rows is not the one that this program makes"
    ),
    ("drop view passerelle.learner_rows", "view passerelle.learner_rows is missing"),
    ("create view passerelle.more as select 1 as one", "view passerelle.more is not this program's"),
    ("drop trigger stay on public.grades", "trigger stay on public.grades is missing"),
    (
      "alter table public.progress disable trigger progress_updated",
      "trigger progress_updated on public.progress is not the one that this program makes"
    ),
    (
      "create trigger once_more before insert on public.grains for each row execute function passerelle.touch()",
      "trigger once_more on public.grains is not this program's"
    ),
  ]

  @Test("Every change is named, mended by the next migrate, and then gone", arguments: changes.indices)
  func changed(number: Int) throws {
    let (sql, words) = Self.changes[number]
    let database = try ScratchDatabase()
    let migrator = ScratchDatabase.migrator
    #expect(try migrator.differences(on: database.connection) == [])
    try database.connection.script(sql)
    let differences = try migrator.differences(on: database.connection).map(\.words.english)
    #expect(differences.count == 1 && differences.first?.hasSuffix(words) == true, "\(differences)")
    #expect(try migrator.migrate(on: database.connection).madeFunctions)
    #expect(try migrator.differences(on: database.connection) == [])
    #expect(try !migrator.migrate(on: database.connection).madeFunctions)
  }

  @Test("Looking changes nothing, and waits for nobody who works on the tables")
  func lookingIsQuiet() throws {
    let database = try ScratchDatabase()
    let other = try database.another()
    defer { other.close() }
    try other.script("begin; lock table public.progress, public.grades in row exclusive mode")
    try database.connection.script("set statement_timeout = '5s'")
    #expect(try ScratchDatabase.migrator.differences(on: database.connection) == [])
    try other.script("rollback")
    #expect(try database.value("select count(*) from pg_class where relpersistence = 't'") == 0)
  }

  @Test("A table that somebody works on is waited for in short steps, and the migration then succeeds")
  func busyTable() throws {
    let database = try ScratchDatabase()
    try database.connection.script("drop trigger stay on public.grades")
    let other = Unshared(try database.another())
    let session = Unshared(try database.another())
    try other.connection.script("begin; lock table public.progress in row exclusive mode")
    let failures = onThreads(2) { number in
      if number == 0 {
        try ScratchDatabase.migrator.migrate(on: session.connection)
      } else {
        try other.connection.script("select pg_sleep(1.5); commit")
      }
    }
    #expect(failures.isEmpty, "\(failures)")
    #expect(try ScratchDatabase.migrator.differences(on: database.connection) == [])
    other.connection.close()
    session.connection.close()
  }

  @Test("A view of somebody's own that stands on ours stays, where ours keep their columns")
  func dependents() throws {
    let database = try ScratchDatabase()
    try database.connection.script(
      """
      create view public.report as select count(*) as learners from passerelle.learner_rows;
      drop trigger stay on public.grades;
      """)
    #expect(try ScratchDatabase.migrator.migrate(on: database.connection).madeFunctions)
    #expect(try database.value("select learners from public.report") == 0)
    // On a function of ours nobody can stand: that is said, and nothing is changed.
    try database.connection.script(
      "create view public.late as select passerelle.utc(now()) as now; drop trigger stay on public.grades")
    do {
      try ScratchDatabase.migrator.migrate(on: database.connection)
      Issue.record("migrated")
    } catch {
      #expect("\(error)".contains("other objects depend on it"), "\(error)")
    }
    #expect(try database.value("select now is not null from public.late"))
  }
}
