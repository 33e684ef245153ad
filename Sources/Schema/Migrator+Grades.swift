import Postgres

extension Migrator {
  /// Looks for what somebody dropped, before anything else is done. `public.grades` alone is made anew, empty; whether it was.
  func makeLostGrades(on connection: Connection) throws(MigrationError) -> Bool {
    let lost = try tableDifferences(within: connection)
    guard let other = lost.first(where: { !$0.isMended }) else {
      if lost.isEmpty { return false }
      try makeGrades(on: connection)
      return true
    }
    throw .lost(lost.map(\.words), mend: other.mend)
  }

  /// The table as the migrations that this database has had made it. Where a role is adopted its foreign key rests, as it did.
  private func makeGrades(on connection: Connection) throws(MigrationError) {
    try expectRights(on: connection)
    let numbers = try applied(on: connection)
    let adopted = try adoptedRoles(on: connection)
    for migration in migrations where numbers.contains(migration.number) {
      let own = Migration(
        number: migration.number, name: migration.name,
        sql: SQLScript.statements(of: migration.sql).filter(Self.isOfGrades).joined(separator: ";\n"))
      if own.sql.isEmpty { continue }
      do throws(PostgresError) { try connection.script(Self.sql(of: own, adopted)) } catch {
        throw .failed(migration, error)
      }
    }
    // A statement about this table that is not known for one would leave it incomplete.
    let differences = try tableDifferences(within: connection)
    guard differences.isEmpty else { throw .differs(differences.map(\.words)) }
    for role in adopted {
      try run(
        """
        do $passerelle$ declare k record; begin
          for k in select conname from pg_catalog.pg_constraint
            where contype = 'f' and conrelid = 'public.grades'::regclass and confrelid = 'passerelle.\(role.hidden)'::regclass
          loop
            execute format('alter table public.grades drop constraint %I', k.conname);
          end loop;
        end $passerelle$
        """, on: connection)
    }
  }

  /// Whether a statement makes, changes or indexes `public.grades`, whatever else it mentions.
  private static func isOfGrades(_ statement: String) -> Bool {
    statement.prefixMatch(of: /(?:create|alter) table\s+public\.grades(?!\w)/) != nil
      || statement.prefixMatch(of: /create (?:unique )?index\s+\w+\s+on\s+public\.grades(?!\w)/) != nil
  }

  /// Owes again what progress says, once the functions are there. What of it Moodle has nobody knows here any more: each grade waits
  /// as failed, for `grade retry` or for a look into Moodle's gradebook.
  func owedAgain(on connection: Connection) throws(MigrationError) {
    try run(
      """
      do $passerelle$
      declare
        m record;
        step record;
        reached uuid;
      begin
        for m in select r.id from passerelle.module_rows r order by r.id loop
          reached := null;
          loop
            select * into step from passerelle.owe_next(m.id, null, reached, 1000);
            exit when step.last is null;
            reached := step.last;
          end loop;
        end loop;
        update public.grades g
          set status = 'failed', attempts = 1, next_attempt_at = null, last_error_code = 'grades_restored',
              last_error = 'The table of grades was lost and made anew: whether Moodle has this grade is not known. '
                'The verification looks into the gradebook; or send it again.',
              last_error_fr = 'La table des notes a été perdue et refaite : on ne sait pas si Moodle a cette note. '
                'La vérification regarde le carnet de notes ; ou renvoyez-la.'
          where g.status = 'pending';
        set constraints all immediate;
      end
      $passerelle$
      """, on: connection)
  }
}
