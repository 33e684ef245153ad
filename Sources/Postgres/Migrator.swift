/// Brings a database's shape forward, one migration at a time.
///
/// Each migration and its record are one script in one transaction under an advisory lock of that transaction: two
/// migrators at once apply each migration once, a failure leaves nothing, and PgBouncer's transaction pooling is fine.
package struct Migrator: Sendable {
  private let migrations: [Migration]
  private let schema: String

  /// The steps that the program knows, and the schema that holds the table `migrations`.
  package init(_ migrations: [Migration], schema: String = "passerelle") {
    self.migrations = migrations.sorted { $0.number < $1.number }
    self.schema = schema
  }

  /// The highest number that the program knows; 0 without migrations.
  package var latest: Int { migrations.last?.number ?? 0 }

  /// The numbers of the migrations that the database has, ascending.
  package func applied(on connection: Connection) throws(MigrationError) -> [Int] {
    do throws(PostgresError) {
      guard try hasRecord(on: connection) else { return [] }
      let rows = try connection.query("select number from \(identifier: schema).migrations order by number")
      var numbers: [Int] = []
      for row in rows { numbers.append(try row.get("number")) }
      return numbers
    } catch {
      throw .database(error)
    }
  }

  /// The migrations that the database lacks, in order; throws `.databaseNewer` when it has one that the program lacks.
  package func pending(on connection: Connection) throws(MigrationError) -> [Migration] {
    for (index, migration) in migrations.enumerated()
    where migration.number < 1 || (index > 0 && migrations[index - 1].number == migration.number) {
      throw .numbering(migration.number)
    }
    let applied = try applied(on: connection)
    if let newest = applied.last, newest > latest { throw .databaseNewer(database: newest, program: latest) }
    return migrations.filter { !applied.contains($0.number) }
  }

  /// Applies what is pending; `progress` is called after each migration that this call applied.
  package func migrate(on connection: Connection, progress: (Migration) -> Void = { _ in }) throws(MigrationError) {
    let pending = try pending(on: connection)
    if pending.isEmpty { return }
    do throws(PostgresError) {
      if try !hasRecord(on: connection) { try runScript(recordScript, on: connection) }
    } catch {
      throw .database(error)
    }
    for migration in pending {
      do throws(PostgresError) {
        try runScript(script(for: migration), on: connection)
        progress(migration)
      } catch {
        if error.sqlState == Self.alreadyApplied { continue }
        if error.sqlState == Self.newer {
          // Someone with a newer program came between; the refusal names what that program applied.
          throw .databaseNewer(database: try applied(on: connection).last ?? latest, program: latest)
        }
        throw .failed(migration, error)
      }
    }
  }

  /// Applies what is pending inside the transaction that the caller has begun, and answers what that was. Nothing of it
  /// stays when the caller rolls back.
  package func migrate(within connection: Connection) throws(MigrationError) -> [Migration] {
    do throws(PostgresError) {
      try connection.script(lock)
      if try !hasRecord(on: connection) { try connection.script(createRecord) }
    } catch {
      throw .database(error)
    }
    let pending = try pending(on: connection)
    for migration in pending {
      do throws(PostgresError) { try connection.script(body(of: migration)) } catch { throw .failed(migration, error) }
    }
    return pending
  }

  private func hasRecord(on connection: Connection) throws(PostgresError) -> Bool {
    let table = quoted(schema) + ".migrations"
    guard let row = try connection.query("select to_regclass(\(table)) is not null as found").first else {
      return false
    }
    return try row.get("found")
  }

  private func runScript(_ sql: String, on connection: Connection) throws(PostgresError) {
    do throws(PostgresError) {
      try connection.script(sql)
    } catch {
      // The script began a transaction and stopped before its end.
      if connection.isOpen {
        do throws(PostgresError) { try connection.script("rollback") } catch { connection.close() }
      }
      throw error
    }
  }

  // SQLSTATEs of no class that PostgreSQL uses.
  private static let alreadyApplied = "PSM01"
  private static let newer = "PSM02"

  private var lock: String { "select pg_advisory_xact_lock(hashtextextended(\(literal(schema + ".migrations")), 0));" }

  /// CREATE … IF NOT EXISTS is not enough: two of them at once collide on the catalogue's unique indexes. Nor is
  /// to_regnamespace, which may answer from a cache that is older than the lock.
  private var recordScript: String {
    """
    begin isolation level read committed;
    \(lock)
    \(createRecord)
    commit;
    """
  }

  private var createRecord: String {
    """
    do $passerelle$ begin
      if not exists (select from pg_catalog.pg_namespace where nspname = \(literal(schema))) then
        create schema \(quoted(schema));
      end if;
    end $passerelle$;
    create table if not exists \(quoted(schema)).migrations (
      number integer primary key,
      name text not null,
      applied_at timestamptz not null default now());
    """
  }

  private func script(for migration: Migration) -> String {
    """
    begin isolation level read committed;
    \(lock)
    do $passerelle$ begin
      if exists (select from \(quoted(schema)).migrations where number > \(latest)) then
        raise exception 'the database is newer' using errcode = '\(Self.newer)';
      end if;
      if exists (select from \(quoted(schema)).migrations where number = \(migration.number)) then
        raise exception 'already applied' using errcode = '\(Self.alreadyApplied)';
      end if;
    end $passerelle$;
    \(body(of: migration))
    commit;
    """
  }

  private func body(of migration: Migration) -> String {
    """
    \(migration.sql)
    ;
    insert into \(quoted(schema)).migrations (number, name)
      values (\(migration.number), \(literal(migration.name)));
    """
  }

  private func quoted(_ name: String) -> String { ("\(identifier: name)" as Statement).sql }

  /// A string literal that means the same whatever `standard_conforming_strings` says.
  private func literal(_ text: String) -> String {
    var literal = "E'"
    for scalar in text.unicodeScalars {
      if scalar == "'" || scalar == "\\" { literal.append("\\") }
      literal.unicodeScalars.append(scalar)
    }
    return literal + "'"
  }
}
