import Postgres
import Schema
import TestSupport
import Testing

/// Migration 15: databases that were migrated before version 1.0.0 was finished become like all others.
@Suite(.needsPostgres) struct ConvergenceTests {
  /// What an earlier text of migrations 2, 3 and 6 left otherwise than today's.
  private static let earlier = """
    alter table passerelle.enrolments drop column confirm_at;
    drop function passerelle.points(numeric, numeric);
    drop function passerelle.grade_delivered(uuid, uuid, bigint, numeric, numeric, boolean, integer);
    create function passerelle.grade_delivered(
      p_grade uuid, p_lease uuid, p_version bigint, p_score numeric, p_maximum numeric, p_seconds integer,
      out status text, out next text)
    language plpgsql as 'begin end';
    create or replace function passerelle.lease_due(p_now boolean, p_since timestamptz, p_seconds integer) returns text
    language plpgsql as 'begin end';
    create or replace function passerelle.line_item_found(
      p_grade uuid, p_lease uuid, p_line_item text, p_maximum numeric) returns text
    language plpgsql as 'begin end';
    """

  /// Every column, index and function of schema passerelle, with all that makes them what they are.
  private func catalog(_ database: ScratchDatabase) throws -> String {
    try database.value(
      """
      select string_agg(x.line, E'\\n' order by x.line) from (
        select c.table_name || '.' || c.column_name || ' ' || c.data_type as line
          from information_schema.columns c where c.table_schema = 'passerelle'
        union all select i.indexdef from pg_indexes i where i.schemaname = 'passerelle'
        union all select pg_get_functiondef(p.oid) from pg_proc p where p.pronamespace = 'passerelle'::regnamespace) x
      """)
  }

  @Test("A database with the earlier text of the first migrations ends like one that is migrated from nothing")
  func earlier() throws {
    let old = try ScratchDatabase(migrations: 8)
    let unchanged = try catalog(old)
    try old.connection.script(Self.earlier)
    #expect(try catalog(old) != unchanged)
    try Migrator(Schema.migrations).migrate(on: old.connection)
    #expect(try catalog(old) == catalog(try ScratchDatabase()))
  }
}
